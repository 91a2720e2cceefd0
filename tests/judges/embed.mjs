#!/usr/bin/env node
// A page of another origin that shows what Platecast shows, in Chromium: `localhost` beside the service's 127.0.0.1, which is
// another site to a browser. Prints one JSON object; what must hold is decided in embed.py.
//
//   hls     seconds that hls.js has played, or what it died of
//   video   width of the playlist in a plain <video>, which asks without saying who asks; null where there is none
//   still   the same of the still
//   range   status of a fetch that needs a preflight first, or the error
//   frame   {url, played}: where the frame has landed, and the seconds that its player has played
//   list    status of /api/printers, or the error
//
// usage: embed.mjs --service ORIGIN --printer ID --port PORT [--screenshot FILE] [--chromium PATH]

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { openBrowser } from './browser.mjs';

const { values: options } = parseArgs({
  options: {
    service: { type: 'string' },
    printer: { type: 'string' },
    port: { type: 'string' },
    screenshot: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const PATIENCE_MS = 12_000;
const hls = await readFile(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'), 'utf8');
const page = `<!doctype html><title>another page</title><script src="hls.js"></script>
<video id="hls" muted playsinline width="400"></video>
<video id="video" muted playsinline width="400" src="${options.service}/hls/${options.printer}/stream.m3u8"></video>
<video id="still" muted playsinline width="400" src="${options.service}/api/printers/${options.printer}/still.mp4"></video>`;
const framing = `<!doctype html><title>a page with a frame</title>
<iframe width="800" height="600" allow="autoplay" src="${options.service}/p/${options.printer}"></iframe>`;
const served = { '/hls.js': hls, '/': page, '/frame': framing };
const server = createServer((request, response) => {
  response.setHeader('Content-Type', request.url === '/hls.js' ? 'text/javascript' : 'text/html');
  response.end(served[request.url] ?? '');
});
await new Promise((resolve) => server.listen(Number(options.port), 'localhost', resolve));

const browser = await openBrowser(options.chromium);
try {
  const tab = await (await browser.newContext()).newPage();
  await tab.goto(`http://localhost:${options.port}/`, { waitUntil: 'domcontentloaded' });
  const seen = await tab.evaluate(look, { ...options, patience: PATIENCE_MS });
  if (options.screenshot) await tab.screenshot({ path: options.screenshot });
  // By itself: a browser opens six connections to one address over plain HTTP, and the videos above hold some of them.
  await tab.goto(`http://localhost:${options.port}/frame`);
  const frame = tab.frames().find((found) => found !== tab.mainFrame());
  const played = await frame.evaluate(framedPlayer, PATIENCE_MS).catch((error) => error.message.split('\n')[0]);
  if (options.screenshot) await tab.screenshot({ path: options.screenshot.replace(/\.png$/, '-frame.png') });
  console.log(JSON.stringify({ ...seen, frame: { url: frame.url(), played } }));
} finally {
  await browser.close();
  server.close();
}

// In the browser.
async function look({ service, printer, patience }) {
  const until = (check) =>
    new Promise((resolve) => {
      const end = Date.now() + patience;
      const timer = setInterval(() => {
        const found = check();
        if (found !== null || Date.now() > end) {
          clearInterval(timer);
          resolve(found);
        }
      }, 100);
    });
  const status = (path, init) =>
    fetch(service + path, init).then(
      (answer) => answer.status,
      (error) => error.message,
    );
  const still = `/api/printers/${printer}/still.mp4`;
  let died = null;
  const player = new window.Hls();
  player.on('hlsError', (_, error) => {
    if (error.fatal) died = error.details;
  });
  player.loadSource(`${service}/hls/${printer}/stream_ll.m3u8`);
  const video = document.getElementById('hls');
  player.attachMedia(video);
  video.play().catch(() => {});
  const width = (id) => until(() => document.getElementById(id).videoWidth || null);
  const [hls, plain, picture, range, list] = await Promise.all([
    until(() => died ?? (video.played.length && video.currentTime > video.played.start(0) + 2 ? 0 : null)),
    width('video'),
    width('still'),
    // The end of a file is a range that no form or link could ask for, so a browser asks first.
    status(still, { cache: 'no-store', headers: { Range: 'bytes=-5' } }),
    status('/api/printers'),
  ]);
  const seconds = typeof hls === 'number' ? video.currentTime - video.played.start(0) : hls;
  return { hls: seconds, video: plain, still: picture, range, list };
}

// In the frame.
async function framedPlayer(patience) {
  const end = Date.now() + patience;
  for (;;) {
    const video = document.querySelector('video');
    const ranges = video?.played;
    const seconds = ranges?.length ? ranges.end(ranges.length - 1) - ranges.start(0) : 0;
    if (seconds > 1 || Date.now() > end) return seconds;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
