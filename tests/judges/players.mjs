#!/usr/bin/env node
// Other people's players in Chromium, each as it comes from npm, with no option set, in a page and a network context of its
// own (a browser opens six connections to a server, and each of them holds one). It only measures; the judge decides.
//
// Says `playing` when all have been told to play, then waits for a line on its stdin and prints one JSON object: for each
// CELL what `observe.mjs` has seen, with `errors` [{at, details, fatal}...] as the player itself reports them, and `frames`.
//
// usage: players.mjs --stream ADDRESS [--screenshots DIR] [--chromium PATH] CELL...
//        a CELL is PLAYER:FILE, for example shaka-5:stream_ll.m3u8; ADDRESS is the folder of the playlists

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { openBrowser } from './browser.mjs';
import { observe } from './observe.mjs';

const PLAYERS = {
  'hls.js-1.5': { file: 'hls.js-oldest/dist/hls.min.js', play: playWithHls },
  'hls.js-1.7': { file: 'hls.js/dist/hls.min.js', play: playWithHls },
  'video.js-8': { file: 'video.js/dist/video.min.js', play: playWithVideoJs },
  'shaka-4': { file: 'shaka-player-4/dist/shaka-player.compiled.js', play: playWithShaka },
  'shaka-5': { file: 'shaka-player/dist/shaka-player.compiled.js', play: playWithShaka },
};

const { values: options, positionals: cells } = parseArgs({
  allowPositionals: true,
  options: {
    stream: { type: 'string' },
    screenshots: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});

const browser = await openBrowser(options.chromium);
try {
  const pages = await Promise.all(cells.map(open));
  console.log('playing');
  await once(process.stdin, 'data');
  const found = {};
  for (const [index, page] of pages.entries()) {
    const cell = cells[index];
    if (options.screenshots) await page.screenshot({ path: `${options.screenshots}/${cell.replace(/\W+/g, '-')}.png` });
    found[cell] = await page.evaluate(() => window.trial.report());
  }
  console.log(JSON.stringify(found));
} finally {
  await browser.close();
  process.stdin.destroy();
}

// A page on the service's own origin, so that the canvas may read the picture without CORS.
async function open(cell) {
  const [player, list] = cell.split(':');
  const { file, play } = PLAYERS[player];
  const context = await browser.newContext({ viewport: { width: 480, height: 270 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(`${cell}: ${error.message}`));
  const address = new URL('/judges.html', options.stream).href;
  await page.route(address, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><body style="margin:0"><video muted playsinline width=480></video>' }),
  );
  await page.goto(address);
  // Intercepting goes through this process; the video must not.
  await page.unroute(address);
  await page.addScriptTag({ content: await readFile(createRequire(import.meta.url).resolve(file), 'utf8') });
  await page.evaluate(observe);
  await page.evaluate(play, new URL(list, options.stream).href);
  return page;
}

// The rest runs in the browser.

function playWithHls(url) {
  const hls = new Hls();
  hls.on(Hls.Events.ERROR, (_, { details, fatal, response, frag }) => {
    const of = response ? ` (${response.code}${frag ? ` for ${frag.relurl}` : ''})` : '';
    window.trial.seen.errors.push({ at: Date.now(), details: details + of, fatal });
  });
  hls.loadSource(url);
  hls.attachMedia(document.querySelector('video'));
  document.querySelector('video').play().catch(() => {});
}

function playWithVideoJs(url) {
  const player = videojs(document.querySelector('video'), { muted: true });
  player.on('error', () =>
    window.trial.seen.errors.push({ at: Date.now(), details: `${player.error().code}: ${player.error().message}`, fatal: true }),
  );
  player.src({ src: url, type: 'application/vnd.apple.mpegurl' });
  player.play()?.catch(() => {});
}

async function playWithShaka(url) {
  const note = ({ severity, category, code, data }) => {
    const details = `${code} (${category === 1 ? `${data[1]} for ${String(data[0]).split('/').pop()}` : data})`.slice(0, 120);
    window.trial.seen.errors.push({ at: Date.now(), details, fatal: severity === 2 });
  };
  const video = document.querySelector('video');
  const player = new shaka.Player();
  player.addEventListener('error', ({ detail }) => note(detail));
  await player.attach(video);
  // Not awaited: an address that gives no picture is a finding too, and the other players wait for nobody.
  player.load(url).catch(note);
  video.play().catch(() => {});
}
