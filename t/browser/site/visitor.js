// What a page can do, in words that can be sent to it: each function takes and
// returns JSON. It is loaded by the pages, and by the frames and workers that
// elsewhere() makes.

'use strict';

const visitor = {
    // A response that can be read, or the name of the error.
    async fetch(url, options = {}) {
        try {
            const response = await fetch(url, options);
            const { status, type, redirected } = response;
            return {
                status, type, redirected, url: response.url,
                headers: Object.fromEntries(response.headers),
                body: await response.text(),
            };
        }
        catch (error) {
            return { error: error.name };
        }
    },

    xhr(url, { method = 'GET', headers = {}, body, credentials, upload }) {
        return new Promise(done => {
            const xhr = new XMLHttpRequest();
            let uploaded = null;
            xhr.open(method, url);
            xhr.withCredentials = Boolean(credentials);
            for (const name in headers) {
                xhr.setRequestHeader(name, headers[name]);
            }
            if (upload) {
                xhr.upload.onload = event => { uploaded = event.loaded; };
            }
            xhr.onload = () => done({
                status: xhr.status, body: xhr.responseText, uploaded,
                names: xhr.getAllResponseHeaders().split('\r\n')
                    .map(line => line.split(':')[0]).filter(Boolean),
            });
            xhr.onerror = () => done({ error: 'error', status: xhr.status });
            xhr.send(body);
        });
    },

    // Draws it, and looks at what was drawn. `cors` is the value of the
    // attribute crossorigin, if it is to have one.
    async image(url, cors) {
        const image = new Image();
        if (await visitor.load(image, cors, () => { image.src = url; })) {
            return 'not loaded';
        }
        const canvas = document.createElement('canvas');
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        try {
            return [ ...context.getImageData(0, 0, 1, 1).data ];
        }
        catch (error) {
            return error.name;
        }
    },

    async font(url) {
        const face = new FontFace('f' + Math.random().toString(36).slice(2),
                                  `url("${url}")`);
        document.fonts.add(face);
        await document.fonts.load(`12px ${face.family}`).catch(() => {});
        return face.status;
    },

    // The same, by a rule of a style sheet.
    async fontFace(url) {
        const family = 'f' + Math.random().toString(36).slice(2);
        const style = document.createElement('style');
        style.textContent =
            `@font-face { font-family: ${family}; src: url("${url}") }`;
        document.head.append(style);
        await document.fonts.load(`12px ${family}`).catch(() => {});
        return [ ...document.fonts ]
            .find(face => face.family === family).status;
    },

    // What the script has set.
    async script(url, { cors, type, integrity } = {}) {
        const script = document.createElement('script');
        delete self.ran;
        if (type) {
            script.type = type;
        }
        if (integrity) {
            script.integrity = integrity;
        }
        const failed = await visitor.load(script, cors, () => {
            script.src = url;
            document.head.append(script);
        });
        return failed ? 'not loaded' : self.ran;
    },

    // What `throw` in a script lets the page know.
    async complaint(url, cors) {
        const heard = new Promise(done => {
            self.addEventListener('error', event => {
                event.preventDefault();
                done(event.message);
            }, { once: true });
        });
        await visitor.script(url, { cors });
        return heard;
    },

    // How many rules the page can read in it.
    async style(url, cors) {
        const link = document.createElement('link');
        link.rel = 'stylesheet';
        const failed = await visitor.load(link, cors, () => {
            link.href = url;
            document.head.append(link);
        });
        if (failed) {
            return 'not loaded';
        }
        try {
            return link.sheet.cssRules.length;
        }
        catch (error) {
            return error.name;
        }
    },

    // True if it fails.
    load(element, cors, begin) {
        if (cors !== undefined && cors !== null) {
            element.crossOrigin = cors;
        }
        return new Promise(done => {
            element.onload  = () => done(false);
            element.onerror = () => done(true);
            begin();
        });
    },

    // The first message.
    events(url, withCredentials = false) {
        return new Promise(done => {
            const source = new EventSource(url, { withCredentials });
            const end = what => {
                source.close();
                done(what);
            };
            source.onmessage = event => end(event.data);
            source.onerror   = () => end('error');
        });
    },

    // The answer to a message.
    socket(url) {
        return new Promise(done => {
            const socket = new WebSocket(url.replace(/^http/, 'ws'));
            socket.onopen    = () => socket.send('hello');
            socket.onerror   = () => done('error');
            socket.onmessage = event => {
                done(event.data);
                socket.close();
            };
        });
    },

    beacon(url, type, text) {
        return navigator.sendBeacon(url, new Blob([ text ], { type }));
    },

    // Sends a form into a frame, as a click on its button does; returns when
    // the frame holds the answer.
    form(url, method) {
        const frame = document.createElement('iframe');
        const form = document.createElement('form');
        frame.name = 'f' + Math.random().toString(36).slice(2);
        Object.assign(form, { action: url, method, target: frame.name });
        const field = document.createElement('input');
        Object.assign(field, { name: 'row', type: 'hidden',
                               value: new URL(url).searchParams.get('row') });
        form.append(field);
        return new Promise(done => {
            frame.onload = () => {
                // The first load can be that of the empty frame.
                try {
                    if (frame.contentWindow.location.href === 'about:blank') {
                        return;
                    }
                }
                catch {
                    // It is somebody else's by now.
                }
                done(true);
            };
            document.body.append(frame, form);
            form.submit();
        });
    },

    // What the page learns about the time a fetch took.
    async timing(url) {
        const entry = new Promise(done => {
            new PerformanceObserver((list, observer) => {
                const [ found ] = list.getEntriesByName(url);
                if (found) {
                    observer.disconnect();
                    done(found);
                }
            }).observe({ type: 'resource', buffered: true });
        });
        await visitor.fetch(url);
        const { requestStart, transferSize } = await entry;
        return { start: requestStart > 0, size: transferSize > 0 };
    },

    // Asks one of these functions in a place that the page makes for it.
    async elsewhere(place, name, args) {
        const home = `${self.location.origin}/visitor.js`;
        const channel = new MessageChannel();
        const answer = new Promise(done => {
            channel.port1.onmessage = event => done(event.data);
        });
        const target = await places[place](home);
        const ask = { name, args };
        if (target instanceof Worker || target instanceof MessagePort) {
            target.postMessage(ask, [ channel.port2 ]);
        }
        else {
            target.postMessage(ask, '*', [ channel.port2 ]);
        }
        return answer;
    },
};

const places = {
    'worker': home => new Worker(home),

    'blob worker': home => new Worker(places.blob(`importScripts("${home}")`,
                                                  'text/javascript')),

    'shared worker': home => new SharedWorker(home).port,

    'sandboxed frame': home => places.frame({
        sandbox: 'allow-scripts', srcdoc: places.html(home) }),

    'srcdoc frame': home => places.frame({ srcdoc: places.html(home) }),

    'data frame': home => places.frame({
        src: `data:text/html,${encodeURIComponent(places.html(home))}` }),

    'blob frame': home => places.frame({
        src: places.blob(places.html(home), 'text/html') }),

    html: home => `<!doctype html><script src="${home}"></script>`,

    blob: (text, type) => URL.createObjectURL(new Blob([ text ], { type })),

    frame: attributes => new Promise(done => {
        const frame = document.createElement('iframe');
        for (const name in attributes) {
            frame.setAttribute(name, attributes[name]);
        }
        frame.onload = () => done(frame.contentWindow);
        document.body.append(frame);
    }),
};

const listen = event => {
    const { name, args } = event.data;
    Promise.resolve(visitor[name](...args))
        .then(answer => event.ports[0].postMessage(answer));
};

self.onmessage = listen;
self.onconnect = event => { event.ports[0].onmessage = listen; };
