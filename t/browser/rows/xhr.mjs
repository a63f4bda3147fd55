// XMLHttpRequest, whose rules are a little older than those of fetch().

import { row, same } from '../expect.mjs';

export default [
    row('a listed origin reads', async ({ app, api, heard }) => {
        same(await app.xhr(api('/listed/hello.txt'), {}),
             { status: 200, body: 'hello\n' });
        await heard('GET 200 actual allowed');
    }),
    row('a stranger sees status 0', async ({ stranger, api, heard }) => {
        same(await stranger.xhr(api('/listed/hello.txt'), {}),
             { error: 'error', status: 0 });
        await heard('GET 200 actual denied-origin');
    }),
    row('errors are readable', async ({ app, api, heard }) => {
        same(await app.xhr(api('/listed/missing'), {}),
             { status: 404, body: /Not Found/ });
        await heard('GET 404 actual allowed');
    }),
    row('who listens to the upload is asked first, even for a plain POST',
        async ({ app, api, heard }) => {
            same(await app.xhr(api('/listed/echo'), {
                method: 'POST', body: 'text', upload: true }),
                 { status: 200, uploaded: 4, body: /"body":"text"/ });
            await heard('OPTIONS 204 preflight allowed',
                        'POST 200 actual allowed');
        }),
    row('a stranger who listens to the upload sends nothing',
        async ({ stranger, api, heard }) => {
            same(await stranger.xhr(api('/listed/echo'), {
                method: 'POST', body: 'text', upload: true }),
                 { error: 'error' });
            await heard('OPTIONS 403 preflight denied-origin');
        }),
    row('PUT with a listed header', async ({ app, api, heard }) => {
        same(await app.xhr(api('/write/echo'), {
            method: 'PUT', body: '{}',
            headers: { 'X-Token': 'a', 'Content-Type': 'application/json' },
        }), { status: 200, body: /"token":"a"/ });
        await heard('OPTIONS 204 preflight allowed', 'PUT 200 actual allowed');
    }),
    row('withCredentials, where credentials are on',
        async ({ app, api, heard }) => {
            await app.xhr(api('/own/cookie'), { credentials: true });
            same(await app.xhr(api('/own/echo'), { credentials: true }),
                 { status: 200, body: /"cookie":"id=seven"/ });
            await heard('GET 200 actual allowed', 'GET 200 actual allowed');
        }),
    // The server cannot know what the page wants, so its log says allowed.
    row('withCredentials is refused by the browser where they are off',
        async ({ app, api, heard }) => {
            same(await app.xhr(api('/listed/hello.txt'),
                               { credentials: true }), { error: 'error' });
            await heard('GET 200 actual allowed');
        }),
    row('getAllResponseHeaders holds what is exposed',
        async ({ app, api }) => {
            const { names } = await app.xhr(api('/exposed-list/fields'), {});
            same(names.filter(name => name.startsWith('x-')),
                 [ 'x-acme-one' ], 'visible headers');
        }),
];
