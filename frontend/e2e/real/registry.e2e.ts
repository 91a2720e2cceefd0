/** Adding, testing and diagnosing a printer against the real service: what a test says is what the printer is. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { framesShown, launch, openPage, phone } from '../browser';
import { fillForm } from '../fill';
import { addPrinter, order, orders, removeAllOf } from '../orders';
import { type TestPrinter, baseUrl, printers } from '../setting';

const [printer, other] = printers as [TestPrinter, TestPrinter, ...TestPrinter[]];
const words = texts.form;
const twoMinutesMs = 120_000;

let browser: Browser;
let page: Page;
let complaints: string[];

const button = (name: string) => page.getByRole('button', { name, exact: true });
const field = (label: string) => page.getByLabel(label, { exact: true });
const stage = (name: string, state: string) => page.locator(`[data-stage="${name}"][data-state="${state}"]`);
/** Tests of a busy machine take their time: the service ends each of them after a minute. */
const over = { timeout: 70_000 };

const fill = (typed: TestPrinter) => fillForm(page, typed);

beforeAll(async () => {
  browser = await launch();
  ({ page, complaints } = await openPage(browser, { baseURL: baseUrl, ...phone }));
});

afterEach(() => removeAllOf(printers.map(({ serial }) => serial)));

afterAll(() => browser?.close());

describe('a first run', () => {
  it('leads to a picture that moves within two minutes, tested before it is saved', async () => {
    const beganMs = Date.now();
    await page.goto('/');
    await page.getByRole('link', { name: texts.wall.emptyStart, exact: true }).click();
    await fill(printer);
    await button(words.test).click();
    await page.getByText(texts.stages.passed, { exact: true }).waitFor(over);
    expect(await (await fetch(`${baseUrl}/api/printers`)).json(), 'a test saves nothing').toEqual([]);
    await button(words.add).click();
    await page.getByRole('heading', { name: printer.name, exact: true }).waitFor();
    await page.locator('[data-state="live"], [data-state="behind"]').first().waitFor({ timeout: 60_000 });
    const before = await framesShown(page);
    await expect.poll(() => framesShown(page), { timeout: 30_000 }).toBeGreaterThan(before);
    const tookMs = Date.now() - beganMs;
    console.info(`from nothing to a moving picture in ${Math.round(tookMs / 100) / 10} s`);
    expect(tookMs).toBeLessThan(twoMinutesMs);
    expect(complaints).toEqual([]);
  }, 240_000);
});

describe('a test', () => {
  it('of a wrong access code stops there, in words, and the right one passes it', async () => {
    await page.goto('/printers/new');
    await fill({ ...printer, accessCode: '00000000' });
    await button(words.test).click();
    await stage('access-code', 'failed').waitFor(over);
    await stage('key-frame', 'skipped').waitFor(over);
    await field(words.accessCode).fill(printer.accessCode);
    await button(words.test).click();
    await stage('access-code', 'passed').waitFor(over);
    await button(words.stopTest).or(button(texts.stages.again)).click();
  }, 180_000);

  it('of another printer’s serial number offers the one that was found', async () => {
    await page.goto('/printers/new');
    await fill({ ...printer, serial: other.serial });
    await button(words.test).click();
    await button(words.takeSerial(printer.serial)).click(over);
    await stage('certificate', 'passed').waitFor(over);
    expect(await field(words.serial).inputValue()).toBe(printer.serial);
    await button(words.stopTest).or(button(texts.stages.again)).click();
  }, 180_000);
});

describe.runIf(orders !== null)('a diagnosis', () => {
  afterEach(() => order('order', '1 heal'));

  it('says where the way to a printer ends that has been switched off', async () => {
    const id = await addPrinter(printer);
    await order('order', '1 away');
    await page.goto('/printers');
    await button(texts.diagnose.openOf(texts.printers.test, printer.name)).click();
    await page.getByRole('dialog').locator('[data-state="failed"]').first().waitFor(over);
    await button(texts.diagnose.copy).waitFor(over);
    expect(await page.content()).not.toContain(printer.accessCode);
    expect(id).toBeGreaterThan(0);
  }, 120_000);
});
