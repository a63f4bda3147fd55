// Cookies and passwords. To be sent to another site, a cookie has to be
// SameSite=None, Secure and Partitioned.

import { refused, row, same, seen } from '../expect.mjs';

const include = { credentials: 'include' };
const allowed = 'GET 200 actual allowed';
const basic = text =>
    ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });

export default [
    row('a cookie is set, and sent', async ({ app, api, heard }) => {
        same(await app.fetch(api('/own/cookie'), include), { status: 200 });
        same(seen(await app.fetch(api('/own/echo'), include)),
             { cookie: 'id=seven' });
        await heard(allowed, allowed);
    }),
    row('a cookie is not sent unless the page asks for it',
        async ({ app, api }) => {
            await app.fetch(api('/own/cookie'), include);
            same(seen(await app.fetch(api('/own/echo'))), { cookie: null });
        }),
    row('a cookie behind a preflight', async ({ app, api, heard }) => {
        await app.fetch(api('/own/cookie'), include);
        same(seen(await app.fetch(api('/own/echo'), {
            ...include, method: 'PUT', headers: { 'X-Token': 'a' } })),
             { method: 'PUT', token: 'a', cookie: 'id=seven' });
        await heard(allowed, 'OPTIONS 204 preflight allowed',
                    'PUT 200 actual allowed');
    }),
    row('errors are readable with them', async ({ app, api, heard }) => {
        same(await app.fetch(api('/own/missing'), include),
             { status: 404, body: /Not Found/ });
        await heard('GET 404 actual allowed');
    }),
    // The server cannot know what the page wants, so its log says allowed.
    row('are refused by the browser where they are off',
        async ({ app, api, heard }) => {
            same(await app.fetch(api('/listed/hello.txt'), include), refused);
            await heard(allowed);
        }),
    row('are refused by the browser under `*`',
        async ({ app, api, heard }) => {
            same(await app.fetch(api('/any/hello.txt'), include), refused);
            await heard(allowed);
        }),
    row('a preflight without them keeps a request with them at home',
        async ({ app, api, heard }) => {
            same(await app.fetch(api('/write/echo'),
                                 { ...include, method: 'PUT' }), refused);
            await heard('OPTIONS 204 preflight allowed');
        }),
    row('of a stranger are refused', async ({ stranger, api, heard }) => {
        same(await stranger.fetch(api('/own/hello.txt'), include), refused);
        await heard('GET 200 actual denied-origin');
    }),
    // Browsers take `*` for a name here, so the module sends what was asked.
    row('any method and any header', async ({ app, api, heard }) => {
        same(seen(await app.fetch(api('/own-any/echo'), {
            ...include, method: 'DELETE', headers: { 'X-Token': 'a' } })),
             { method: 'DELETE', token: 'a' });
        await heard('OPTIONS 204 preflight allowed',
                    'DELETE 200 actual allowed');
    }),
    row('same-site: even a strict cookie', async ({ app, sibling, heard }) => {
        await app.fetch(sibling('/site/strict-cookie'), include);
        same(seen(await app.fetch(sibling('/site/echo'), include)),
             { cookie: 'strict=eight' });
        await heard(allowed, allowed);
    }),

    row('a policy of one\'s own, and one for everybody else',
        async ({ app, stranger, api, heard }) => {
            const url = api('/policies/hello.txt');
            same(await app.fetch(url, include), { status: 200 });
            same(await stranger.fetch(url), { status: 200 });
            same(await stranger.fetch(url, include), refused);
            await heard(allowed, allowed, allowed);
        }),
    row('a policy of one\'s own has methods of its own',
        async ({ app, stranger, api, heard }) => {
            const url = api('/policies/echo');
            same(await app.fetch(url, { ...include, method: 'PUT' }),
                 { status: 200 });
            same(await stranger.fetch(url, { method: 'PUT' }), refused);
            await heard('OPTIONS 204 preflight allowed',
                'PUT 200 actual allowed',
                'OPTIONS 204 preflight denied-method');
        }),

    row('a preflight comes through authentication, with a password behind it',
        async ({ app, api, heard }) => {
            same(seen(await app.fetch(api('/private/echo'), {
                method: 'PUT', headers: basic('ann:pass') })),
                 { method: 'PUT' });
            await heard('OPTIONS 204 preflight allowed',
                        'PUT 200 actual allowed');
        }),
    row('a wrong password is told as 401', async ({ app, api, heard }) => {
        same(await app.fetch(api('/private/echo'), {
            method: 'PUT', headers: basic('ann:guess') }),
             { status: 401, body: /Unauthorized/ });
        await heard('OPTIONS 204 preflight allowed', 'PUT 401 actual allowed');
    }),
    row('a password together with credentials',
        async ({ app, api, heard }) => {
            same(seen(await app.fetch(api('/private-own/echo'), {
                ...include, method: 'DELETE', headers: basic('ann:pass') })),
                 { method: 'DELETE' });
            await heard('OPTIONS 204 preflight allowed',
                        'DELETE 200 actual allowed');
        }),
];
