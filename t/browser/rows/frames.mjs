// Frames and workers: some have the origin of the page that made them, and
// some have none, which is Origin: null.

import { refused, row, same } from '../expect.mjs';

const hello = { status: 200, body: 'hello\n' };
const allowed = 'GET 200 actual allowed';
const denied  = 'GET 200 actual denied-origin';

const from = (place, who, path, wanted, log, name) => row(
    `${place}: ${name}`, async world => {
        const visitor = world[who].in(place);
        same(await visitor.fetch(world.api(path)), wanted);
        await world.heard(log);
    });

export default [
    ...[ 'sandboxed frame', 'data frame' ].flatMap(place => [
        from(place, 'app', '/listed/hello.txt', refused, denied,
             'null is not the page\'s origin'),
        from(place, 'app', '/null/hello.txt', hello, allowed,
             'null, where that is listed'),
        from(place, 'stranger', '/null/hello.txt', hello, allowed,
             'null, whoever made it'),
        from(place, 'app', '/any/hello.txt', hello, allowed,
             'null is somebody, under `*`'),
    ]),
    row('CorsAllowOrigin null is for nobody else',
        async ({ app, api, heard }) => {
            same(await app.fetch(api('/null/hello.txt')), refused);
            await heard(denied);
        }),
    row('sandboxed frame: a preflight from null',
        async ({ app, api, heard }) => {
            const frame = app.in('sandboxed frame');
            same(await frame.fetch(api('/any/echo'), { method: 'PUT' }),
                 { status: 200 });
            same(await frame.fetch(api('/write/echo'), { method: 'PUT' }),
                 refused);
            await heard('OPTIONS 204 preflight allowed',
                'PUT 200 actual allowed',
                'OPTIONS 403 preflight denied-origin');
        }),
    ...[ 'srcdoc frame', 'blob frame', 'worker', 'blob worker',
         'shared worker' ].flatMap(place => [
        from(place, 'app', '/listed/hello.txt', hello, allowed,
             'the page\'s origin'),
        from(place, 'stranger', '/listed/hello.txt', refused, denied,
             'a stranger stays one'),
    ]),
    row('worker: a preflight', async ({ app, api, heard }) => {
        same(await app.in('worker').fetch(api('/write/echo'),
                                          { method: 'PUT' }),
             { status: 200 });
        await heard('OPTIONS 204 preflight allowed', 'PUT 200 actual allowed');
    }),
];
