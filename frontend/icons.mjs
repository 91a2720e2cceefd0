/**
 * Draws the icons of the installed page from public/favicon.svg, in Chromium: `node icons.mjs`, when the sign changes.
 *
 *   CHROMIUM      the browser                                     /usr/bin/chromium
 */
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const folder = new URL('./public/', import.meta.url);
const sign = readFileSync(new URL('favicon.svg', folder), 'utf8');
/** Systems cut their own shape out of these: the ground goes to the edge, the sign keeps away from it. */
const whole = sign.replace(' rx="8"', '').replace('<g ', '<g transform="translate(4.8 4.8) scale(0.7)" ');

const icons = [
  ['icon-192.png', 192, sign],
  ['icon-512.png', 512, sign],
  ['icon-maskable-512.png', 512, whole],
  ['apple-touch-icon.png', 180, whole],
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
await Promise.all(
  icons.map(async ([name, size, svg]) => {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${svg}`);
    await page.screenshot({ path: new URL(name, folder).pathname, omitBackground: true });
  }),
);
await browser.close();
