/** The whole way of a person's first visit, against the real service: add, watch, edit, be refused, remove. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { barriers, barriersInBothThemes, framesShown, launch, openPage, phone } from '../browser';
import { fillForm } from '../fill';
import { type TestPrinter, baseUrl, printers } from '../setting';

const [printer] = printers as [TestPrinter, ...TestPrinter[]];
const renamed = `${printer.name} (renamed)`;

let browser: Browser;
let page: Page;
let complaints: string[];

const field = (label: string) => page.getByLabel(label, { exact: true });
const button = (name: string) => page.getByRole('button', { name, exact: true });
const link = (name: string) => page.getByRole('link', { name, exact: true });
const heading = (name: string) => page.getByRole('heading', { name, exact: true });

const fill = (typed: TestPrinter) => fillForm(page, typed);

/** Waits for a picture that moves: the state says so, and ten more frames are shown. */
async function expectMoving(): Promise<void> {
  const moving = page.locator('[data-state="live"], [data-state="behind"]').first();
  await moving.waitFor({ timeout: 30_000 });
  const before = await framesShown(page);
  await expect.poll(() => framesShown(page), { timeout: 20_000, interval: 200 }).toBeGreaterThan(before + 10);
}

beforeAll(async () => {
  const list: unknown = await (await fetch(`${baseUrl}/api/printers`)).json();
  // Not emptied here: nobody's printers are deleted by a test that was pointed at the wrong service.
  expect(list, 'The tests need a service with an empty registry.').toEqual([]);
  browser = await launch();
  ({ page, complaints } = await openPage(browser, { baseURL: baseUrl, ...phone }));
});

afterAll(() => browser?.close());

describe('a first visit', () => {
  it('is asked to add the first printer', async () => {
    await page.goto('/');
    await link(texts.wall.emptyStart).click();
    await heading(texts.form.addTitle).waitFor();
  });

  it('is told which fields are missing', async () => {
    await button(texts.form.add).click();
    await page.getByText(texts.form.required.host).waitFor();
    // The serial number is read from the printer's certificate.
    expect(await page.getByText(texts.form.required.serial).count()).toBe(0);
  });

  it('adds a printer and sees its camera move', async () => {
    await fill(printer);
    await button(texts.form.add).click();
    await heading(printer.name).waitFor();
    await expectMoving();
    // With what it does before its name, once that is known.
    expect(await page.title()).toContain(texts.app.tabTitle(printer.name));
  });

  it('sees how old the picture is', async () => {
    const frame = page.locator('[data-latency-ms]').first();
    await expect.poll(async () => Number(await frame.getAttribute('data-latency-ms')), { timeout: 15_000 }).toBeGreaterThan(0);
  });

  it('sees it move again after loading the page anew', async () => {
    await page.reload();
    await expectMoving();
  });
});

describe('editing', () => {
  it('keeps the access code to itself', async () => {
    await link(texts.printer.edit).click();
    await page.getByText(texts.form.saved, { exact: true }).waitFor();
    expect(await page.content()).not.toContain(printer.accessCode);
  });

  it('changes the name, and the camera goes on', async () => {
    await field(texts.form.name).fill(renamed);
    await button(texts.form.save).click();
    await heading(renamed).waitFor();
    await expectMoving();
  });

  it('refuses the same serial number for another printer, by the name of the first', async () => {
    await page.goto('/printers/new');
    await fill({ ...printer, name: 'The same again' });
    await button(texts.form.add).click();
    await page.getByRole('alert').waitFor();
    expect(await page.locator('form', { has: field(texts.form.name) }).innerText()).toContain(renamed);
    expect(await field(texts.form.name).inputValue()).toBe('The same again');
  });
});

describe.runIf(printers.length > 1)('several printers', () => {
  it('are a wall of which each tile leads to its printer', async () => {
    for (const other of printers.slice(1)) {
      await page.goto('/printers/new');
      await fill(other);
      await button(texts.form.add).click();
      await heading(other.name).waitFor();
    }
    await page.goto('/');
    await expectMoving();
    await link(renamed).click();
    await heading(renamed).waitFor();
  });
});

describe('nobody meets a barrier', () => {
  it('on a phone, in light and in dark, while cameras play', async () => {
    const other = await openPage(browser, { baseURL: baseUrl, ...phone, reducedMotion: 'reduce' });
    const [{ id }] = (await (await fetch(`${baseUrl}/api/printers`)).json()) as [{ readonly id: number }];
    const found: string[] = [];
    for (const path of ['/', `/p/${id}`]) {
      await other.page.goto(path);
      await other.page.locator('[data-state="live"], [data-state="behind"]').first().waitFor({ timeout: 30_000 });
      found.push(...(await barriersInBothThemes(other.page, path === '/' ? 'wall-playing' : 'printer-playing')));
    }
    await other.page.goto('/p/999999');
    await other.page.getByRole('heading', { name: texts.app.notFound, exact: true }).waitFor();
    found.push(...(await barriersInBothThemes(other.page, 'not-found')));
    expect(found).toEqual([]);
    expect(other.complaints).toEqual([]);
    await other.page.context().close();
  });
});

describe('removing', () => {
  it('asks first, and keeps on Escape', async () => {
    const [{ id }] = (await (await fetch(`${baseUrl}/api/printers`)).json()) as [{ readonly id: number }];
    await page.goto(`/printers/${id}/edit`);
    await button(texts.form.remove).click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(texts.remove.keep);
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    await heading(texts.form.editTitle(renamed)).waitFor();
  });

  it('removes every printer, back to the first visit', async () => {
    const list = (await (await fetch(`${baseUrl}/api/printers`)).json()) as readonly { readonly id: number }[];
    for (const { id } of list) {
      await page.goto(`/printers/${id}/edit`);
      await button(texts.form.remove).click();
      // By the keyboard: the dialog does not hear the finger that opened it.
      await page.getByRole('alertdialog').getByRole('button', { name: texts.remove.confirm }).press('Enter');
      await page.waitForURL(`${baseUrl}/`);
    }
    await heading(texts.wall.emptyTitle).waitFor();
    const shown = await openPage(browser, { baseURL: baseUrl, ...phone });
    await shown.page.goto('/');
    await shown.page.getByRole('heading', { name: texts.wall.emptyTitle }).waitFor();
    expect(await barriers(shown.page)).toEqual([]);
  });

  it('leaves nothing in the console that nobody handled', () => {
    expect(complaints).toEqual([]);
  });
});
