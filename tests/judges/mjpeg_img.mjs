#!/usr/bin/env node
// Chromium's <img> on a stream of pictures: says when the first one is drawn, and how many colours it has.
//
// usage: mjpeg_img.mjs URL SCREENSHOT
import { openBrowser } from './browser.mjs';

const [url, screenshot] = process.argv.slice(2);
const browser = await openBrowser('/usr/bin/chromium');
try {
  const tab = await (await browser.newContext()).newPage();
  // The service's own page: its policy allows its own pictures, and what they show may be read.
  await tab.goto(new URL('/', url).href);
  const seen = await tab.evaluate(
    (source) =>
      new Promise((resolve) => {
        const image = new Image();
        const begun = performance.now();
        document.body.replaceChildren(image);
        const look = () => {
          const after = performance.now() - begun;
          if (!image.naturalWidth && after < 15_000) return setTimeout(look, 20);
          const canvas = document.createElement('canvas');
          [canvas.width, canvas.height] = [64, 36];
          const pen = canvas.getContext('2d');
          if (image.naturalWidth) pen.drawImage(image, 0, 0, 64, 36);
          const colours = new Set(new Uint32Array(pen.getImageData(0, 0, 64, 36).data.buffer)).size;
          resolve(`${image.naturalWidth}x${image.naturalHeight} after ${Math.round(after)} ms, ${colours} colours`);
        };
        image.src = source;
        look();
      }),
    url,
  );
  await tab.screenshot({ path: screenshot });
  console.log(seen);
} finally {
  await browser.close();
}
