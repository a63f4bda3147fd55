// EventSource, and beacons, which nobody waits for.

import { row, same } from '../expect.mjs';

const allowed = 'GET 200 actual allowed';

export default [
    row('EventSource: events arrive', async ({ app, api, heard }) => {
        same(await app.events(api('/listed/events')), 'event, no cookie');
        await heard(allowed);
    }),
    row('EventSource: not for strangers', async ({ stranger, api, heard }) => {
        same(await stranger.events(api('/listed/events')), 'error');
        await heard('GET 200 actual denied-origin');
    }),
    row('EventSource: with credentials', async ({ app, api, heard }) => {
        await app.fetch(api('/own/cookie'), { credentials: 'include' });
        same(await app.events(api('/own/events'), true), 'event, id=seven');
        await heard(allowed, allowed);
    }),
    row('EventSource: credentials are refused under `*`',
        async ({ app, api, heard }) => {
            same(await app.events(api('/any/events'), true), 'error');
            await heard(allowed);
        }),
    row('a beacon of text goes without asking',
        async ({ app, api, heard }) => {
            same(await app.beacon(api('/listed/echo'), 'text/plain', 'a'),
                 true);
            await heard('POST 200 actual allowed');
        }),
    row('a beacon of JSON is asked for, with credentials',
        async ({ app, api, heard }) => {
            same(await app.beacon(api('/own/echo'), 'application/json', '{}'),
                 true);
            await heard('OPTIONS 204 preflight allowed',
                        'POST 200 actual allowed');
        }),
    row('a beacon of JSON is lost where credentials are off',
        async ({ app, api, heard }) => {
            same(await app.beacon(api('/write/echo'), 'application/json',
                                  '{}'), true);
            await heard('OPTIONS 204 preflight allowed');
        }),
];
