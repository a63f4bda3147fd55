// The load of the endurance test, and the judge of each answer. It is told
// what to ask and what is due in a file (see t/soak/run, which starts it), and
// what happens meanwhile, a line each, on standard input:
//
//     go COUNT RATE     send so many requests more, not faster than RATE a
//                       second
//     restart N         generation N begins as soon as {ready} is said
//     restarted N       only generation N answers from now on
//     pause             wait for the answers and close all connections
//     end               the same, and end
//
// It writes objects of JSON, a line each: {progress}, {ready}, {failure},
// {paused} and {result}.
//
// A request on a fresh connection gets its answer, whatever happens. One on a
// connection that has served before may meet the server's farewell: while it
// restarts, httpd closes idle connections, and HTTP/2 says GOAWAY. Clients
// have to expect that of persistent connections (RFC 9112, section 9.3.1;
// RFC 9113, section 6.8): they send the request again. So does this one, on a
// fresh connection, and counts it. At any other time it is a loss.
//
// mod_http2 may give a connection back to the MPM before its first request has
// come, and a child that ends closes it as it does idle ones; so a request of
// HTTP/2 is sent again then, too, twice at most. Both happen without this
// module as well (BARE=1 t/soak/run).

import fs from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import readline from 'node:readline';

const plan = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));

const MOST = 20;                // requests under way at a time
const PATIENCE = plan.patience * 1000;
const GRACE = 1000;             // a farewell may arrive after the restart
const TRICKLE = 10;             // ms between the least there is to ask
const STREAMS = 300;            // requests of one HTTP/2 connection

// ---------------------------------------------------------------------------
// Chance, the same every time
// ---------------------------------------------------------------------------

let seed = plan.seed >>> 0;
function chance() {             // mulberry32
    seed = (seed + 0x6d2b79f5) >>> 0;
    let t = Math.imul(seed ^ seed >>> 15, seed | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
}

function chooser(items) {
    const sum = items.reduce((all, item) => all + item.weight, 0);
    return () => {
        let left = chance() * sum;
        return items.find(item => (left -= item.weight) < 0)
            || items[items.length - 1];
    };
}

const chooseWay = chooser(plan.over);
const chooseKind = {};
for (const { name } of plan.over) {
    chooseKind[name] = chooser(plan.kinds.map(kind => ({
        ...kind,
        rows: kind.rows.filter(row => !row.over || row.over.includes(name)),
    })).filter(kind => kind.rows.length));
}

// ---------------------------------------------------------------------------
// Ways to ask: each gives { status, fields: [[name, value], ...], body }, or
// an error; `reused` says whether the connection had served before
// ---------------------------------------------------------------------------

const once = { keepAlive: false };
const kept = { keepAlive: true, scheduling: 'fifo' };
const tls = { rejectUnauthorized: false };
const served = new WeakSet();   // connections that have taken a request

class Http1 {
    constructor(library, port, options) {
        Object.assign(this, { library, port, options });
        this.open();
    }

    open() { this.agent = new this.library.Agent(this.options); }

    close() {
        this.agent.destroy();
        this.open();
    }

    ask(row, again) {
        return new Promise((resolve, reject) => {
            const fields = { Host: row.host };
            for (let i = 0; i < row.fields.length; i += 2) {
                fields[row.fields[i]] = row.fields[i + 1];
            }
            const body = row.body === undefined ? null : row.body;
            if (body !== null) {
                fields['Content-Length'] = Buffer.byteLength(body);
            }
            const request = this.library.request({
                host: '127.0.0.1', port: this.port, method: row.method,
                path: row.path, headers: fields, servername: 'localhost',
                agent: again ? false : this.agent, ...tls,
            });
            let reused = false;
            request.on('socket', (socket) => {
                reused = served.has(socket);
                served.add(socket);
            });
            const fail = error => reject(Object.assign(error, { reused }));
            request.setTimeout(PATIENCE, () => request.destroy(
                Object.assign(new Error('no answer in time'),
                              { late: true })));
            request.on('error', fail);
            request.on('response', (answer) => {
                const parts = [];
                const raw = answer.rawHeaders;
                const list = [];
                for (let i = 0; i < raw.length; i += 2) {
                    list.push([raw[i], raw[i + 1]]);
                }
                answer.on('data', part => parts.push(part));
                answer.on('error', (error) => reject(Object.assign(
                    error, { begun: true })));
                answer.on('end', () => resolve({
                    status: answer.statusCode, fields: list,
                    body: Buffer.concat(parts).toString('latin1'),
                }));
            });
            request.end(body);
        });
    }
}

class Http2 {
    constructor(url, count) {
        Object.assign(this, { url, sessions: new Array(count).fill(null),
                              next: 0 });
    }

    open() {
        const session = http2.connect(this.url, tls);
        session.asked = session.underway = 0;
        session.on('error', () => {});      // its streams tell
        session.on('goaway', () => { session.leaving = true; });
        return session;
    }

    close() {
        this.sessions.forEach(session => session && session.close());
        this.sessions.fill(null);
    }

    // A connection that still takes requests.
    session() {
        const at = this.next++ % this.sessions.length;
        let session = this.sessions[at];
        if (!session || session.closed || session.destroyed
            || session.leaving || session.asked >= STREAMS) {
            const retired = session;
            session = this.sessions[at] = this.open();
            if (retired) {
                this.retire(retired);
            }
        }
        return session;
    }

    // A GOAWAY of ours ends what is under way: httpd takes it for the end.
    retire(session) {
        if (session.underway === 0 && !this.sessions.includes(session)) {
            session.close();
        }
    }

    leave(session) {
        session.underway--;
        this.retire(session);
    }

    ask(row, again) {
        return new Promise((resolve, reject) => {
            const session = again ? this.open() : this.session();
            const reused = session.asked++ > 0;
            session.underway++;
            const scheme = this.url.split(':')[0];
            const fields = { ':method': row.method, ':path': row.path,
                             ':scheme': scheme, ':authority': row.host };
            for (let i = 0; i < row.fields.length; i += 2) {
                fields[row.fields[i]] = row.fields[i + 1];
            }
            let begun = false;
            let answer = null;
            const fail = error => reject(Object.assign(error,
                                                       { reused, begun }));
            let stream;
            try {
                stream = session.request(fields,
                    { endStream: row.body === undefined });
            }
            catch (error) {
                this.leave(session);
                fail(error);
                return;
            }
            const parts = [];
            stream.setTimeout(PATIENCE, () => {
                fail(Object.assign(new Error('no answer in time'),
                                   { late: true }));
                stream.close();
            });
            stream.on('error', fail);
            stream.on('response', (named, flags, raw) => {
                begun = true;
                answer = { status: named[':status'], fields: [] };
                for (let i = 0; i < raw.length; i += 2) {
                    if (raw[i][0] !== ':') {
                        answer.fields.push([raw[i], raw[i + 1]]);
                    }
                }
            });
            stream.on('data', part => parts.push(part));
            stream.on('close', () => {
                this.leave(session);
                if (!answer || !ended || stream.rstCode) {
                    fail(new Error(`the stream ends with ${stream.rstCode}`));
                    return;
                }
                answer.body = Buffer.concat(parts).toString('latin1');
                resolve(answer);
            });
            let ended = false;
            stream.on('end', () => { ended = true; });
            stream.resume();
            if (row.body !== undefined) {
                stream.end(row.body);
            }
        });
    }
}

const [port, tlsPort] = plan.ports;
const ways = {
    'h1': () => new Http1(http, port, { ...kept, maxSockets: 12 }),
    'close': () => new Http1(http, port, once),
    'https': () => new Http1(https, tlsPort, { ...kept, maxSockets: 6 }),
    'https-close': () => new Http1(https, tlsPort, once),
    'h2': () => new Http2(`https://127.0.0.1:${tlsPort}`, 3),
    'h2c': () => new Http2(`http://127.0.0.1:${port}`, 3),
};
const way = {};
for (const { name } of plan.over) {
    way[name] = ways[name]();
}

// ---------------------------------------------------------------------------
// What is wrong with an answer
// ---------------------------------------------------------------------------

const CORS = {
    acao: 'access-control-allow-origin',
    acac: 'access-control-allow-credentials',
    acam: 'access-control-allow-methods',
    acah: 'access-control-allow-headers',
    aceh: 'access-control-expose-headers',
    acma: 'access-control-max-age',
    vary: 'vary',
};
// Lists are sets; the names of headers have no letter case.
const LISTS = { acam: s => s, acah: s => s.toLowerCase(),
                aceh: s => s.toLowerCase(), vary: s => s.toLowerCase() };

function comparable(key, value) {
    return LISTS[key]
        ? LISTS[key](value).split(/\s*,\s*/).sort().join(', ') : value;
}

function wrongs(row, answer, first, last) {
    const found = new Map();
    const wrong = [];
    for (const [name, value] of answer.fields) {
        const key = name.toLowerCase();
        if (!found.has(key)) {
            found.set(key, []);
        }
        found.get(key).push(value);
    }
    const one = (name) => {
        const values = found.get(name);
        if (values && values.length > 1) {
            wrong.push(`${name} comes ${values.length} times`);
        }
        return values ? values[0] : undefined;
    };

    // mod_http2 sends what `Header always` sets on a 416 twice.
    const generations = [...new Set(found.get('x-generation'))];
    const generation = generations[0];
    if (generations.length !== 1 || !/^\d+$/.test(generation)) {
        return [`generations '${generations.join(', ')}'`];
    }
    if (generation > last || (!row.stale && generation < first)) {
        wrong.push(`generation ${generation} answers,`
                   + ` and is not one of ${first} to ${last}`);
    }
    let due = row.due[generation % row.due.length];
    if (due.by) {
        const value = one(due.by.toLowerCase()) || '';
        due = due.values[value];
        if (!due) {
            return [...wrong, `unknown ${value}`];
        }
    }

    const status = due.status || 200;
    if (answer.status !== status) {
        wrong.push(`status ${answer.status}, expected ${status}`);
    }
    const isBare = row.method === 'HEAD' || status === 204 || status === 304;
    const body = isBare ? '' : due.body;
    if (body !== undefined && answer.body !== body) {
        wrong.push(`body '${answer.body.slice(0, 200)}', expected `
                   + `'${body.slice(0, 200)}'`);
    }
    const check = (name, value, key) => {
        const is = one(name);
        if (is === undefined || comparable(key, is)
                !== comparable(key, String(value))) {
            wrong.push(`${name} '${is}', expected '${value}'`);
        }
        found.delete(name);
    };
    for (const key of Object.keys(CORS)) {
        if (due[key] !== undefined) {
            check(CORS[key], due[key], key);
        }
    }
    for (const [name, value] of Object.entries(due.field || {})) {
        check(name.toLowerCase(), value);
    }
    for (const name of found.keys()) {
        if (/^access-control-|^vary$|^timing-allow|^cross-origin-re/
            .test(name)) {
            wrong.push(`unexpected ${name}: ${found.get(name)}`);
        }
    }
    if (row.cached && /^HIT/.test(one('x-cache'))) {
        count(hits, generation < first ? 'older' : 'same');
    }
    return wrong;
}

// ---------------------------------------------------------------------------
// The load
// ---------------------------------------------------------------------------

let granted = 0, extra = 0, trickled = 0;
let sent = 0, answered = 0, underway = 0;
let began = 0, before = 0, rate = 0;    // since the last `go`
let retried = 0, lost = 0, wrong = 0, slowest = 0;
let first = plan.generation, last = first;
let restarting = 0;                     // until when; -1: it goes on
let whenQuiet = null;
let ended = false;
const byWay = {}, byKind = {}, byStatus = {}, hits = {}, retriedBy = {};

function count(table, key) { table[key] = (table[key] || 0) + 1; }
function say(object) { process.stdout.write(JSON.stringify(object) + '\n'); }

function fail(kind, name, row, detail) {
    say({ failure: kind, over: name, method: row.method, path: row.path,
          host: row.host, fields: row.fields, at: sent, ...detail });
}

async function one(name, kind, row) {
    const since = Date.now();
    const oldest = first;
    const isDuring = () => restarting < 0 || since <= restarting + GRACE;
    count(byWay, name);
    count(byKind, kind.name);
    let answer, error;
    for (let tries = 0; !answer && tries < 3; tries++) {
        try {
            answer = await way[name].ask(row, tries > 0);
            error = null;
        }
        catch (failure) {
            error = failure;
            if (error.begun || error.late || !isDuring()
                || !(error.reused || way[name] instanceof Http2)) {
                break;
            }
            retried++;
            count(retriedBy, `${name}${error.reused ? '' : ', fresh'}: `
                             + error.message);
        }
    }
    if (error) {
        lost++;
        fail('lost', name, row, {
            error: String(error), code: error.code, reused: error.reused,
            begun: error.begun, late: error.late, during: isDuring(),
            after: Date.now() - since,
        });
        return;
    }
    answered++;
    count(byStatus, answer.status);
    slowest = Math.max(slowest, Date.now() - since);
    const list = !plan.judges ? [] : wrongs(row, answer, oldest, last);
    if (list.length) {
        wrong++;
        fail('wrong', name, row, { wrong: list, answer: {
            ...answer, body: answer.body.slice(0, 300) } });
    }
}

function pump() {
    const now = Date.now();
    // Children that end wait for idle connections, so while a restart goes on
    // there is always something to ask.
    if (restarting < 0 && sent >= granted + extra
            && now - trickled >= TRICKLE) {
        trickled = now;
        extra++;
        before++;
    }
    const due = Math.min(granted + extra,
                         before + Math.floor((now - began) * rate / 1000));
    while (sent < due && underway < MOST) {
        const { name } = chooseWay();
        const kind = chooseKind[name]();
        const row = kind.rows[Math.floor(chance() * kind.rows.length)];
        sent++;
        underway++;
        one(name, kind, row).catch((error) => {
            lost++;
            fail('client', name, row, { error: error.stack });
        }).finally(() => {
            underway--;
            setImmediate(pump);
        });
    }
    if (whenQuiet && sent >= granted + extra && underway === 0) {
        const then = whenQuiet;
        whenQuiet = null;
        Object.values(way).forEach(each => each.close());
        then();
    }
}

const orders = {
    go(number, speed) {
        granted += number;
        before = sent;
        began = Date.now();
        rate = speed;
    },
    restart(n) {
        last = n;
        restarting = -1;
        say({ ready: n });
    },
    restarted(n) {
        first = n;
        restarting = Date.now();
    },
    pause() { whenQuiet = () => say({ paused: true }); },
    end() {
        whenQuiet = () => {
            say({ result: true, sent, extra, answered, retried, lost, wrong,
                  slowest, byWay, byKind, byStatus, hits, retriedBy });
            ended = true;
            clearInterval(ticking);
            clearInterval(telling);
            reader.close();
        };
    },
};

const reader = readline.createInterface({ input: process.stdin });
reader.on('line', (line) => {
    const [order, ...numbers] = line.split(' ');
    orders[order](...numbers.map(Number));
});
reader.on('close', () => { if (!ended) { process.exit(1); } });

const ticking = setInterval(pump, 5);
const telling = setInterval(() => say({ progress: sent - extra, answered,
                                        retried, lost, wrong }), 500);
