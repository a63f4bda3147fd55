// What the console tells the developer. Browsers word it as they like; the
// thing that is missing should be named.

import { refused, row, same } from '../expect.mjs';

const tells = (name, who, path, options, pattern) => row(name,
    async world => {
        same(await world[who].fetch(world.api(path), options), refused);
        await world.says(pattern);
    });

const include = { credentials: 'include' };

export default [
    tells('Access-Control-Allow-Origin is missing, for a stranger',
          'stranger', '/listed/hello.txt', {}, /Access-Control-Allow-Origin/),
    // The log is where it is said that the origin is not listed.
    tells('the same after a preflight refused with 403',
          'stranger', '/write/echo', { method: 'PUT' },
          /Access-Control-Allow-Origin/),
    tells('the method that is not allowed', 'app', '/listed/echo',
          { method: 'PUT' }, /Access-Control-Allow-Methods/),
    tells('the header that is not allowed', 'app', '/listed/echo',
          { headers: { 'X-Token': 'a' } },
          /x-token.*Access-Control-Allow-Headers/i),
    tells('credentials that are not allowed', 'app', '/listed/hello.txt',
          include, /Access-Control-Allow-Credentials/),
    tells('`*` with credentials', 'app', '/any/hello.txt', include,
          /[*].*credential|credential.*[*]/is),
];
