/**
 * The player against the real service: what the stage offers, what it claims, and what it gets over without being
 * loaded anew. Adds its printers itself and removes them.
 *
 *   STAGE_ORDERS  where the service is killed and started, and the printers get orders: see tests/judges/parties.py
 *   SHOTS         a folder for a screenshot of each state; none by default
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { barriers, desktop, framesShown, launch, openPage, phone, shots, written } from '../browser';
import { baseUrl, printers } from '../setting';

const words = texts.camera;
const orders = process.env.STAGE_ORDERS;
const api = { 'Content-Type': 'application/json', 'X-Requested-By': 'platecast' };

let browser: Browser;
let ids: readonly number[] = [];

const order = async (path: string, line = ''): Promise<void> => {
  const answer = await fetch(`${orders}${path}`, { method: 'POST', body: line });
  expect(answer.status).toBe(204);
};

const frame = (page: Page) => page.locator('[data-size="stage"]');

async function open(options = {}, path = `/p/${ids[0]}`) {
  const opened = await openPage(browser, { baseURL: baseUrl, ...desktop, ...options });
  await opened.page.goto(path);
  // Gone when the page is loaded anew.
  await opened.page.evaluate(() => Object.assign(globalThis, { stayed: true }));
  return opened;
}

const stayed = (page: Page): Promise<boolean> => page.evaluate(() => 'stayed' in globalThis);

async function expectLive(page: Page, withinMs = 30_000): Promise<void> {
  await page.locator('[data-state="live"]').first().waitFor({ timeout: withinMs });
  const before = await framesShown(page);
  await expect.poll(() => framesShown(page), { timeout: withinMs, interval: 200 }).toBeGreaterThan(before + 10);
}

/** Within a time that counts; how fresh it is depends on what else the machine does. */
const expectMoving = (page: Page, withinMs: number): Promise<void> =>
  page.locator('[data-state="live"], [data-state="behind"]').first().waitFor({ timeout: withinMs });

/** Stops the pages' processes as a closed lid does: no timer runs, no answer is read. */
async function sleep(ms: number): Promise<void> {
  const { processInfo } = await (await browser.newBrowserCDPSession()).send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  const signal = (name: NodeJS.Signals) => renderers.forEach((id) => process.kill(id, name));
  signal('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, ms));
  signal('SIGCONT');
}

/** What the page believes about being seen. A headless browser hides nothing by itself. */
const see = (page: Page, state: 'visible' | 'hidden'): Promise<void> =>
  page.evaluate((visibility) => {
    Object.defineProperty(document, 'visibilityState', { value: visibility, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);

const mediaAsked = (page: Page): string[] => {
  const asked: string[] = [];
  page.on('request', (request) => request.url().includes('/hls/') && asked.push(request.url()));
  return asked;
};

beforeAll(async () => {
  const list: unknown = await (await fetch(`${baseUrl}/api/printers`)).json();
  // Not emptied here: nobody's printers are deleted by a test that was pointed at the wrong service.
  expect(list, 'The tests need a service with an empty registry.').toEqual([]);
  ids = await Promise.all(
    printers.map(async (printer) => {
      const answer = await fetch(`${baseUrl}/api/printers`, { method: 'POST', headers: api, body: JSON.stringify(printer) });
      return ((await answer.json()) as { readonly id: number }).id;
    }),
  );
  browser = await launch();
});

// Also of a test that failed: its page would go on asking.
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});

afterAll(async () => {
  await browser?.close();
  await Promise.all(ids.map((id) => fetch(`${baseUrl}/api/printers/${id}`, { method: 'DELETE', headers: api })));
});

describe('the stage', () => {
  it('claims to be live only when it is, and says how far behind', async () => {
    const { page, complaints } = await open();
    await expectLive(page);
    await page.locator('p[data-claim="live"]', { hasText: /Live[0-3]\.\d s/u }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('goes back to live by L, which is offered once it is late', async () => {
    const { page } = await openPage(browser, { baseURL: baseUrl, ...desktop });
    // A player of a stream that is younger than the hold-back is nearer to its edge than it means to be.
    const playlist = async () => (await fetch(`${baseUrl}/hls/${ids[0]}/stream.m3u8`)).text();
    await expect.poll(async () => (await playlist()).match(/#EXTINF/gu)?.length, { timeout: 30_000 }).toBeGreaterThan(5);
    // With parts the player comes back by itself before anybody could press a key.
    await page.route('**/stream_ll.m3u8*', (route) => route.fulfill({ status: 404 }));
    await page.goto(`/p/${ids[0]}`);
    const behind = frame(page).and(page.locator('[data-state="behind"][data-delivery="standard"]'));
    await behind.waitFor();
    await page.locator('p[data-claim="behind"]', { hasText: 's behind' }).waitFor();
    const video = page.locator('video').first();
    const room = () => video.evaluate((element: HTMLVideoElement) => element.currentTime - element.buffered.start(0));
    await expect.poll(room, { timeout: 30_000 }).toBeGreaterThan(4);
    await video.evaluate((element: HTMLVideoElement) => void (element.currentTime -= 3.5));
    const goLive = page.getByRole('button', { name: words.goLive, exact: true });
    await goLive.waitFor();
    await page.keyboard.press('l');
    await goLive.waitFor({ state: 'hidden' });
    await expect.poll(room).toBeGreaterThan(4);
  });

  it('saves the picture by S, named by printer, time and per cent', async () => {
    const { page } = await open();
    await expectLive(page);
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('s')]);
    expect(download.suggestedFilename()).toMatch(/^[\p{L}\p{N}-]+_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(_\d+-percent)?\.jpg$/u);
    await written(page, words.saved(download.suggestedFilename())).waitFor();
  });

  it('tells its figures by I, and selects them where there is no clipboard', async () => {
    const { page } = await open();
    await expectLive(page);
    await page.keyboard.press('i');
    await page.getByText(words.deliveries.lowLatency, { exact: true }).waitFor();
    await page.getByText(/^\d+ kB\/s$/u).waitFor();
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    await page.getByRole('button', { name: words.copy, exact: true }).click();
    await written(page, words.selected).waitFor();
    expect(await page.evaluate(() => getSelection()?.toString())).toContain(words.latencyFact);
  });

  it('looks closer by double click, and shows the whole again by 0', async () => {
    const { page } = await open();
    await expectLive(page);
    await frame(page).dblclick({ position: { x: 200, y: 100 } });
    await page.getByText(words.zoom('2.5'), { exact: true }).waitFor();
    await page.keyboard.press('0');
    await page.locator('[data-zoomed="false"]').waitFor();
  });
});

describe('a page that nobody sees', () => {
  it('gives its stream back after a minute, and plays again when it is seen', async () => {
    const { page } = await openPage(browser, { baseURL: baseUrl, ...desktop });
    await page.clock.install();
    await page.goto(`/p/${ids[0]}`);
    await expectLive(page);
    await see(page, 'hidden');
    await page.clock.fastForward(61_000);
    await frame(page).and(page.locator('[data-state="idle"]')).waitFor();
    const asked = mediaAsked(page);
    await page.clock.fastForward(10_000);
    expect(asked).toEqual([]);
    await see(page, 'visible');
    await page.locator('[data-state="live"], [data-state="behind"]').waitFor();
  });

  it('is live again soon after it slept', async () => {
    const { page } = await open();
    await expectLive(page);
    await sleep(12_000);
    await expectMoving(page, 10_000);
    await expectLive(page);
    expect(await stayed(page)).toBe(true);
  });
});

describe.runIf(orders !== undefined)('without being loaded anew, a page plays on', () => {
  it('when the camera reset its connection', async () => {
    const { page } = await open();
    await expectLive(page);
    await order('/order', '1 reset');
    await expect.poll(async () => (await (await fetch(`${baseUrl}/api/printers/${ids[0]}/camera`)).json()) as object, { timeout: 20_000 }).toMatchObject({ step: 'live' });
    await expectMoving(page, 10_000);
    await expectLive(page);
    expect(await stayed(page)).toBe(true);
  });

  it('when the service was killed and started again', async () => {
    const { page } = await open();
    await expectLive(page);
    await order('/kill');
    await page.locator('[data-size="stage"]:not([data-state="live"])').waitFor({ timeout: 15_000 });
    await order('/start');
    await expectMoving(page, 10_000);
    await expectLive(page);
    expect(await stayed(page)).toBe(true);
  });

  it('when the network went and came', async () => {
    const { page } = await open();
    await expectLive(page);
    await page.context().setOffline(true);
    await page.locator('[data-size="stage"]:not([data-state="live"])').waitFor({ timeout: 30_000 });
    await page.context().setOffline(false);
    await expectMoving(page, 10_000);
    await expectLive(page);
  });
});

describe.runIf(printers.length >= 6)('a wall of six over HTTP/1.1', () => {
  it('plays no more than two, shows stills of the others, and leaves a connection for everything else', async () => {
    const { page } = await openPage(browser, { baseURL: baseUrl, ...desktop });
    const asked = mediaAsked(page);
    await page.goto('/');
    await expectLive(page);
    await expect.poll(() => page.locator('[data-size="tile"][data-claim="still"]').count(), { timeout: 30_000 }).toBeGreaterThanOrEqual(4);
    // A machine that does something else as well drops pictures, and then one has to do.
    await page.getByRole('button', { name: texts.wall.view, exact: true }).click();
    await page.getByText(words.fewer.plainHttp).or(page.getByText(words.fewer.slowDevice)).waitFor();
    const streams = new Set(asked.map((url) => /\/hls\/(\d+)\//u.exec(url)?.[1]));
    expect([...streams]).toHaveLength(2);
    const took = await page.evaluate(async () => {
      const before = performance.now();
      await (await fetch('/api/printers')).json();
      return performance.now() - before;
    });
    expect(took).toBeLessThan(1_000);
  });

  it('asks for each still anew, and shows how old it is', async () => {
    const { page } = await openPage(browser, { baseURL: baseUrl, ...desktop });
    await page.goto('/');
    const still = page.locator('[data-size="tile"][data-claim="still"]').first();
    await still.waitFor({ timeout: 30_000 });
    const before = Number(await still.getAttribute('data-picture-ms'));
    await expect.poll(async () => Number(await still.getAttribute('data-picture-ms')), { timeout: 20_000 }).toBeGreaterThan(before);
    await page.locator('p[data-claim="still"]', { hasText: /Still· \d+ s/u }).first().waitFor();
  });
});

describe.runIf(shots !== undefined)('pictures', () => {
  it.each([
    ['phone', phone],
    ['desktop', desktop],
  ])('of the stage on a %s', async (device, size) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open({ ...size, colorScheme });
      await expectLive(page);
      await page.screenshot({ path: `${shots}/stage-${device}-${colorScheme}.png` });
      await page.getByRole('button', { name: words.figures, exact: true }).click();
      await page.getByRole('button', { name: words.copy, exact: true }).waitFor();
      await page.screenshot({ path: `${shots}/figures-${device}-${colorScheme}.png` });
      expect(await barriers(page)).toEqual([]);
      await page.context().close();
      }
  });
});
