// What the server has written about one row into its access log. Lines are
//
//     TIME ?row=firefox-17 PUT 200 actual allowed /path ORIGIN
//
// with the words of CORS_REQUEST and CORS_RESULT, or dashes. The time is that
// of the request; as the lines are written after the responses, they need not
// come in that order.

import { readFileSync } from 'node:fs';

import { Failure } from './expect.mjs';

const tick = () => new Promise(done => setTimeout(done, 10));

const isLine = (line, wanted) => {
    const words = line.split(' ');
    return wanted.split(' ')
        .every((word, index) => word.split('/').includes(words[index]));
};

export class Log {
    constructor(file, id, patience) {
        Object.assign(this, { file, id, patience, read: 0 });
    }

    lines() {
        const text = readFileSync(this.file, 'latin1');
        return text.split('\n').slice(0, -1).flatMap(line => {
            const [ time, query, ...words ] = line.split(' ');
            return query.endsWith(`row=${this.id}`) ? [ { time, words } ] : [];
        }).sort((a, b) => a.time - b.time).map(({ words }) => words);
    }

    // The lines that are new since the last call, and no others, each as
    // 'PUT 200 actual allowed', or 'PUT 200/304 ...' for one or the other.
    // There may be something to wait for.
    async heard(...wanted) {
        const until = Date.now() + this.patience * 1000 / 3;
        for (;;) {
            const lines = this.lines().slice(this.read)
                .map(words => words.slice(0, 4).join(' '));
            if (lines.length === wanted.length
                && lines.every((line, index) => isLine(line, wanted[index]))) {
                this.read += lines.length;
                return;
            }
            if (lines.length > wanted.length || Date.now() > until) {
                throw new Failure(`the server's log:\n  ${lines.join('\n  ')}`
                    + `\nexpected:\n  ${wanted.join('\n  ')}`);
            }
            await tick();
        }
    }

    // At the end: what came although heard() had seen everything.
    surplus() {
        return this.read
            ? this.lines().slice(this.read)
                .map(words => `row ${this.id}: ${words.join(' ')}`)
            : [];
    }
}
