// A browser of Debian's, and its pages, one for each URL. It knows no name
// but those of its server: all of them are 127.0.0.1.

import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const chromium = {
    browser: 'chrome',
    pipe: true,
    args: [
        '--no-sandbox',                 // as root, and in a chroot
        '--disable-dev-shm-usage', '--disable-gpu', '--disable-quic',
        '--no-first-run', '--no-proxy-server', '--disable-breakpad',
        '--disable-sync', '--disable-background-networking',
        '--disable-component-update', '--ignore-certificate-errors',
        '--disable-features='
            + 'HttpsUpgrades,HttpsFirstBalancedModeAutoEnable',
        '--host-resolver-rules=MAP * 127.0.0.1',
    ],
};

const firefox = {
    browser: 'firefox',
    extraPrefsFirefox: {
        'network.dns.forceResolve': '127.0.0.1',
        'network.dns.disableIPv6': true,
        'network.proxy.type': 0,
        'dom.security.https_first': false,
        'dom.security.https_only_mode': false,
    },
};

// Nothing of the user's is read, and nothing written but in this directory.
const environment = home => {
    const made = { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: home,
        MOZ_CRASHREPORTER_DISABLE: '1' };
    const directories = { TMPDIR: 'tmp', XDG_RUNTIME_DIR: 'run',
        XDG_CONFIG_HOME: 'config', XDG_CACHE_HOME: 'cache',
        XDG_DATA_HOME: 'data' };
    for (const name in directories) {
        made[name] = join(home, directories[name]);
        mkdirSync(made[name], { mode: 0o700 });
    }
    return made;
};

export class Browser {
    static async start({ name, program, modules, home, patience }) {
        const require = createRequire(join(modules, 'package.json'));
        const { launch } = require('puppeteer-core');
        const self = new Browser();
        self.name = name;
        self.pages = new Map();
        self.puppet = await launch({
            ...(name === 'firefox' ? firefox : chromium),
            executablePath: program,
            headless: true,
            acceptInsecureCerts: true,
            env: environment(home),
            userDataDir: join(home, 'profile'),
            timeout: patience * 4000,       // on a busy machine
            protocolTimeout: patience * 2000,
            handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false,
        });
        self.pid = self.puppet.process().pid;
        self.version = await self.puppet.version();
        return self;
    }

    // The page at a URL, in front of the others: those in the background are
    // slow to load things.
    async page(url) {
        if (!this.pages.has(url)) {
            const page = await this.puppet.newPage();
            page.messages = [];
            page.on('console', said => page.messages.push(said.text()));
            page.on('pageerror', said => page.messages.push(String(said)));
            await page.goto(url);
            this.pages.set(url, page);
        }
        const page = this.pages.get(url);
        if (this.front !== page) {
            await page.bringToFront();
            this.front = page;
        }
        return page;
    }

    // A page in a window of that width, for somebody who reads: no script
    // runs, where the driver can see to that. Closed when `use` is done with it.
    async read(url, width, use) {
        const page = await this.puppet.newPage();
        const messages = [];
        page.on('console', said => messages.push(said.text()));
        page.on('pageerror', said => messages.push(String(said)));
        try {
            await page.setViewport({ width, height: 800 });
            await page.setJavaScriptEnabled(false).catch(() => {});
            await page.goto(url);
            return await use(page, messages);
        }
        finally {
            this.front = null;
            await page.close();
        }
    }

    // What the consoles of all pages say about a URL with this in it.
    messages(pattern) {
        return [ ...this.pages.values() ].flatMap(
            page => page.messages.filter(text => pattern.test(text)));
    }

    // After a failure nobody knows what a page is still busy with.
    async forgetPages() {
        const pages = [ ...this.pages.values() ];
        this.pages.clear();
        this.front = null;
        await Promise.allSettled(pages.map(page => page.close()));
    }

    // By its process, if it does not want to.
    async stop() {
        const group = -this.pid;
        const patient = new Promise(done => setTimeout(done, 5000).unref());
        await Promise.race([ this.puppet.close().catch(() => {}), patient ]);
        try {
            process.kill(group, 'SIGKILL');
        }
        catch {
            // It has gone.
        }
    }
}
