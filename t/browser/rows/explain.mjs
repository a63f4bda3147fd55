// The page of `SetHandler cors-explain`, as somebody uses it who wants to know
// why: without scripts, with a keyboard, on a telephone.

import { row, same } from '../expect.mjs';

// Types into the form's fields, found by their labels, and presses the button.
const ask = async (page, fields) => {
    for (const label in fields) {
        await (await page.$(`aria/${label}`)).focus();
        await page.keyboard.down('Control');
        await page.keyboard.press('a');
        await page.keyboard.up('Control');
        await page.keyboard.type(fields[label]);
    }
    const button = await page.$('aria/Explain[role="button"]');
    await Promise.all([ page.waitForNavigation(), button.click() ]);
};

const text = (page, selector) =>
    page.$eval(selector, element => element.textContent.trim());

const texts = (page, selector) =>
    page.$$eval(selector, all => all.map(one => one.textContent.trim()));

// How many pixels lie beside the window.
const beside = page => page.$eval('html',
    html => html.scrollWidth - html.clientWidth);

// The rest of a question is what is allowed at /write.
const question = ({ app }, more) => ({
    URL: '/write/echo', Origin: app.origin, Method: 'PUT',
    'Request headers': 'X-Token: seven', ...more,
});

// Firefox looks for a picture of the site, and says that the page forbids it.
const icon = /Content-Security-Policy: .*img-src.*\/favicon\.ico/;

const asks = (name, width, run) => row(name, async world => {
    await world.read(world.api('/explain'), width, async (page, messages) => {
        await run(page, world);
        same(messages.filter(text => !icon.test(text)), [], 'console');
    });
});

export default [
    asks('an allowed request, with its steps', 1000, async (page, world) => {
        await ask(page, question(world));
        same(await text(page, '#answer + p'), /^✓ Allowed\./);
        const steps = await texts(page, 'ol > li');
        same(steps[0], /ok request: .*preflight/);
        same(steps.some(step => /^✓ ok\s+header: x-token/.test(step)), true);
        same(steps.some(step => /not ok/.test(step)), false);
    }),
    asks('a stranger is refused, and the step says where', 1000,
         async (page, world) => {
             await ask(page, question(world,
                                      { Origin: world.stranger.origin }));
             same(await text(page, '#answer + p'), /^✗ Not allowed\./);
             const steps = await texts(page, 'ol > li');
             same(steps.at(-1), /^✗ not ok\s+preflight origin: /);
         }),
    asks('what was typed is there again, to be changed', 1000,
         async (page, world) => {
             const lines = 'X-Token: <b>"seven"</b> &amp;\nX-Other';
             await ask(page, question(world, { 'Request headers': lines }));
             same(await text(page, '#answer + p'), /^✗ Not allowed\./);
             same(await page.$eval('#url', field => field.value),
                  '/write/echo');
             same(await page.$eval('#headers', field => field.value), lines);
             await ask(page, { 'Request headers': 'X-Token' });
             same(await text(page, '#answer + p'), /^✓ Allowed\./);
         }),
    asks('the keyboard is enough', 1000, async (page, world) => {
        await page.focus('#url');
        await page.keyboard.type('/listed/hello.txt');
        await page.keyboard.press('Tab');
        await page.keyboard.type(world.app.origin);
        await Promise.all([
            page.waitForNavigation(),
            page.keyboard.press('Enter'),
        ]);
        same(await text(page, '#answer + p'), /^✓ Allowed\./);
    }),
    asks('nothing lies beside a window of 360 pixels', 360,
         async (page, world) => {
             same(await beside(page), 0);
             const long = 'x'.repeat(300);
             for (const more of [
                 {}, { Origin: `https://${long}` }, { URL: `/write/${long}` },
                 { Method: long }, { 'Request headers': `X-Token: ${long}` },
             ]) {
                 await ask(page, question(world, more));
                 same(await beside(page), 0);
             }
         }),
];
