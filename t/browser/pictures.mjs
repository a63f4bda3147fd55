// Takes pictures of a page for t/browser/pictures, which says in JSON what it
// wants.

import { Browser } from './browser.mjs';

// Lets the reader see others than the texts that came.
const show = pairs => {
    const walker = document.createTreeWalker(document.body,
                                             NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        for (const [ came, shown ] of pairs) {
            walker.currentNode.data =
                walker.currentNode.data.replaceAll(came, shown);
        }
    }
};

const settings = JSON.parse(process.argv[2]);
const { url, question, pictures, shown, to } = settings;
const browser = await Browser.start(settings);
for (const { file, width, height, scale, scheme, at, until } of pictures) {
    const asked = `${url}?${new URLSearchParams(question)}`;
    await browser.read(asked, width, async page => {
        await page.setViewport({ width, height, deviceScaleFactor: scale });
        await page.emulateMediaFeatures(
            [ { name: 'prefers-color-scheme', value: scheme } ]);
        await page.evaluate(show, shown);
        const top = await page.$eval(
            until || at, element => element.getBoundingClientRect().top);
        await page.screenshot({ path: `${to}/${file}`,
            captureBeyondViewport: true,
            clip: until ? { x: 0, y: 0, width, height: Math.round(top) }
                        : { x: 0, y: Math.round(top), width, height } });
    });
}
await browser.stop();
process.exit();
