#!/usr/bin/env node
// A person with an empty installation: opens the page, has printers found, takes all of them, types their code, and looks at the
// wall. Prints one JSON object: seconds from the first click to what was found, to the last printer added, to the pictures, and to moving video.
//
// usage: finding.mjs --origin URL --code CODE --printers N --width PIXELS --height PIXELS [--range NETWORK] [--shots DIR]

import { parseArgs } from 'node:util';
import { openBrowser } from './browser.mjs';

const { values: options } = parseArgs({
  options: {
    origin: { type: 'string' },
    code: { type: 'string' },
    printers: { type: 'string' },
    width: { type: 'string' },
    height: { type: 'string' },
    range: { type: 'string' },
    shots: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const NONE_HEARD = 'No printer has been heard yet.';
const count = Number(options.printers);
const WITHIN_MS = 35_000;

const browser = await openBrowser(options.chromium);
const page = await browser.newPage({ viewport: { width: Number(options.width), height: Number(options.height) } });
const shot = async (name) => options.shots && page.screenshot({ path: `${options.shots}/${options.width}-${name}.png`, fullPage: true });
try {
  page.setDefaultTimeout(WITHIN_MS);
  const said = [];
  page.on('pageerror', (error) => said.push(error.message));
  await page.goto(options.origin);
  const find = page.getByRole('link', { name: 'Find printers' });
  await find.waitFor();
  await shot('1-empty');
  const begun = Date.now();
  const seconds = () => (Date.now() - begun) / 1000;
  await find.click();
  let deaf = null;
  let claim = null;
  if (options.range) {
    // What the page says of hearing, beside what the service says. Across a router nothing has been heard yet.
    deaf = await page.evaluate(async () => (await (await fetch('/api/found')).json()).deaf?.sentence ?? null);
    await page.getByText(deaf ?? NONE_HEARD).waitFor();
    claim = (await page.getByText(NONE_HEARD).count()) > 0 ? null : deaf;
    const range = page.getByLabel('Range', { exact: true });
    if (!(await range.isVisible())) await page.getByText('Scan a network', { exact: true }).click();
    await page.getByLabel('Range', { exact: true }).fill(options.range);
    await shot('2-range');
    await page.getByRole('button', { name: 'Scan this range' }).click();
  }
  const boxes = page.getByRole('checkbox');
  await boxes.nth(count - 1).waitFor();
  const found = seconds();
  for (let number = 0; number < count; number += 1) {
    await boxes.nth(number).check();
    // The field has the focus, so a person just types.
    await page.locator('input[autocomplete="one-time-code"]:focus').waitFor();
    await page.keyboard.type(options.code);
  }
  await shot('3-chosen');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${options.origin}/`);
  const added = seconds();
  // What is drawn, not what is there: an element may be empty.
  while (!(await page.evaluate(drawn, count))) {
    if (seconds() * 1000 > WITHIN_MS) throw new Error(`no ${count} pictures on the wall after ${seconds()} s`);
    await page.waitForTimeout(100);
  }
  const pictures = seconds();
  // A still of the P2S counts above. Its video comes with the next key frame.
  while (!(await page.evaluate(isPlaying))) {
    if (seconds() * 1000 > WITHIN_MS) throw new Error(`no video plays on the wall after ${seconds()} s`);
    await page.waitForTimeout(100);
  }
  const plays = seconds();
  await shot('4-wall');
  console.log(JSON.stringify({ found, added, pictures, plays, deaf, claim, said }));
} catch (error) {
  await shot('failed');
  throw error;
} finally {
  await browser.close();
}

function isPlaying() {
  const plays = (video) => video.videoWidth > 0 && video.currentTime > 0 && !video.paused;
  // A still is a short video too, so the tile has to say that it is live.
  return [...document.querySelectorAll('[data-tile]')].some((tile) => tile.textContent.includes('Live') && [...tile.querySelectorAll('video')].some(plays));
}

// Whether so many tiles have a picture with something in it.
function drawn(count) {
  const canvas = new OffscreenCanvas(16, 9);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const hasPicture = (element) => {
    const width = element instanceof HTMLVideoElement ? element.videoWidth : element.width;
    if (width < 64) return false;
    context.clearRect(0, 0, 16, 9);
    context.drawImage(element, 0, 0, 16, 9);
    const { data } = context.getImageData(0, 0, 16, 9);
    const levels = data.filter((_, index) => index % 4 === 1);
    return Math.max(...levels) - Math.min(...levels) > 16;
  };
  const tiles = [...document.querySelectorAll('[data-tile]')];
  return tiles.filter((tile) => [...tile.querySelectorAll('canvas, video')].some(hasPicture)).length >= count;
}
