/**
 * The browser of the tests. From the environment:
 *
 *   CHROMIUM      the browser                                     /usr/bin/chromium
 *   SHOTS         a folder for screenshots                        none are made
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core';

export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const;
export const desktop = { viewport: { width: 1440, height: 900 } } as const;
export const television = { viewport: { width: 1920, height: 1080 } } as const;

export const shots = process.env.SHOTS;

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

/** A page that keeps what went wrong in it. Answers with an error status are the page's to handle, and not among it. */
export async function openPage(browser: Browser, options: BrowserContextOptions & { readonly baseURL: string }): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext(options);
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

/** A text where it is to be read, and not where the page says it aloud. */
export const written = (page: Page, text: string | RegExp) => page.getByText(text, { exact: true }).and(page.locator(':not([aria-live] *)'));

/** Pictures shown so far by whichever cameras play: a clock can run over a picture that stands still. */
export const framesShown = (page: Page): Promise<number> =>
  page.locator('video').evaluateAll((videos: readonly HTMLVideoElement[]) =>
    videos
      .map((video) => video.getVideoPlaybackQuality())
      .reduce((sum, { totalVideoFrames, droppedVideoFrames }) => sum + totalVideoFrames - droppedVideoFrames, 0),
  );

/** Another theme, with all of it arrived: a colour that is inherited fades after the one it comes from. */
async function wear(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .filter((animation) => animation instanceof CSSTransition)
      // In a part that is folded or out of sight, none ever ends.
      .every(({ effect }) => effect instanceof KeyframeEffect && effect.target?.checkVisibility({ contentVisibilityAuto: true }) === false),
  );
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with the page as it is now, one line each; of what another theme changes alone where it is the second. */
export async function barriers(page: Page, isSecondTheme = false): Promise<string[]> {
  if (!(await page.evaluate<boolean>(`'axe' in window`))) {
    // Through the debugger: the service's Content-Security-Policy would refuse a script tag.
    await page.evaluate(axeSource);
  }
  // It would fetch the style sheets anew, also where the point is that no server answers.
  const options = { resultTypes: ['violations'], preload: false, ...(isSecondTheme ? { runOnly: themeRules } : {}) };
  const violations = await page.evaluate<AxeResults['violations']>(`axe.run(${JSON.stringify(options)}).then(({ violations }) => violations)`);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary?.replaceAll(/\s+/gu, ' ')}`).join(' | ')}`);
}

/** The rules that look at colours. */
const themeRules = ['color-contrast', 'link-in-text-block'];

/** A screenshot, where those are wanted. */
export async function shoot(page: Page, name: string, fullPage = false): Promise<void> {
  if (shots !== undefined) {
    await page.screenshot({ path: `${shots}/${name}.png`, fullPage });
  }
}

/** What axe finds in the page as it is, in light and in dark; with screenshots `NAME-light` and `NAME-dark`. */
export async function barriersInBothThemes(page: Page, name: string, fullPage = false): Promise<string[]> {
  const found: string[] = [];
  for (const theme of ['light', 'dark'] as const) {
    await wear(page, theme);
    await shoot(page, `${name}-${theme}`, fullPage);
    found.push(...(await barriers(page, theme === 'dark')).map((barrier) => `${name} ${theme}: ${barrier}`));
  }
  return found;
}
