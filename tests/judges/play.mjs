#!/usr/bin/env node
// Chromium as a viewer: plays an address with hls.js, or the project's own page, and says what reached the screen.
// It only measures; what is good enough is decided in `judge`. Prints one JSON object:
//
//   first_frame_ms   from pressing play to the first picture on the screen
//   frames, dropped  as the browser counts them
//   gaps             [[unix ms, seconds]...] the picture stood still for more than half a second
//   waits            [unix ms...] `waiting` events after the first picture
//   errors           [{at, details, fatal, ahead}...] of hls.js; `ahead`: seconds of buffer before a playhead that stalls
//   samples          [[unix ms of display, number read from the picture or null, picture width]...]
//   targets          {latency, rate}: what the player itself thinks at the end
//
// With --starts N it presses play N times instead, each time on a new page of the same browser (and its cache), each a
// little later in the camera's rhythm, and prints [{first_frame_ms, frames}...] after three seconds each.
//
// With --still the address is an MP4 of one picture, shown in a <video> as the page does; it says the same of it.
//
// With --trace FILE it also writes there what hls.js did and when, one row each: see `trace`.
//
// usage: play.mjs --url ADDRESS --seconds N [--starts N] [--still] [--screenshot FILE] [--trace FILE] [--chromium PATH]
//        play.mjs --page URL [--click SELECTOR] --seconds N ...      the project's page: its own player, any <video>

import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { openBrowser } from './browser.mjs';
import { observe } from './observe.mjs';

const { values: options } = parseArgs({
  options: {
    url: { type: 'string' },
    still: { type: 'boolean' },
    page: { type: 'string' },
    click: { type: 'string' },
    starts: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    screenshot: { type: 'string' },
    trace: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
if (!options.url === !options.page) {
  console.error('one of --url and --page');
  process.exit(2);
}

const browser = await openBrowser(options.chromium);
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  if (options.starts) {
    const found = [];
    for (let start = 0; start < Number(options.starts); start += 1) {
      // 0.37 s: nothing in a stream's rhythm is a multiple of it.
      const { first_frame_ms, frames } = await watch(context, 3.37);
      found.push({ first_frame_ms, frames });
    }
    console.log(JSON.stringify(found));
  } else {
    console.log(JSON.stringify(await watch(context, Number(options.seconds))));
  }
} finally {
  await browser.close();
}

async function watch(context, seconds) {
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(`page: ${error.message}`));
  await (options.url ? openOwnPage(page, options.url) : openProjectPage(page, options.page, options.click));
  await page.waitForTimeout(seconds * 1000);
  if (options.screenshot) await page.screenshot({ path: options.screenshot });
  const seen = await page.evaluate(() => window.trial.report());
  if (options.trace && options.url && !options.still) {
    const rows = await page.evaluate(() => window.trial.trace);
    await writeFile(options.trace, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
  await page.close();
  return seen;
}

// A page of ours on the service's own origin, so that the canvas may read the picture without CORS.
async function openOwnPage(page, url) {
  const address = new URL('/judges.html', url).href;
  const hls = createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js');
  await page.route(address, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><video muted playsinline width=1280></video>' }),
  );
  await page.goto(address);
  // Intercepting goes through this process; the video must not.
  await page.unroute(address);
  await page.addScriptTag({ content: await readFile(hls, 'utf8') });
  await page.evaluate(observe);
  await page.evaluate(options.still ? showStill : playWithHls, url);
  if (options.trace && !options.still) await page.evaluate(trace);
}

async function openProjectPage(page, url, click) {
  await page.goto(url);
  if (click) {
    await page.waitForSelector(click, { timeout: 15_000 });
    const pressed = Date.now();
    await page.click(click);
    await page.waitForSelector('video', { state: 'attached', timeout: 15_000 });
    await page.evaluate(observe, pressed);
  } else {
    await page.waitForSelector('video', { state: 'attached', timeout: 15_000 });
    await page.evaluate(observe);
  }
}

// In the browser.
function showStill(url) {
  document.querySelector('video').src = url;
}

// In the browser. No recovery from fatal errors here: the server must not cause any. What the project's page does about
// latency is done here too: hls.js plays further behind after each stall, for good, and does nothing at all about a
// viewer who is more than a target duration late.
function playWithHls(url) {
  const video = document.querySelector('video');
  const patient = (load) => ({ default: { ...load, timeoutRetry: { maxNumRetry: 6, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: 10, retryDelayMs: 500, maxRetryDelayMs: 4000 } } });
  const hls = new Hls({
    lowLatencyMode: true,
    liveDurationInfinity: true,
    backBufferLength: 15,
    maxBufferLength: 10,
    maxLiveSyncPlaybackRate: 1.2,
    liveSyncOnStallIncrease: 0.3,
    playlistLoadPolicy: patient({ maxTimeToFirstByteMs: 12000, maxLoadTimeMs: 20000 }),
    fragLoadPolicy: patient({ maxTimeToFirstByteMs: 5000, maxLoadTimeMs: 20000 }),
  });
  window.hls = hls;
  let stalledAt = null;
  hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => {
    const { partHoldBack, targetduration } = details;
    hls.config.liveMaxLatencyDuration = partHoldBack > 0 ? 2 * partHoldBack + targetduration : 6 * targetduration;
    if (stalledAt !== null && Date.now() - stalledAt > 30_000) {
      stalledAt = null;
      hls.targetLatency = details.partHoldBack;
    }
  });
  hls.on(Hls.Events.STALL_RESOLVED, () => (stalledAt = Date.now()));
  hls.on(Hls.Events.ERROR, (_, error) =>
    window.trial.seen.errors.push({ at: Date.now(), details: error.details, fatal: error.fatal, ahead: error.buffer }),
  );
  hls.loadSource(url);
  hls.attachMedia(video);
  video.play().catch(() => {});
}

// In the browser. Rows are [unix ms, what, ...]; a stall is explained by the rows before it: did the playlist come late, or
// the part (start, first byte, end), or was all of it there and the machine busy (a long task, states far apart)?
function trace() {
  const hls = window.hls, video = document.querySelector('video');
  const rows = (window.trial.trace = []);
  const note = (...row) => rows.push([Date.now(), ...row]);
  const s = (seconds) => (seconds == null ? null : Math.round(1000 * seconds) / 1000);
  const times = ({ start, first, end }) => [start, first, end].map((time) => Math.round(performance.timeOrigin + time));
  const end = () => s(video.buffered.length && video.buffered.end(video.buffered.length - 1));
  const on = {
    LEVEL_LOADED: ({ details, stats }) => note('playlist', details.lastPartSn, details.lastPartIndex, s(details.edge), ...times(stats.loading)),
    FRAG_LOADED: ({ frag, part }) => note('loaded', frag.sn, part?.index, ...times((part ?? frag).stats.loading)),
    BUFFER_APPENDED: ({ frag, part }) => note('appended', frag.sn, part?.index, end()),
    ERROR: ({ details, error }) => note('error', details, error?.message),
    STALL_RESOLVED: () => note('resolved'),
  };
  for (const [name, act] of Object.entries(on)) hls.on(Hls.Events[name], (_, data) => act(data));
  for (const name of ['waiting', 'playing', 'seeking', 'seeked', 'ratechange']) {
    video.addEventListener(name, () => note(name, s(video.currentTime), end(), video.playbackRate));
  }
  new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => note('longtask', Math.round(duration))))
    .observe({ entryTypes: ['longtask'] });
  setInterval(() => note('state', s(video.currentTime), end(), s(hls.latency), s(hls.targetLatency), video.playbackRate, video.readyState), 200);
}
