// Response headers: what pages see of them.

import { row, same } from '../expect.mjs';

// Of the application's X-Acme-One, X-Acme-Two and X-Other, those.
const shows = (name, path, names, options) => row(name,
    async ({ app, api, heard }) => {
        const answer = await app.fetch(api(path), options);
        same(answer, { status: 200, body: 'fields' });
        const seen = Object.keys(answer.headers)
            .filter(header => /^(?:x-|set-cookie|access|vary)/.test(header)
                && header !== 'x-firefox-spdy');
        same(seen.sort(), names, 'visible headers');
        await heard('GET 200 actual allowed');
    });

const include = { credentials: 'include' };
const acme = [ 'x-acme-one', 'x-acme-two' ];

export default [
    shows('none: only what is always visible',
          '/exposed-none/fields', []),
    shows('a listed name', '/exposed-list/fields', [ 'x-acme-one' ]),
    shows('the names under a prefix', '/exposed-prefix/fields', acme),
    shows('a prefix, with credentials', '/own/fields', acme, include),
    shows('not set: what the application exposes',
          '/listed/fields', [ 'x-other' ]),
    // The browser takes it for all of them, but for cookies.
    shows('`*`', '/any/fields',
          [ 'access-control-allow-origin', 'access-control-expose-headers',
            ...acme, 'x-other' ]),
    shows('`*` with credentials is turned into the names that are there',
          '/own-any/fields', [ ...acme, 'x-other' ], include),
    row('`*` with credentials, and Content-Range of a range',
        async ({ app, api, heard }) => {
            same(await app.fetch(api('/own-any/hello.txt'), {
                ...include, headers: { Range: 'bytes=0-3' } }),
                 { status: 206,
                   headers: { 'content-range': 'bytes 0-3/6' } });
            await heard('GET 206 actual allowed');
        }),
];
