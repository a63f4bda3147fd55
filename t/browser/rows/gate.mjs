// CorsRejectUnlisted: what CORS itself does not keep out.

import { refused, row, same, seen } from '../expect.mjs';

const post = { method: 'POST', body: 'text' };

export default [
    row('a stranger\'s POST comes to the application without the gate',
        async ({ stranger, api, heard }) => {
            await stranger.fetch(api('/listed/echo'),
                                 { ...post, mode: 'no-cors' });
            await heard('POST 200 actual denied-origin');
        }),
    row('the gate rejects it', async ({ stranger, api, heard }) => {
        await stranger.fetch(api('/gate/echo'), { ...post, mode: 'no-cors' });
        await heard('POST 403 actual rejected');
    }),
    row('the gate rejects a stranger\'s form',
        async ({ stranger, api, heard }) => {
            await stranger.form(api('/gate/echo'), 'POST');
            await heard('POST 403 actual rejected');
        }),
    row('the gate lets a stranger link', async ({ stranger, api, heard }) => {
        await stranger.form(api('/gate/hello.txt'), 'GET');
        await heard('GET 200 - -');
    }),
    row('the gate is open for a listed origin',
        async ({ app, api, heard }) => {
            same(seen(await app.fetch(api('/gate/echo'),
                                      { method: 'PUT', body: 'text' })),
                 { method: 'PUT' });
            await heard('OPTIONS 204 preflight allowed',
                        'PUT 200 actual allowed');
        }),
    row('the gate never stops the site\'s own pages',
        async ({ home, api, heard }) => {
            same(seen(await home.fetch(api('/gate/echo'),
                                       { method: 'PUT', body: 'text' })),
                 { method: 'PUT' });
            await home.form(api('/gate/echo'), 'POST');
            await heard('PUT 200 actual denied-origin',
                        'POST 200 actual denied-origin');
        }),

    row('a WebSocket asks nobody: a stranger has it without the gate',
        async ({ stranger, api, heard }) => {
            same(await stranger.socket(api('/listed/ws')), 'echo hello');
            await heard('GET 101 actual denied-origin');
        }),
    row('a WebSocket behind the gate is not for strangers',
        async ({ stranger, api, heard }) => {
            same(await stranger.socket(api('/gate/ws')), 'error');
            await heard('GET 403 actual rejected');
        }),
    row('a WebSocket behind the gate, for a listed origin',
        async ({ app, api, heard }) => {
            same(await app.socket(api('/gate/ws')), 'echo hello');
            await heard('GET 101 actual allowed');
        }),
    row('a WebSocket behind the gate, for the site\'s own pages',
        async ({ home, api }) => {
            same(await home.socket(api('/gate/ws')), 'echo hello');
        }),
    row('a stranger behind the gate reads nothing',
        async ({ stranger, api, heard }) => {
            same(await stranger.fetch(api('/gate/hello.txt')), refused);
            await heard('GET 403 actual rejected');
        }),
];
