// What pages embed: fonts, images on a canvas, scripts, style sheets.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { row, same } from '../expect.mjs';

const site = name => readFileSync(new URL(`../site/${name}`, import.meta.url));
const integrity = name =>
    `sha384-${createHash('sha384').update(site(name)).digest('base64')}`;

const red = [ 255, 0, 0, 255 ];
const allowed = 'GET 200 actual allowed';
const denied  = 'GET 200 actual denied-origin';

// `what` is a function of site/visitor.js.
const sees = (name, who, what, path, more, wanted, ...log) => row(name,
    async world => {
        same(await world[who][what](world.api(path), ...more), wanted);
        await world.heard(...log);
    });

export default [
    sees('a web font is loaded', 'app', 'font', '/listed/font.ttf', [],
         'loaded', allowed),
    sees('a web font that a style sheet names is loaded', 'app', 'fontFace',
         '/listed/font.ttf', [], 'loaded', allowed),
    sees('a web font is not for strangers', 'stranger', 'font',
         '/listed/font.ttf', [], 'error', denied),
    sees('a web font is not for anybody without a policy', 'app', 'font',
         '/bare/font.ttf', [], 'error', 'GET 200 - -'),

    sees('an image with crossorigin can be read from a canvas', 'app',
         'image', '/listed/pixel.png', [ 'anonymous' ], red, allowed),
    sees('without it the canvas is tainted, whatever is allowed', 'app',
         'image', '/listed/pixel.png', [], 'SecurityError', 'GET 200 - -'),
    sees('an image with crossorigin is not for strangers', 'stranger',
         'image', '/listed/pixel.png', [ 'anonymous' ], 'not loaded', denied),
    sees('an image with credentials, where they are on', 'app', 'image',
         '/own/pixel.png', [ 'use-credentials' ], red, allowed),
    sees('an image with credentials is refused under `*`', 'app', 'image',
         '/any/pixel.png', [ 'use-credentials' ], 'not loaded', allowed),
    sees('an image without credentials under `*`', 'stranger', 'image',
         '/any/pixel.png', [ 'anonymous' ], red, allowed),

    sees('a module script and what it imports', 'app', 'script',
         '/listed/module.mjs', [ { type: 'module' } ],
         'module and its import', allowed),
    sees('a module script is not for strangers', 'stranger', 'script',
         '/listed/module.mjs', [ { type: 'module' } ], 'not loaded', denied),
    sees('a script with crossorigin and integrity', 'app', 'script',
         '/listed/script.js', [ { cors: 'anonymous',
                                  integrity: integrity('script.js') } ],
         'script', allowed),
    sees('a script with integrity is not for strangers', 'stranger', 'script',
         '/listed/script.js', [ { cors: 'anonymous',
                                  integrity: integrity('script.js') } ],
         'not loaded', denied),
    sees('errors of a script with crossorigin are told', 'app', 'complaint',
         '/listed/broken.js', [ 'anonymous' ], /the secret reason/, allowed),

    sees('a style sheet with crossorigin shows its rules', 'app', 'style',
         '/listed/style.css', [ 'anonymous' ], 2, allowed),
    sees('a style sheet without it does not', 'app', 'style',
         '/listed/style.css', [], 'SecurityError', 'GET 200 - -'),
    sees('a style sheet with crossorigin is not for strangers', 'stranger',
         'style', '/listed/style.css', [ 'anonymous' ], 'not loaded', denied),
];
