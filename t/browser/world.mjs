// What a row has at hand: visitors at origins, addresses on the server, the
// server's log and the browser's console.
//
//     async ({ app, api, heard }) => {
//         same(await app.fetch(api('/listed/hello.txt')), { status: 200 });
//         await heard('GET 200 actual allowed');
//     }
//
// Each row has addresses of its own (?row=firefox-17), so that no cache of the
// browser hands an answer or a preflight from one row to another.
//
//     origin                       policy of the server
//     app      app.example.com     listed
//     shop     shop.example.com    listed, of app's site
//     old      old.example.com     not listed, of app's site
//     partner  partner.example.net listed
//     stranger stranger.test       not listed
//     home     api.example.org     the server itself
//     embedder app.example.com     a page that embeds with permission only
//
//     address
//     api      api.example.org     of another site than the visitors
//     cdn      cdn.example.org     one more
//     sibling  api.example.com     of app's site
//
// All of it over https; `plain` holds the same over http, and `other` over
// http at another port.

import { Failure } from './expect.mjs';
import { Log } from './log.mjs';

const visitors = {
    app: 'app.example.com', shop: 'shop.example.com', old: 'old.example.com',
    partner: 'partner.example.net', stranger: 'stranger.test',
    home: 'api.example.org', embedder: 'app.example.com',
};

const addresses = {
    api: 'api.example.org', cdn: 'cdn.example.org',
    sibling: 'api.example.com',
};

// A page at an origin, or a frame or worker of it. Its methods are the
// functions of site/visitor.js.
class Visitor {
    constructor(browser, origin, page, place) {
        Object.assign(this, { browser, origin, page, place });
    }

    async do(name, ...args) {
        const page = await this.browser.page(this.origin + this.page);
        const call = this.place
            ? [ 'elsewhere', [ this.place, name, args ] ]
            : [ name, args ];
        return page.evaluate((what, list) => visitor[what](...list), ...call);
    }

    in(place) {
        return new Visitor(this.browser, this.origin, this.page, place);
    }
}

for (const name of [ 'fetch', 'xhr', 'image', 'font', 'fontFace', 'script',
                     'complaint', 'style', 'events', 'socket', 'beacon',
                     'form', 'timing' ]) {
    Visitor.prototype[name] = function (...args) {
        return this.do(name, ...args);
    };
}

const places = (browser, scheme, port, id) => {
    const made = {};
    for (const name in visitors) {
        made[name] = new Visitor(browser,
            `${scheme}://${visitors[name]}:${port}`,
            name === 'embedder' ? '/embedder.html' : '/page.html');
    }
    for (const name in addresses) {
        made[name] = path =>
            `${scheme}://${addresses[name]}:${port}${path}?row=${id}`;
    }
    return made;
};

export class World {
    constructor({ ports, log, patience }, browser, number) {
        const id = `${browser.name}-${number}`;
        Object.assign(this, places(browser, 'https', ports.https, id));
        this.plain = places(browser, 'http', ports.http, id);
        this.other = places(browser, 'http', ports.other, id);
        this.log = new Log(log, id, patience);
        this.browser = browser;
        this.mark = new RegExp(`row=${id}\\b`);
        this.patience = patience;

        // For rows that take apart what they get.
        this.heard = (...lines) => this.log.heard(...lines);
        this.says = pattern => this.waitForMessage(pattern);
        this.read = (...args) => browser.read(...args);
        this.isFirefox = browser.name === 'firefox';
    }

    // The console says so about one of this row's addresses.
    async waitForMessage(pattern) {
        const until = Date.now() + this.patience * 1000 / 3;
        for (;;) {
            const said = this.browser.messages(this.mark);
            if (said.some(text => pattern.test(text))) {
                return;
            }
            if (Date.now() > until) {
                throw new Failure(`the console says:\n  ${said.join('\n  ')}`
                    + `\nexpected: ${pattern}`);
            }
            await new Promise(done => setTimeout(done, 10));
        }
    }

    // For a look at a row that has failed.
    transcript() {
        return [
            ...this.log.lines().map(words => `server: ${words.join(' ')}`),
            ...this.browser.messages(this.mark)
                .map(text => `console: ${text}`),
        ];
    }
}
