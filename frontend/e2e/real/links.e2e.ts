/**
 * The way of the news from the service to many pages: restarts, proxies, ended sign-ins and sleep. Against the real
 * service on `tests/judges/stage`, which kills it and starts it again; the proxies stand in front of it.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { desktop, framesShown, launch, openPage, written } from '../browser';
import { Proxy } from '../proxy';
import { addPrinter, connectionsTo, order, orders, removeAllOf } from '../orders';
import { type TestPrinter, baseUrl, printers } from '../setting';

const [first, second] = printers as [TestPrinter, TestPrinter, ...TestPrinter[]];
const words = texts.connection;

let browser: Browser;
let id: number;
let proxy: Proxy;
let proxied: string;
const contexts: Page[] = [];

async function open(baseURL: string, path: string): Promise<Page> {
  const { page } = await openPage(browser, { baseURL, ...desktop });
  contexts.push(page);
  await page.goto(path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}

/** Marks a page, so that a load of it would be seen. */
const mark = (page: Page) => page.evaluate('window.mark = true');
const isMarked = (page: Page) => page.evaluate('window.mark === true');

/** When a page's banner changes, by the page's own clock: a busy machine must not count as the page's delay. */
async function watchBanner(page: Page): Promise<void> {
  await page.evaluate((title) => {
    const log: [number, string][] = [];
    Object.assign(window, { log });
    new MutationObserver(() => {
      const said = [...document.querySelectorAll(`section[aria-label="${title}"]`)].map(({ textContent }) => textContent).join(' | ');
      if (log.at(-1)?.[1] !== said) {
        log.push([Date.now(), said]);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  }, texts.connection.title);
}

const saidAt = async (page: Page, sentence: RegExp): Promise<number | undefined> => {
  const log = (await page.evaluate('window.log')) as readonly (readonly [number, string])[];
  return log.find(([, said]) => sentence.test(said))?.[0];
};

beforeAll(async () => {
  id = await addPrinter(first);
  await addPrinter(second);
  browser = await launch();
  proxy = new Proxy(baseUrl);
  proxied = await proxy.start();
});

afterEach(async () => {
  proxy.manner = 'clear';
  for (const page of contexts.splice(0)) {
    await page.context().close();
  }
});

afterAll(async () => {
  await browser?.close();
  proxy?.stop();
  await removeAllOf(printers.map(({ serial }) => serial));
});

describe.runIf(orders !== null)('a restart of the service', () => {
  it('under ten open pages is said after 1 s, and all are back within 5 s, without loading again', async () => {
    const pages: Page[] = [];
    for (let n = 0; n < 10; n += 1) {
      pages.push(await open(baseUrl, '/printers'));
    }
    await Promise.all(pages.map((page) => page.getByText('The printer is connected.').first().waitFor({ timeout: 30_000 })));
    await Promise.all(pages.map(async (page) => [await mark(page), await watchBanner(page)]));
    const killedMs = Date.now();
    await order('kill');
    await Promise.all(pages.map((page) => written(page, /^Reconnecting… showing data from /u).waitFor({ timeout: 15_000 })));
    await order('start');
    const upMs = Date.now();
    await Promise.all(pages.map((page) => written(page, words.back).waitFor({ timeout: 15_000 })));
    const lost = await Promise.all(pages.map(async (page) => ((await saidAt(page, /Reconnecting…/u)) ?? Infinity) - killedMs));
    const back = await Promise.all(pages.map(async (page) => ((await saidAt(page, new RegExp(words.back, 'u'))) ?? Infinity) - upMs));
    console.info(`banner after ${lost.join(', ')} ms; back after ${back.join(', ')} ms`);
    expect(Math.min(...lost)).toBeGreaterThan(900);
    expect(Math.max(...lost)).toBeLessThan(2_000);
    expect(Math.max(...back)).toBeLessThan(5_000);
    expect(await Promise.all(pages.map(isMarked))).toEqual(pages.map(() => true));
    await written(pages[0] as Page, words.back).waitFor({ state: 'detached', timeout: 10_000 });
  }, 180_000);

  it('that takes long is said in other words, with a way to try at once', async () => {
    const page = await open(baseUrl, '/printers');
    await page.getByText('The printer is connected.').first().waitFor({ timeout: 30_000 });
    await order('kill');
    await written(page, /^Cannot reach the server\. Showing data from /u).waitFor({ timeout: 30_000 });
    await order('start');
    await page.getByRole('button', { name: words.tryNow }).click();
    await written(page, words.back).waitFor({ timeout: 5_000 });
  }, 90_000);
});

describe('a proxy', () => {
  it('that holds live news back is named within 10 s, and the page asks instead', async () => {
    proxy.manner = 'buffering';
    const page = await open(proxied, '/printers');
    await written(page, words.polling).waitFor({ timeout: 12_000 });
    const sinceLoadMs = await page.evaluate(() => performance.now());
    expect(sinceLoadMs).toBeLessThan(11_000);
    await page.getByText('The printer is connected.').first().waitFor();
    proxy.manner = 'clear';
    // The stream is tried again after 30 s.
    await written(page, words.polling).waitFor({ state: 'detached', timeout: 40_000 });
  }, 90_000);
});

describe('an ended sign-in', () => {
  const banner = /^Your sign-in has ended\./u;

  it('is said with what the page still shows, asks for nothing more, and leads back to the same view', async () => {
    const page = await open(proxied, `/p/${id}`);
    await page.locator('[data-state="live"], [data-state="behind"]').first().waitFor({ timeout: 30_000 });
    await mark(page);
    proxy.manner = 'signedOut';
    proxy.cut();
    await written(page, banner).waitFor({ timeout: 10_000 });
    await page.getByRole('heading', { name: first.name, exact: true }).waitFor();
    expect(await isMarked(page)).toBe(true);
    proxy.asked = [];
    // That nothing happens can only be waited for.
    await page.waitForTimeout(20_000);
    expect(proxy.asked.slice(2)).toEqual([]);
    await page.getByRole('button', { name: texts.errors.signIn }).click();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: first.name, exact: true }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/p/${id}`);
    const before = await framesShown(page);
    await expect.poll(() => framesShown(page), { timeout: 30_000 }).toBeGreaterThan(before + 10);
  }, 120_000);

  it('is noticed by the next question, though the news still come, and keeps what was typed', async () => {
    const page = await open(proxied, '/printers/new');
    await page.getByLabel(texts.form.host, { exact: true }).fill('192.168.1.44');
    await page.getByLabel(texts.form.serial, { exact: true }).fill('22E09A000000044');
    await page.getByLabel(texts.form.accessCode, { exact: true }).fill('SECRET44');
    await page.getByLabel(texts.form.name, { exact: true }).fill('Shed');
    proxy.manner = 'signedOut';
    await page.getByRole('button', { name: texts.form.add, exact: true }).click();
    await written(page, banner).first().waitFor();
    await page.getByRole('button', { name: texts.errors.signIn }).click();
    const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
    expect(kept).not.toContain('SECRET44');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByText(texts.form.restored).waitFor();
    expect(await page.getByLabel(texts.form.host, { exact: true }).inputValue()).toBe('192.168.1.44');
    expect(await page.getByLabel(texts.form.name, { exact: true }).inputValue()).toBe('Shed');
    expect(await page.getByLabel(texts.form.accessCode, { exact: true }).inputValue()).toBe('');
  }, 60_000);

  it('is over when one has signed in elsewhere and looks again', async () => {
    const page = await open(proxied, '/printers');
    await page.getByText('The printer is connected.').first().waitFor({ timeout: 30_000 });
    proxy.manner = 'signedOut';
    proxy.cut();
    await written(page, banner).waitFor({ timeout: 10_000 });
    proxy.manner = 'clear';
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await written(page, banner).waitFor({ state: 'detached', timeout: 5_000 });
    await page.getByText('The printer is connected.').first().waitFor();
  });
});

describe('a page that slept', () => {
  it('is right within 2 s of waking, though its stream died meanwhile', async () => {
    const page = await open(proxied, '/printers');
    await page.getByText('The printer is connected.').first().waitFor({ timeout: 30_000 });
    const debugged = await page.context().newCDPSession(page);
    await debugged.send('Page.setWebLifecycleState', { state: 'frozen' });
    proxy.cut();
    await removeAllOf([second.serial]);
    await debugged.send('Page.setWebLifecycleState', { state: 'active' });
    const wokenMs = Date.now();
    await page.getByRole('link', { name: second.name, exact: true }).waitFor({ state: 'detached', timeout: 5_000 });
    expect(Date.now() - wokenMs).toBeLessThan(2_000);
    await addPrinter(second);
  });
});

describe('two browsers with three tabs each', () => {
  it('on one camera make one connection to it', async () => {
    const pages: Page[] = [];
    for (const context of [await browser.newContext({ baseURL: baseUrl }), await browser.newContext({ baseURL: baseUrl })]) {
      for (let tab = 0; tab < 3; tab += 1) {
        pages.push(await context.newPage());
      }
    }
    contexts.push(...pages);
    // What each is given counts here, not whether this machine can decode six films at once.
    const given = pages.map((page) => page.waitForResponse((answer) => /\/hls\/.*\.ts$/u.test(answer.url()) && answer.ok(), { timeout: 100_000 }));
    await Promise.all(pages.map((page) => page.goto(`/p/${id}`)));
    await Promise.all(given);
    const { hostname, port } = new URL((first.rtspUrl ?? `rtsps://${first.host}:322`).replace(/^rtsps:/u, 'http:'));
    expect(connectionsTo(hostname, Number(port))).toBe(1);
  }, 150_000);
});
