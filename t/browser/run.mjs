// Visits the server of t/browser.t with one browser, and writes a line of JSON
// for each row:
//
//     { "ok": true, "name": "...", "said": [ ... ] }
//
// or, where there is no such browser, { "skip": "why" }. The first argument is
// JSON too:
//
//     name      chromium or firefox
//     program   its path; null: there is none
//     modules   the directory that holds node_modules
//     home      an empty directory for everything that the browser writes
//     ports     { http, https, other }
//     log       the access log of the server
//     patience  seconds that anything may take
//
// Further arguments choose rows, by a part of their names.

import { Browser } from './browser.mjs';
import { Failure } from './expect.mjs';
import { World } from './world.mjs';

const topics = [ 'fetch', 'origins', 'preflights', 'errors', 'redirects',
                 'exposed', 'xhr', 'embed', 'frames', 'credentials', 'streams',
                 'gate', 'cache', 'related', 'console', 'explain' ];

// What the server hears when a row is done, it hears too late.
const last = 'nothing reached the server behind a row\'s back';

const say = line => process.stdout.write(JSON.stringify(line) + '\n');

const within = (seconds, work) => {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(
            () => reject(new Failure(`nothing in ${seconds} s`)),
            seconds * 1000);
    });
    return Promise.race([ work, late ]).finally(() => clearTimeout(timer));
};

// Nobody waits for what an orphan has to say.
const watchParent = stop => {
    const parent = process.ppid;
    setInterval(() => process.ppid === parent || stop(), 1000).unref();
};

// What went wrong, or null. Where one row hangs, all may.
const began = Date.now();
const attempt = async (world, patience, part) => {
    if (Date.now() - began > patience * 20000) {
        return [ `given up: the rows take more than ${patience * 20} s` ];
    }
    try {
        await within(patience, part(world));
        return null;
    }
    catch (error) {
        return [ error instanceof Failure ? error.message : error.stack,
                 ...world.transcript() ];
    }
};

const visit = async (settings, rows) => {
    // At any exit, puppeteer kills the browser.
    const stop = () => process.exit(1);
    for (const signal of [ 'SIGTERM', 'SIGINT', 'SIGHUP' ]) {
        process.on(signal, stop);
    }
    process.stdout.on('error', stop);
    watchParent(stop);

    const browser = await Browser.start(settings);
    say({ pid: browser.pid, version: browser.version });

    // Some rows begin early, as time has to pass in the middle of them.
    const { patience } = settings;
    const worlds = rows.map(
        (row, index) => new World(settings, browser, index + 1));
    const early = [];
    for (const [ index, row ] of rows.entries()) {
        early.push(row.first
                   && await attempt(worlds[index], patience, row.first));
        worlds[index].began = Date.now();
    }
    for (const [ index, row ] of rows.entries()) {
        const world = worlds[index];
        const wrong = early[index]
            || await attempt(world, patience, row.run);
        say({ ok: !wrong, name: row.name, said: wrong || [] });
        if (wrong) {
            await browser.forgetPages();
        }
    }

    const late = worlds.flatMap(world => world.log.surplus());
    say({ ok: !late.length, name: last, said: late });
    await browser.stop();
};

const [ argument, ...parts ] = process.argv.slice(2);
const settings = JSON.parse(argument);
const rows = [];
for (const topic of topics) {
    const { default: list } = await import(`./rows/${topic}.mjs`);
    for (const row of list) {
        const name = `${topic}: ${row.name}`;
        if (!parts.length || parts.some(part => name.includes(part))) {
            rows.push({ ...row, name });
        }
    }
}
if (settings.program) {
    await visit(settings, rows);
}
else {
    const skip = `${settings.name} is not installed`;
    [ ...rows, last ].forEach(() => say({ skip }));
}
say({ closed: true });

// Whatever a row that failed may be waiting for.
process.exit();
