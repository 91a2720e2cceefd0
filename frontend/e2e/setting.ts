/**
 * Where the tests find the service, the browser and the printers, all from the environment:
 *
 *   BASE_URL      the running service with an empty registry      http://127.0.0.1:8080
 *   E2E_PRINTERS  JSON list of printers that really answer, as POST /api/printers takes them; at least one
 *   CHROMIUM      the browser                                     /usr/bin/chromium
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core';
import * as v from 'valibot';

const printersSchema = v.pipe(
  v.array(
    v.object({
      name: v.string(),
      host: v.string(),
      serial: v.string(),
      accessCode: v.string(),
      rtspUrl: v.optional(v.nullable(v.string()), null),
      cameraFingerprint: v.optional(v.nullable(v.string()), null),
    }),
  ),
  v.minLength(1, 'E2E_PRINTERS has no printer.'),
);

export const baseUrl = process.env.SERVICE_URL ?? '';
export const printers = v.parse(printersSchema, JSON.parse(process.env.E2E_PRINTERS ?? '[]'));
export type TestPrinter = (typeof printers)[number];

export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const;
export const desktop = { viewport: { width: 1440, height: 900 } } as const;

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

/** A page that keeps what went wrong in it. Answers with an error status are the page's to handle, and not among it. */
export async function openPage(browser: Browser, options: BrowserContextOptions): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ baseURL: baseUrl, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text());
    }
  });
  return { page, complaints };
}

/** Pictures decoded so far: a clock can run over a picture that stands still. */
export const framesShown = (page: Page): Promise<number> =>
  page.locator('video').first().evaluate((video: HTMLVideoElement) => {
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
    return totalVideoFrames - droppedVideoFrames;
  });

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with the page as it is now, one line each. */
export async function barriers(page: Page): Promise<string[]> {
  // Through the debugger: the service's Content-Security-Policy would refuse a script tag.
  await page.evaluate(axeSource);
  const results = await page.evaluate<AxeResults>('axe.run()');
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}
