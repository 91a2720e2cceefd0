/** Cameras that do not play, against a service that says what the test wants: what a tile shows, and what it claims. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { barriers, desktop, launch, openPage, phone, shoot, shots, written } from '../browser';
import { filmOf } from '../film';
import { type MockCamera, type MockPrinter, MockService, away } from '../mock';
import { states } from '../statuses';

const words = texts.camera;
const live: MockCamera = { step: 'live', sentence: 'The camera is live.' };
const red = filmOf('0xc03020');
const green = filmOf('0x20a040');

let service: MockService;
let baseURL: string;
let browser: Browser;

const wall = (count: number, film: Buffer | null = red, ageMs = 0, camera = live): MockPrinter[] =>
  Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    name: `P1S ${index + 1}`,
    status: states.printing(),
    camera,
    ...(film === null ? {} : { still: { film, takenMs: Date.now() - ageMs } }),
  }));

async function open(options = {}, path = '/') {
  const opened = await openPage(browser, { baseURL, ...desktop, ...options });
  await opened.page.goto(path);
  return opened;
}

/** The colour in the middle of a camera's picture. */
const colourOf = (page: Page, nth = 0): Promise<string> =>
  page
    .locator('[data-claim] canvas')
    .nth(nth)
    .evaluate((canvas: HTMLCanvasElement) => {
      const [r = 0, g = 0] = canvas.getContext('2d')?.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data ?? [];
      return r > g + 40 ? 'red' : g > r + 40 ? 'green' : 'none';
    });

const library = /\/assets\/hls/u;
const stills = (page: Page) => page.locator('[data-claim="still"][data-past]');

beforeAll(async () => {
  service = new MockService();
  baseURL = await service.start();
  browser = await launch();
});

// Also of a test that failed: its page would go on asking.
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});

afterAll(async () => {
  await browser?.close();
  service.stop();
});

beforeEach(() => {
  service.printers = wall(6);
  service.stillsAsked = 0;
});

describe('a still', () => {
  it('appears on every tile, says how old it is, and gives way to the next', async () => {
    const { page } = await open();
    await expect.poll(() => stills(page).count(), { timeout: 30_000 }).toBe(6);
    for (const nth of [0, 5]) {
      expect(await colourOf(page, nth)).toBe('red');
    }
    await page.locator('p[data-claim="still"]', { hasText: /Still· \d+ s/u }).first().waitFor();
    service.printers = wall(6, green);
    await expect.poll(() => colourOf(page), { timeout: 10_000 }).toBe('green');
  });

  it('is asked for by nobody while the page is hidden, and at once when it is seen again', async () => {
    const { page } = await open();
    await expect.poll(() => stills(page).count(), { timeout: 30_000 }).toBe(6);
    await see(page, 'hidden');
    const asked = service.stillsAsked;
    service.printers = wall(6, green);
    await expect.poll(async () => page.evaluate(() => performance.now()), { timeout: 15_000 }).toBeGreaterThan(await page.evaluate(() => performance.now() + 8_000));
    expect(service.stillsAsked).toBe(asked);
    await see(page, 'visible');
    await expect.poll(() => colourOf(page), { timeout: 8_000 }).toBe('green');
  });

  it('of a camera that is away stays, with its reason, and is drawn as of the past after a minute', async () => {
    service.printers = wall(1, red, 3_600_000);
    const { page } = await open();
    await page.locator('[data-claim="still"][data-past="true"]').waitFor();
    service.setCamera(1, { step: 'retrying', sentence: 'The camera does not answer; trying again.' });
    await written(page, 'The camera does not answer; trying again.').waitFor();
    expect(await colourOf(page)).toBe('red');
  });

  it('leaves no decoder behind', async () => {
    service.printers = wall(24);
    const { page } = await open();
    await expect.poll(() => stills(page).count(), { timeout: 20_000 }).toBeGreaterThan(8);
    const loaded = await page.locator('video').evaluateAll((videos: readonly HTMLVideoElement[]) => videos.filter((video) => video.currentSrc !== '' && video.readyState > 0).length);
    expect(loaded).toBe(0);
  });
});

describe('stills only', () => {
  it('is chosen on the wall, kept on this device, and no stream is opened', async () => {
    const videos: string[] = [];
    const { page } = await open();
    await page.getByRole('button', { name: texts.wall.view }).click();
    await page.getByLabel(words.stillsOnly).check();
    page.on('request', (request) => (request.url().endsWith('.m3u8') || library.test(request.url())) && videos.push(request.url()));
    await page.reload();
    await expect.poll(() => stills(page).count(), { timeout: 30_000 }).toBe(6);
    await page.getByRole('button', { name: texts.wall.view }).click();
    await page.getByText(words.fewer.saver).waitFor();
    expect(await page.getByLabel(words.stillsOnly).isChecked()).toBe(true);
    expect(videos).toEqual([]);
  });
});

describe('the library that plays video', () => {
  it('is asked for with the player and not after it', async () => {
    const { page } = await openPage(browser, { baseURL, ...desktop });
    // The player never comes.
    await page.route(/\/assets\/player-/u, () => undefined);
    await Promise.all([page.waitForRequest(library), page.goto('/')]);
  });
});

/** A stage in each state in which its camera does not play, and what it says then. */
const stages: Readonly<Record<string, { readonly make: () => void; readonly says?: string; readonly act?: (page: Page) => Promise<void> }>> = {
  connecting: { make: () => (service.holdsStreams = true) },
  'connecting-first': {
    make: () => {
      service.holdsStreams = true;
      service.printers = wall(1, null);
    },
    says: words.connecting,
  },
  stuck: { make: () => (service.holdsStreams = true), says: words.waits.playlist },
  away: {
    make: () => (service.printers = wall(1, red, 3_600_000, away)),
    says: away.sentence,
  },
  lost: { make: () => undefined, says: words.noConnection, act: async () => service.stop() },
  'stills-only': { make: () => undefined, says: words.playAnyway, act: stillsOnly },
};

const looks = [
  ['phone', phone, 'dark'],
  ['desktop', desktop, 'light'],
  ...(shots === undefined ? [] : ([['phone', phone, 'light'], ['desktop', desktop, 'dark']] as const)),
] as const;

describe('the stage of a camera that does not play', () => {
  it.each(Object.keys(stages))('says so: %s', async (name) => {
    const { make, says, act } = stages[name] as (typeof stages)[string];
    const found: string[] = [];
    for (const [device, size, colorScheme] of looks) {
      service.stop();
      service = new MockService();
      baseURL = await service.start();
      service.printers = wall(1);
      make();
      const { page } = await open({ ...size, colorScheme });
      await page.locator('[data-size="stage"]').waitFor();
      if (service.printers[0]?.still !== undefined) {
        await stills(page).waitFor({ timeout: 30_000 });
      }
      await act?.(page);
      await (says === undefined ? stills(page) : page.getByText(says).first()).waitFor({ timeout: 30_000 });
      await shoot(page, `stage-${name}-${device}-${colorScheme}`);
      found.push(...(await barriers(page)));
      await page.context().close();
      }
    expect(found).toEqual([]);
  }, 180_000);
});

async function stillsOnly(page: Page): Promise<void> {
  await page.evaluate(() => localStorage.setItem('platecast.pictures', 'stills'));
  await page.reload();
}

describe.runIf(shots !== undefined)('pictures', () => {
  it.each([
    ['phone', phone],
    ['desktop', desktop],
  ])('of the wall on a %s', async (device, size) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open({ ...size, colorScheme });
      await expect.poll(() => stills(page).count(), { timeout: 30_000 }).toBeGreaterThan(0);
      await shoot(page, `stills-${device}-${colorScheme}`);
      expect(await barriers(page)).toEqual([]);
      await page.context().close();
      }
  });
});

/** What the page believes about being seen. A headless browser hides nothing by itself. */
async function see(page: Page, state: 'visible' | 'hidden'): Promise<void> {
  await page.evaluate((visibility) => {
    Object.defineProperty(document, 'visibilityState', { value: visibility, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}
