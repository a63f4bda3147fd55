// The browser's HTTP cache, which all origins of a site share: what it keeps
// for one must not be what another gets to see. Over http, as Chromium caches
// nothing under a certificate that nobody knows.

import { refused, row, same } from '../expect.mjs';

const hello = { status: 200, body: 'hello\n' };
const allowed = 'GET 200 actual allowed';
const denied  = 'GET 200 actual denied-origin';
// Either asks with the validator of what it keeps, or does not.
const changed = 'GET 200/304 actual allowed';

// Whatever is there, however old.
const cached = { cache: 'force-cache' };

export default [
    row('the cache keeps what a page has read',
        async ({ plain: { app, api }, heard }) => {
            same(await app.fetch(api('/listed/hello.txt')), hello);
            same(await app.fetch(api('/listed/hello.txt'), cached), hello);
            await heard(allowed);
        }),
    row('one origin after the other reads the same address',
        async ({ plain: { app, shop, api }, heard }) => {
            same(await app.fetch(api('/listed/hello.txt')), hello);
            same(await shop.fetch(api('/listed/hello.txt'), cached), hello);
            same(await app.fetch(api('/listed/hello.txt'), cached), hello);
            await heard(allowed, changed, changed);
        }),
    row('a stranger first, and the next one reads',
        async ({ plain: { app, old, api }, heard }) => {
            same(await old.fetch(api('/listed/hello.txt')), refused);
            same(await app.fetch(api('/listed/hello.txt'), cached), hello);
            await heard(denied, changed);
        }),
    row('a listed origin first, and the stranger reads nothing',
        async ({ plain: { app, old, api }, heard }) => {
            same(await app.fetch(api('/listed/hello.txt')), hello);
            same(await old.fetch(api('/listed/hello.txt'), cached), refused);
            await heard(allowed, 'GET 200/304 actual denied-origin');
        }),
    row('an image without crossorigin first, and its pixels are readable',
        async ({ plain: { app, api }, heard }) => {
            same(await app.image(api('/listed/pixel.png')), 'SecurityError');
            same(await app.fetch(api('/listed/pixel.png'), cached),
                 { status: 200 });
            await heard('GET 200 - -', changed);
        }),
    row('304 is readable', async ({ plain: { app, api }, heard }) => {
        same(await app.fetch(api('/listed/hello.txt')), hello);
        same(await app.fetch(api('/listed/hello.txt'),
                             { cache: 'no-cache' }), hello);
        await heard(allowed, 'GET 304 actual allowed');
    }),
    row('`*` is the same for all, so the cache has one for all',
        async ({ plain: { app, shop, api }, heard }) => {
            same(await app.fetch(api('/any/hello.txt')), hello);
            same(await shop.fetch(api('/any/hello.txt'), cached), hello);
            await heard(allowed);
        }),
    row('`*`: an image first, and its pixels are readable',
        async ({ plain: { app, api }, heard, isFirefox }) => {
            same(await app.image(api('/any/pixel.png')), 'SecurityError');
            same(await app.fetch(api('/any/pixel.png'), cached),
                 { status: 200 });
            // Firefox asks again for what it got without CORS.
            await heard('GET 200 - -', ...isFirefox ? [ changed ] : []);
        }),
];
