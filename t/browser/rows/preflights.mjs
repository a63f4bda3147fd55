// The preflight cache of the browser: whole lists are sent so that one
// preflight serves them all, and CorsMaxAge says for how long.

import { row, same } from '../expect.mjs';

const use = async (visitor, url, method, headers) =>
    same(await visitor.fetch(url, { method, headers }), { status: 200 });

// Without Access-Control-Max-Age, a preflight is good for 5 seconds. Rows that
// want to see them pass begin before all others.
const passed = async began => {
    const left = began + 5500 - Date.now();
    await new Promise(done => setTimeout(done, Math.max(left, 0)));
};

// A PUT now, and one when those seconds are over.
const again = (name, path, ...second) => row(name,
    async ({ app, api, heard, began }) => {
        await passed(began);
        await use(app, api(path), 'PUT');
        await heard(...second);
    },
    async ({ app, api, heard }) => {
        await use(app, api(path), 'PUT');
        await heard('OPTIONS 204 preflight allowed', 'PUT 200 actual allowed');
    });

export default [
    row('one preflight serves all methods', async ({ app, api, heard }) => {
        for (const method of [ 'PUT', 'DELETE', 'PATCH' ]) {
            await use(app, api('/write/echo'), method);
        }
        await heard('OPTIONS 204 preflight allowed', 'PUT 200 actual allowed',
            'DELETE 200 actual allowed', 'PATCH 200 actual allowed');
    }),
    row('one preflight serves all headers', async ({ app, api, heard }) => {
        const url = api('/write/echo');
        await use(app, url, 'PUT');
        await use(app, url, 'POST', { 'Content-Type': 'application/json' });
        await use(app, url, 'GET', { 'X-Token': 'a' });
        await heard('OPTIONS 204 preflight allowed', 'PUT 200 actual allowed',
            'POST 200 actual allowed', 'GET 200 actual allowed');
    }),
    row('a prefix cannot: each name under it is asked for once',
        async ({ app, api, heard }) => {
            const url = api('/write/echo');
            await use(app, url, 'GET', { 'X-Acme-One': 'a' });
            await use(app, url, 'GET', { 'X-Acme-Two': 'a' });
            await use(app, url, 'GET', { 'X-Acme-Two': 'a' });
            await heard('OPTIONS 204 preflight allowed',
                'GET 200 actual allowed', 'OPTIONS 204 preflight allowed',
                'GET 200 actual allowed', 'GET 200 actual allowed');
        }),
    row('a preflight is for one origin', async ({ app, shop, api, heard }) => {
        await use(app, api('/write/echo'), 'PUT');
        await use(shop, api('/write/echo'), 'PUT');
        await heard('OPTIONS 204 preflight allowed', 'PUT 200 actual allowed',
            'OPTIONS 204 preflight allowed', 'PUT 200 actual allowed');
    }),
    // Firefox keeps `*` as permission for the method that it asked for.
    row('CorsAllowMethods *: Chromium asks once, Firefox for each method',
        async ({ app, api, heard, isFirefox }) => {
            await use(app, api('/any-method/echo'), 'PUT');
            await use(app, api('/any-method/echo'), 'DELETE');
            await heard('OPTIONS 204 preflight allowed',
                'PUT 200 actual allowed',
                ...isFirefox ? [ 'OPTIONS 204 preflight allowed' ] : [],
                'DELETE 200 actual allowed');
        }),
    row('CorsMaxAge 0: a preflight each time', async ({ app, api, heard }) => {
        await use(app, api('/max-zero/echo'), 'PUT');
        await use(app, api('/max-zero/echo'), 'PUT');
        await heard('OPTIONS 204 preflight allowed', 'PUT 200 actual allowed',
            'OPTIONS 204 preflight allowed', 'PUT 200 actual allowed');
    }),
    again('CorsMaxAge 1h is longer than the browser\'s own 5 seconds',
          '/max-long/echo', 'PUT 200 actual allowed'),
    again('so is what the module sends without being told',
          '/write/echo', 'PUT 200 actual allowed'),
    again('CorsMaxAge off leaves it at those 5 seconds', '/max-off/echo',
          'OPTIONS 204 preflight allowed', 'PUT 200 actual allowed'),
    row('CorsMaxAge off: within them, one preflight',
        async ({ app, api, heard }) => {
            const both = api('/max-off/echo');
            const began = Date.now();
            await use(app, both, 'PUT');
            await use(app, both, 'PUT');
            // On a machine so slow that they are over, nothing can be said.
            const slow = Date.now() - began > 4000;
            await heard('OPTIONS 204 preflight allowed',
                'PUT 200 actual allowed',
                ...slow ? [ 'OPTIONS 204 preflight allowed' ] : [],
                'PUT 200 actual allowed');
        }),
];
