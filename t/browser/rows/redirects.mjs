// Redirects: browsers check each response on the way, and say Origin: null
// once a redirect has led from one foreign origin to another.

import { refused, row, same, seen } from '../expect.mjs';

const hello = { status: 200, body: 'hello\n' };

export default [
    row('within the server, followed', async ({ app, api, heard }) => {
        const url = api('/listed/to-text');
        same(await app.fetch(url), { ...hello, redirected: true,
            url: url.replace('to-text', 'hello.txt') });
        await heard('GET 302 actual allowed', 'GET 200 actual allowed');
    }),
    row('no stranger follows', async ({ stranger, api, heard }) => {
        same(await stranger.fetch(api('/listed/to-text')), refused);
        await heard('GET 302 actual denied-origin');
    }),
    row('a POST becomes a GET at 303', async ({ app, api, heard }) => {
        same(seen(await app.fetch(api('/listed/see-echo'),
                                  { method: 'POST', body: 'text' })),
             { method: 'GET', body: '' });
        await heard('POST 303 actual allowed', 'GET 200 actual allowed');
    }),
    row('from the page\'s own site, Origin is kept',
        async ({ app, api, heard }) => {
            const own = new URL(api('/listed/to-api/hello.txt'));
            same(await app.fetch(`${app.origin}${own.pathname}${own.search}`),
                 hello);
            await heard('GET 307 - -', 'GET 200 actual allowed');
        }),
    row('to one more origin: null, which `*` allows',
        async ({ app, api, heard }) => {
            same(await app.fetch(api('/any/to-cdn/hello.txt')), hello);
            await heard('GET 307 actual allowed', 'GET 200 actual allowed');
        }),
    row('to one more origin: null, which a list does not allow',
        async ({ app, api, heard }) => {
            same(await app.fetch(api('/listed/to-cdn/hello.txt')), refused);
            await heard('GET 307 actual allowed',
                        'GET 200 actual denied-origin');
        }),
    row('a preflighted request is redirected: each address is asked',
        async ({ app, api, heard }) => {
            same(seen(await app.fetch(api('/write/to-echo'),
                                      { method: 'PUT', body: 'text' })),
                 { method: 'PUT', body: 'text' });
            await heard('OPTIONS 204 preflight allowed',
                'PUT 307 actual allowed', 'OPTIONS 204 preflight allowed',
                'PUT 200 actual allowed');
        }),
    row('a preflighted request goes to one more origin, as null',
        async ({ app, api, heard }) => {
            same(seen(await app.fetch(api('/any/to-cdn/echo'),
                                      { method: 'PUT', body: 'text' })),
                 { method: 'PUT', body: 'text' });
            await heard('OPTIONS 204 preflight allowed',
                'PUT 307 actual allowed', 'OPTIONS 204 preflight allowed',
                'PUT 200 actual allowed');
        }),
    row('from http to https: another origin, so null',
        async ({ plain: { app, api }, heard }) => {
            same(await app.fetch(api('/any/to-https/hello.txt')), hello);
            same(await app.fetch(api('/listed/to-https/hello.txt')), refused);
            await heard('GET 301 actual allowed', 'GET 200 actual allowed',
                'GET 301 actual allowed', 'GET 200 actual denied-origin');
        }),
    row('to the slash of a directory', async ({ app, api, heard }) => {
        same(await app.fetch(api('/listed/folder')),
             { status: 200, body: 'index\n', redirected: true });
        await heard('GET 301 actual allowed', 'GET 200 actual allowed');
    }),
    row('redirect: manual shows that there is one, and no more',
        async ({ app, api, heard }) => {
            const answer = await app.fetch(api('/listed/to-text'),
                                           { redirect: 'manual' });
            same(answer, { status: 0, type: 'opaqueredirect' });
            same(Object.keys(answer.headers), [], 'visible headers');
            await heard('GET 302 actual allowed');
        }),
];
