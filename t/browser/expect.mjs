// What rows say about answers.

import { isDeepStrictEqual } from 'node:util';

export class Failure extends Error {}

// Cross-origin, and not allowed: the page learns nothing but this.
export const refused = { error: 'TypeError' };

// Each thing named must be so; an object may hold more.
export const same = (got, wanted, where = 'answer') => {
    if (wanted instanceof RegExp) {
        if (!wanted.test(got)) {
            throw new Failure(`${where} is ${JSON.stringify(got)}, `
                              + `expected ${wanted}`);
        }
        return;
    }
    const isObject = wanted && typeof wanted === 'object'
        && !Array.isArray(wanted);
    if (isObject && got && typeof got === 'object') {
        for (const key in wanted) {
            same(got[key], wanted[key], `${where}.${key}`);
        }
        return;
    }
    if (!isDeepStrictEqual(got, wanted)) {
        throw new Failure(`${where} is ${JSON.stringify(got)}, `
                          + `expected ${JSON.stringify(wanted)}`);
    }
};

// The application behind the server answers with what it has seen.
export const seen = answer => {
    same(answer, { status: 200 });
    return JSON.parse(answer.body);
};

// A row: what it promises, and how to see it. `first` runs before all rows.
export const row = (name, run, first) => ({ name, run, first });
