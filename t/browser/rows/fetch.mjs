// fetch(): what a listed origin can do and read, and what a stranger cannot.

import { refused, row, same, seen } from '../expect.mjs';

const json = { 'Content-Type': 'application/json' };

export default [
    row('a listed origin reads a response', async ({ app, api, heard }) => {
        same(await app.fetch(api('/listed/hello.txt')),
             { status: 200, type: 'cors', body: 'hello\n' });
        await heard('GET 200 actual allowed');
    }),
    row('a stranger cannot, although the server sent it',
        async ({ stranger, api, heard }) => {
            same(await stranger.fetch(api('/listed/hello.txt')), refused);
            await heard('GET 200 actual denied-origin');
        }),
    row('no-cors gives a stranger nothing that it could read',
        async ({ stranger, api, heard }) => {
            const answer = await stranger.fetch(api('/listed/hello.txt'),
                                                { mode: 'no-cors' });
            same(answer, { status: 0, type: 'opaque', body: '' });
            same(Object.keys(answer.headers), [], 'visible headers');
            // An ordinary GET without Origin.
            await heard('GET 200 - -');
        }),
    row('without a policy nobody reads', async ({ app, api, heard }) => {
        same(await app.fetch(api('/bare/hello.txt')), refused);
        await heard('GET 200 - -');
    }),
    row('CorsEngine Off: nobody reads', async ({ app, api, heard }) => {
        same(await app.fetch(api('/off/hello.txt')), refused);
        await heard('GET 200 - -');
    }),
    row('CorsEngine ReportOnly: nobody reads, the log says who could',
        async ({ app, api, heard }) => {
            same(await app.fetch(api('/report/hello.txt')), refused);
            await heard('GET 200 actual allowed');
        }),

    row('HEAD needs no preflight', async ({ app, api, heard }) => {
        same(await app.fetch(api('/listed/hello.txt'), { method: 'HEAD' }),
             { status: 200, body: '' });
        await heard('HEAD 200 actual allowed');
    }),
    row('POST of a text needs no preflight', async ({ app, api, heard }) => {
        same(seen(await app.fetch(api('/listed/echo'),
                                  { method: 'POST', body: 'text' })),
             { method: 'POST', body: 'text' });
        await heard('POST 200 actual allowed');
    }),
    row('POST of a stranger arrives: CORS protects answers, not requests',
        async ({ stranger, api, heard }) => {
            same(await stranger.fetch(api('/listed/echo'),
                                      { method: 'POST', body: 'text' }),
                 refused);
            await heard('POST 200 actual denied-origin');
        }),
    row('POST of JSON is asked for, and refused unless Content-Type is listed',
        async ({ app, api, heard }) => {
            same(await app.fetch(api('/listed/echo'), {
                method: 'POST', body: '{}', headers: json }), refused);
            await heard('OPTIONS 204 preflight denied-header');
        }),
    row('POST of JSON, where Content-Type is listed',
        async ({ app, api, heard }) => {
            same(seen(await app.fetch(api('/write/echo'), {
                method: 'POST', body: '{}', headers: json })),
                 { method: 'POST', type: 'application/json', body: '{}' });
            await heard('OPTIONS 204 preflight allowed',
                        'POST 200 actual allowed');
        }),
    ...[ 'PUT', 'PATCH', 'DELETE' ].map(
        method => row(`${method}, where it is listed`,
            async ({ app, api, heard }) => {
                same(seen(await app.fetch(api('/write/echo'), { method })),
                     { method });
                await heard('OPTIONS 204 preflight allowed',
                            `${method} 200 actual allowed`);
            })),
    ...[ 'PUT', 'PATCH', 'DELETE' ].map(
        method => row(`${method} is never sent where it is not listed`,
            async ({ app, api, heard }) => {
                same(await app.fetch(api('/listed/echo'), { method }),
                     refused);
                await heard('OPTIONS 204 preflight denied-method');
            })),
    row('browsers make PUT of put', async ({ app, api, heard }) => {
        same(seen(await app.fetch(api('/write/echo'), { method: 'put' })),
             { method: 'PUT' });
        await heard('OPTIONS 204 preflight allowed', 'PUT 200 actual allowed');
    }),
    row('but not PATCH of patch, which is another method',
        async ({ app, api, heard }) => {
            same(await app.fetch(api('/write/echo'), { method: 'patch' }),
                 refused);
            await heard('OPTIONS 204 preflight denied-method');
        }),
    row('PUT of a stranger is never sent',
        async ({ stranger, api, heard }) => {
            same(await stranger.fetch(api('/write/echo'), { method: 'PUT' }),
                 refused);
            await heard('OPTIONS 403 preflight denied-origin');
        }),

    row('a listed header, in whatever case', async ({ app, api, heard }) => {
        same(seen(await app.fetch(api('/write/echo'),
                                  { headers: { 'x-TOKEN': 'a' } })),
             { token: 'a' });
        await heard('OPTIONS 204 preflight allowed', 'GET 200 actual allowed');
    }),
    row('a header under a listed prefix, beside another',
        async ({ app, api, heard }) => {
            same(seen(await app.fetch(api('/write/echo'), { headers: {
                'X-Token': 'a', 'X-Acme-Trace': 'b', ...json } })),
                 { token: 'a' });
            await heard('OPTIONS 204 preflight allowed',
                        'GET 200 actual allowed');
        }),
    row('one header too many, and nothing is sent',
        async ({ app, api, heard }) => {
            same(await app.fetch(api('/write/echo'), { headers: {
                'X-Token': 'a', 'X-Foreign': 'b' } }), refused);
            await heard('OPTIONS 204 preflight denied-header');
        }),
    row('a range is asked for without a preflight, and 206 is readable',
        async ({ app, api, heard }) => {
            same(await app.fetch(api('/listed/hello.txt'),
                                 { headers: { Range: 'bytes=0-3' } }),
                 { status: 206, body: 'hell' });
            await heard('GET 206 actual allowed');
        }),

    row('`*` for any method and header, without credentials',
        async ({ stranger, api, heard }) => {
            same(seen(await stranger.fetch(api('/any/echo'), {
                method: 'DELETE', headers: { 'X-Token': 'a' } })),
                 { method: 'DELETE', token: 'a' });
            await heard('OPTIONS 204 preflight allowed',
                        'DELETE 200 actual allowed');
        }),
    // The standard says no. Both browsers say yes so far; the log says what
    // the standard says.
    row('`*` for headers: browsers take it for Authorization too',
        async ({ stranger, api, heard }) => {
            same(seen(await stranger.fetch(api('/any/echo'), {
                headers: { Authorization: 'Bearer a' } })),
                 { authorization: 'Bearer a' });
            await heard('OPTIONS 204 preflight denied-header',
                        'GET 200 actual allowed');
        }),
    row('Authorization listed beside `*` is right for all',
        async ({ stranger, api, heard }) => {
            same(seen(await stranger.fetch(api('/any-auth/echo'), {
                headers: { Authorization: 'Bearer a', 'X-Token': 'b' } })),
                 { authorization: 'Bearer a', token: 'b' });
            await heard('OPTIONS 204 preflight allowed',
                        'GET 200 actual allowed');
        }),
    row('fetch with keepalive asks for permission too',
        async ({ app, api, heard }) => {
            same(seen(await app.fetch(api('/write/echo'),
                                      { method: 'PUT', keepalive: true })),
                 { method: 'PUT' });
            await heard('OPTIONS 204 preflight allowed',
                        'PUT 200 actual allowed');
        }),
];
