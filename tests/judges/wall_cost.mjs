#!/usr/bin/env node
// Chromium looking at the wall for a while: what that costs the browser. It only measures; bench_page.py decides.
// Prints one JSON object a look, the first after the warm-up:
//
//   seconds          since the page was opened
//   heap_mb, nodes, listeners   of the page, after a garbage collection
//   tiles, live      on the page; playing right now
//   frames, dropped  of all cameras that play or have played
//   changes          printer's id -> how often something in its tile changed since the last look, but for its picture
//   pictures         the same of its picture: another still, and each second how old that is
//   errors           what the page threw
//
// usage: wall_cost.mjs --url WALL --seconds N --every N [--warm-up N] [--screenshot FILE] [--chromium PATH]

import { parseArgs } from 'node:util';
import { openBrowser } from './browser.mjs';

const { values: options } = parseArgs({
  options: {
    url: { type: 'string' },
    seconds: { type: 'string', default: '600' },
    every: { type: 'string', default: '30' },
    'warm-up': { type: 'string', default: '30' },
    screenshot: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const [seconds, every, warmUp] = [options.seconds, options.every, options['warm-up']].map(Number);

const browser = await openBrowser(options.chromium);
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  const start = performance.now();
  await page.goto(options.url);
  await page.waitForSelector('[data-tile]', { timeout: 30_000 });
  await page.evaluate(observe);
  const debug = await context.newCDPSession(page);
  await debug.send('Performance.enable');
  await page.waitForTimeout(1000 * warmUp);
  const until = performance.now() + 1000 * seconds;
  for (;;) {
    await debug.send('HeapProfiler.collectGarbage');
    const { metrics } = await debug.send('Performance.getMetrics');
    const of = (name) => metrics.find((metric) => metric.name === name)?.value ?? 0;
    const seen = await page.evaluate(() => window.cost.look());
    console.log(JSON.stringify({
      seconds: Math.round((performance.now() - start) / 1000),
      heap_mb: of('JSHeapUsedSize') / 2 ** 20,
      nodes: of('Nodes'),
      listeners: of('JSEventListeners'),
      ...seen,
      errors,
    }));
    if (performance.now() >= until) break;
    await page.waitForTimeout(1000 * every);
  }
  if (options.screenshot) await page.screenshot({ path: options.screenshot });
} finally {
  await browser.close();
}

// In the browser. A <video> may be replaced: what it had counted is kept.
function observe() {
  const counted = new Map();
  let changes = {};
  let pictures = {};
  const elementOf = (node) => (node instanceof Element ? node : node.parentElement);
  function add(counts, records) {
    for (const tile of new Set(records.map(({ target }) => elementOf(target)?.closest('[data-tile]')))) {
      const id = tile?.querySelector('a[href^="/p/"]')?.getAttribute('href').slice(3);
      if (id !== undefined) counts[id] = (counts[id] ?? 0) + 1;
    }
  }
  // What is drawn at once comes here at once: each tile counts once a call.
  new MutationObserver((records) => {
    const ofPictures = records.filter(({ target }) => elementOf(target)?.closest('[data-size="tile"]'));
    add(pictures, ofPictures);
    add(changes, records.filter((record) => !ofPictures.includes(record)));
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });

  function count() {
    for (const video of document.querySelectorAll('video')) {
      const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
      const before = counted.get(video) ?? [];
      const last = before.at(-1);
      // A new stream in the same <video> counts from nothing.
      if (last && totalVideoFrames >= last[0]) before.pop();
      counted.set(video, [...before, [totalVideoFrames, droppedVideoFrames]]);
    }
  }
  setInterval(count, 1000);

  window.cost = {
    look() {
      count();
      const sums = [...counted.values()].flat().reduce((sum, pair) => [sum[0] + pair[0], sum[1] + pair[1]], [0, 0]);
      const tiles = document.querySelectorAll('[data-tile]').length;
      const live = document.querySelectorAll('[data-state="live"]').length;
      const seen = { tiles, live, frames: sums[0], dropped: sums[1], changes, pictures };
      changes = {};
      pictures = {};
      return seen;
    },
  };
}
