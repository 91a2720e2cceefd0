/** Status and control from the page to a printer and back: for printers that have MQTT, as the virtual ones do. */
import { connect } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { desktop, launch, openPage } from '../browser';
import { type TestPrinter, baseUrl, printers } from '../setting';

const [printer] = printers as [TestPrinter, ...TestPrinter[]];
const mqttPort = 8883;
const headers = { 'Content-Type': 'application/json', 'X-Requested-By': 'platecast' };
const words = texts.control;

/** Whether anything listens: a printer that does has to work, and one that does not is none of these tests' business. */
const listens = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const found = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', found(true)).once('error', found(false)).once('timeout', found(false));
  });

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const said = (page: Page, sentence: string) => page.getByText(sentence, { exact: true }).first().waitFor({ timeout: 10_000 });

describe.runIf(await listens(printer.host, mqttPort))('a printer', () => {
  let browser: Browser;
  let page: Page;
  let other: Page;
  let complaints: string[];
  let id: number;

  beforeAll(async () => {
    const answer = await fetch(`${baseUrl}/api/printers`, { method: 'POST', headers, body: JSON.stringify(printer) });
    expect(answer.status).toBe(201);
    ({ id } = (await answer.json()) as { id: number });
    browser = await launch();
    ({ page, complaints } = await openPage(browser, { baseURL: baseUrl, ...desktop }));
    ({ page: other } = await openPage(browser, { baseURL: baseUrl, ...desktop }));
    await Promise.all([page.goto(`/p/${id}`), other.goto(`/p/${id}`)]);
  });

  afterAll(async () => {
    await browser?.close();
    await fetch(`${baseUrl}/api/printers/${id}`, { method: 'DELETE', headers });
  });

  it('shows its print', async () => {
    await page.getByRole('progressbar', { name: texts.status.progress }).waitFor({ timeout: 20_000 });
    await page.getByRole('list', { name: texts.status.urgentProblems }).waitFor({ state: 'detached' });
  });

  it('pauses and goes on, for everybody who looks', async () => {
    await button(page, words.pause).click();
    await said(page, texts.status.kinds.paused);
    await said(other, texts.status.kinds.paused);
    await button(page, words.resume).click();
    await button(other, words.pause).waitFor({ timeout: 10_000 });
    await expect.poll(() => other.getByText(texts.status.kinds.paused, { exact: true }).count(), { timeout: 2_000 }).toBe(0);
  });

  it('switches its light', async () => {
    const light = page.getByRole('switch', { name: words.light });
    const before = await light.getAttribute('aria-checked');
    await light.click();
    await expect.poll(() => light.getAttribute('aria-checked'), { timeout: 10_000 }).not.toBe(before);
    expect(await other.getByRole('switch', { name: words.light }).getAttribute('aria-checked')).not.toBe(before);
  });

  it('stops no other print than the one that was shown', async () => {
    // As if another print had begun, which this page has not heard of.
    await page.route('**/command', async (route) => {
      const command = route.request().postDataJSON() as Record<string, unknown>;
      await route.continue({ postData: JSON.stringify({ ...command, jobId: 'the one before' }) });
    });
    const refusal = page.waitForResponse('**/command');
    await button(page, words.stop).click();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect((await refusal).status()).toBe(409);
    const { error } = (await (await refusal).json()) as { error: string };
    await page.getByRole('alertdialog').getByText(error, { exact: true }).waitFor();
    await button(page, texts.app.close).press('Enter');
    await page.unroute('**/command');
    await page.getByRole('progressbar', { name: texts.status.progress }).waitFor();
    expect(await other.getByText(texts.status.kinds.finished, { exact: true }).count()).toBe(0);
  });

  it('stops, when it was asked whether it should', async () => {
    await button(page, words.stop).click();
    await button(page, texts.stop.keep).press('Enter');
    await button(page, words.stop).click();
    // By the keyboard: the dialog does not hear the finger that opened it.
    await button(page, texts.stop.confirm).press('Enter');
    await said(page, texts.status.kinds.stopped);
    await said(page, words.noJob);
    expect(complaints).toEqual([]);
  });
});
