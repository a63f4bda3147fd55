// Errors: a page that may read answers reads these too, with status and body,
// instead of "network error".

import { refused, row, same } from '../expect.mjs';

const readable = (name, path, status, body, options = {}, ...before) =>
    row(name, async ({ app, api, heard }) => {
        same(await app.fetch(api(path), options), { status, body });
        await heard(...before,
                    `${options.method || 'GET'} ${status} actual allowed`);
    });

const asked = 'OPTIONS 204 preflight allowed';

export default [
    readable('401 is readable', '/private/hello.txt', 401, /Unauthorized/),
    readable('403 is readable', '/listed/forbidden/hello.txt', 403,
             /Forbidden/),
    readable('404 is readable', '/listed/missing', 404, /Not Found/),
    readable('404 is readable behind a preflight', '/write/status/404', 404,
             'the application says 404', { method: 'DELETE' }, asked),
    readable('405 is readable', '/write/hello.txt', 405, /Method Not Allowed/,
             { method: 'PUT', body: 'text' }, asked),
    readable('416 is readable', '/listed/hello.txt', 416,
             /Range Not Satisfiable/, { headers: { Range: 'bytes=99-' } }),
    readable('500 of httpd\'s own is readable', '/listed/broken', 500,
             /Internal Server Error/),
    readable('500 of the application is readable', '/listed/status/500', 500,
             'the application says 500'),
    readable('502 of the application is readable', '/listed/status/502', 502,
             'the application says 502'),
    readable('503 for an application that is not there is readable',
             '/listed/dead', 503, /Service Unavailable/),
    readable('an ErrorDocument is readable', '/listed/styled/missing', 404,
             /not here, says the site/),
    row('a stranger does not learn that it was an error',
        async ({ stranger, api, heard }) => {
            same(await stranger.fetch(api('/listed/missing')), refused);
            same(await stranger.fetch(api('/private/hello.txt')), refused);
            same(await stranger.fetch(api('/listed/styled/missing')), refused);
            await heard('GET 404 actual denied-origin',
                'GET 401 actual denied-origin',
                'GET 404 actual denied-origin');
        }),
];
