// Headers that go with CORS: Timing-Allow-Origin and
// Cross-Origin-Resource-Policy, also for a page that embeds nothing without
// either (Cross-Origin-Embedder-Policy: require-corp).

import { row, same } from '../expect.mjs';

// Image without crossorigin: on a canvas it is tainted, if it comes at all.
const shown = 'SecurityError';
const image = (name, who, address, path, wanted) => row(name,
    async world => {
        same(await world[who].image(world[address](path)), wanted);
        await world.heard('GET 200 - -');
    });

export default [
    row('CorsTimingAllowOrigin: a listed origin sees the times',
        async ({ app, api }) => {
            same(await app.timing(api('/timing/hello.txt')),
                 { start: true, size: true });
        }),
    row('without it nobody does', async ({ app, api }) => {
        same(await app.timing(api('/listed/hello.txt')),
             { start: false, size: false });
    }),
    row('CorsTimingAllowOrigin: a stranger does not',
        async ({ stranger, api }) => {
            same(await stranger.timing(api('/timing/hello.txt')),
                 { start: false, size: false });
        }),
    image('CorsResourcePolicy same-origin keeps an image from other origins',
          'app', 'api', '/resource-same-origin/pixel.png', 'not loaded'),
    image('CorsResourcePolicy same-origin keeps it from the same site too',
          'app', 'sibling', '/resource-same-origin/pixel.png', 'not loaded'),
    image('CorsResourcePolicy same-site lets the site have it',
          'app', 'sibling', '/resource-same-site/pixel.png', shown),
    image('CorsResourcePolicy same-site keeps it from other sites',
          'app', 'api', '/resource-same-site/pixel.png', 'not loaded'),
    image('CorsResourcePolicy cross-origin lets everybody have it',
          'stranger', 'api', '/resource-cross-origin/pixel.png', shown),
    image('no CorsResourcePolicy, and everybody has it',
          'stranger', 'api', '/bare/pixel.png', shown),

    image('an embedder does not get an image without a policy',
          'embedder', 'api', '/bare/pixel.png', 'not loaded'),
    image('CorsResourcePolicy cross-origin lets an embedder have it',
          'embedder', 'api', '/resource-cross-origin/pixel.png', shown),
    row('an embedder gets an image by CORS',
        async ({ embedder, api, heard }) => {
            same(await embedder.image(api('/listed/pixel.png'), 'anonymous'),
                 [ 255, 0, 0, 255 ]);
            await heard('GET 200 actual allowed');
        }),
];
