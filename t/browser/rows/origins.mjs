// Which origins: what browsers send as Origin, and whom the server takes it
// for.

import { refused, row, same } from '../expect.mjs';

// Several origins ask for the same address; each is to ask the server.
const fresh = { cache: 'no-store' };
const reads = async (visitor, url) =>
    same(await visitor.fetch(url, fresh), { status: 200, body: 'hello\n' });
const cannot = async (visitor, url) =>
    same(await visitor.fetch(url, fresh), refused);

export default [
    row('the scheme is significant', async ({ plain, api, heard }) => {
        await cannot(plain.partner, plain.api('/listed/hello.txt'));
        await heard('GET 200 actual denied-origin');
    }),
    row('the port is significant', async ({ other, plain, heard }) => {
        await cannot(other.app, plain.api('/listed/hello.txt'));
        await reads(plain.app, plain.api('/listed/hello.txt'));
        await heard('GET 200 actual denied-origin', 'GET 200 actual allowed');
    }),
    row('a wildcard stands for subdomains only',
        async ({ app, old, partner, api, heard }) => {
            await reads(app, api('/wild/hello.txt'));
            await reads(old, api('/wild/hello.txt'));
            await cannot(partner, api('/wild/hello.txt'));
            await heard('GET 200 actual allowed', 'GET 200 actual allowed',
                        'GET 200 actual denied-origin');
        }),
    row('-origin takes one out of a wildcard',
        async ({ app, old, api, heard }) => {
            await reads(app, api('/carved/hello.txt'));
            await cannot(old, api('/carved/hello.txt'));
            await heard('GET 200 actual allowed',
                        'GET 200 actual denied-origin');
        }),
    row('CorsAllowOriginMatch knows who comes',
        async ({ app, partner, api, heard }) => {
            await reads(partner, api('/match/hello.txt'));
            await cannot(app, api('/match/hello.txt'));
            await heard('GET 200 actual allowed',
                        'GET 200 actual denied-origin');
        }),
    row('`*` is for everybody', async ({ stranger, plain, api, heard }) => {
        await reads(stranger, api('/any/hello.txt'));
        await reads(plain.stranger, api('/any/hello.txt'));
        await heard('GET 200 actual allowed', 'GET 200 actual allowed');
    }),
    row('same-site: the pages of the same registrable domain',
        async ({ old, partner, sibling, heard }) => {
            await reads(old, sibling('/site/hello.txt'));
            await cannot(partner, sibling('/site/hello.txt'));
            await heard('GET 200 actual allowed',
                        'GET 200 actual denied-origin');
        }),
    row('same-site over https is not for pages over http',
        async ({ plain, sibling, heard }) => {
            await cannot(plain.old, sibling('/site/hello.txt'));
            await heard('GET 200 actual denied-origin');
        }),
];
