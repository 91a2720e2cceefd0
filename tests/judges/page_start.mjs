#!/usr/bin/env node
// How soon a page shows something, in Chromium on a phone and on a desk. It only measures; bench_start.py decides.
// Each load has a cold cache and a window of its own. Prints one JSON object per load:
//
//   profile, build, path   what was loaded, and how
//   paint     ms from the start of the navigation to the first contentful paint
//   words     to the first tile, or the heading of a printer's page, that says what its printer does
//   still     to the first still that is drawn
//   moving    to the second frame of a video: one frame is a still as well
//   kilobytes to that moment, as they came over the line
//
// Chromium adds the round trip to each request and shares out the throughput; a handshake costs nothing there.
//
// usage: page_start.mjs --builds JSON --paths JSON --profiles JSON [--times N] [--chromium PATH]
//        builds: name to origin; paths: name to path

import { parseArgs } from 'node:util';
import { openBrowser } from './browser.mjs';

const { values: options } = parseArgs({
  options: {
    builds: { type: 'string' },
    paths: { type: 'string' },
    profiles: { type: 'string', default: '["phone","lan"]' },
    times: { type: 'string', default: '5' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const [builds, paths, profileNames] = [options.builds, options.paths, options.profiles].map((text) => JSON.parse(text));

const megabit = 1e6 / 8;
const profiles = {
  // As Lighthouse has it.
  phone: { cpu: 4, network: { latency: 150, downloadThroughput: 1.6 * megabit, uploadThroughput: 0.75 * megabit },
    window: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } },
  lan: { cpu: 1, network: { latency: 2, downloadThroughput: 100 * megabit, uploadThroughput: 100 * megabit },
    window: { viewport: { width: 1440, height: 900 } } },
};
const patienceMs = 45_000;

const browser = await openBrowser(options.chromium);
try {
  // Of the first load the browser itself is slow.
  await load('lan', Object.values(builds)[0], Object.values(paths)[0]);
  for (let time = 0; time < Number(options.times); time += 1) {
    for (const profile of profileNames) {
      for (const [path, address] of Object.entries(paths)) {
        // Nobody is always the second one.
        const turn = Object.entries(builds);
        for (const [build, origin] of time % 2 === 0 ? turn : turn.toReversed()) {
          console.log(JSON.stringify({ profile, build, path, ...(await load(profile, origin, address)) }));
        }
      }
    }
  }
} finally {
  await browser.close();
}

async function load(name, origin, path) {
  const { cpu, network, window } = profiles[name];
  const context = await browser.newContext(window);
  try {
    const page = await context.newPage();
    const debug = await context.newCDPSession(page);
    let bytes = 0;
    debug.on('Network.dataReceived', ({ encodedDataLength }) => (bytes += encodedDataLength));
    await debug.send('Network.enable');
    await debug.send('Network.emulateNetworkConditions', { offline: false, ...network });
    await debug.send('Emulation.setCPUThrottlingRate', { rate: cpu });
    await page.addInitScript(watch);
    await page.goto(origin + path, { waitUntil: 'commit', timeout: patienceMs });
    // Where something never comes, the others are told.
    await page.waitForFunction(() => window.firsts.isComplete(), null, { timeout: patienceMs, polling: 50 }).catch(() => null);
    return { ...(await page.evaluate(() => window.firsts.read())), kilobytes: Math.round(bytes / 1024) };
  } finally {
    await context.close();
  }
}

// In the browser, before the page's own scripts. All times are since the navigation began.
function watch() {
  const seen = { words: null, still: null, moving: null };
  const first = (what, when = performance.now()) => (seen[what] ??= Math.round(when));

  function look() {
    // A tile and the page of a printer have its words only when the service has told of it.
    const place = document.querySelector('[data-tile]') ?? (document.querySelector('h1') && document.querySelector('main'));
    if (/\d+ %|\bIdle\b|\bFinished\b/u.test(place?.textContent ?? '')) first('words');
    else requestAnimationFrame(look);
  }
  requestAnimationFrame(look);

  const { drawImage, getImageData } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.drawImage = function (...args) {
    drawImage.apply(this, args);
    // A frame that is not there yet draws nothing, and a canvas may be out of sight.
    if (seen.still === null && this.canvas.isConnected && getImageData.call(this, this.canvas.width / 2, this.canvas.height / 2, 1, 1).data[3] > 0) {
      first('still');
    }
  };

  const watched = new WeakSet();
  new MutationObserver(() => {
    for (const video of document.querySelectorAll('video')) {
      if (watched.has(video)) continue;
      watched.add(video);
      let shown = null;
      const onFrame = (now, { mediaTime }) => {
        if (shown !== null && mediaTime !== shown) return first('moving');
        shown = mediaTime;
        video.requestVideoFrameCallback(onFrame);
      };
      video.requestVideoFrameCallback(onFrame);
    }
  }).observe(document, { subtree: true, childList: true });

  window.firsts = {
    isComplete: () => Object.values(seen).every((moment) => moment !== null),
    read: () => ({ paint: Math.round(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1), ...seen }),
  };
}
