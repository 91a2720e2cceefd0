/** A page that stays open while the service goes away, comes back, or is replaced by a newer one. */
import { readdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { barriersInBothThemes, desktop, phone, written } from '../browser';
import { states } from '../statuses';
import { Stage } from './stage';

const stage = new Stage();
const { service } = stage;
const crashed = (page: Page) => page.getByText(texts.app.crashed);
/** Marks this document, to tell it from the one that is loaded after it. */
const mark = (page: Page) => page.evaluate('document.documentElement.dataset.mark = "old"');
const isOld = (page: Page) => page.evaluate<boolean>('document.documentElement.dataset.mark === "old"');
const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

beforeEach(() => {
  service.printers = ['Garage', 'Attic'].map((name, index) => ({ id: index + 1, name, status: states.printing(), camera: { step: 'live', sentence: '' } }));
  service.build = 'one';
});
afterEach(() => service.comeBack());

/** All files but those that the page begins with. */
const later = /\/assets\/(?!index-|react-|rolldown-|app-|en-)/u;
/** All code but the library that plays video. */
const smallFiles = readdirSync(new URL('../../dist/assets', import.meta.url)).filter((file) => file.endsWith('.js') && !file.startsWith('hls'));
const withoutParts = (page: Page) => page.route(later, (route) => route.abort());

/** A wall that has nothing but what it needed to be drawn. */
async function bareWall() {
  const { page } = await stage.open('/', desktop, withoutParts);
  return { page, restore: () => page.unroute(later) };
}

describe('a part of the page that could not be fetched', () => {
  it('is fetched again when the service is back, and the page stands meanwhile', async () => {
    const { page, restore } = await bareWall();
    await service.goAway();
    await page.getByRole('link', { name: 'Garage' }).click();
    await written(page, /Reconnecting/u).waitFor();
    await page.getByText(texts.app.partAway).waitFor();
    expect(await crashed(page).count()).toBe(0);
    await restore();
    await service.comeBack();
    await region(page, texts.health.title).waitFor();
    expect(new URL(page.url()).pathname).toBe('/p/1');
    await page.keyboard.press('i');
    await page.getByText(texts.camera.delivery).waitFor();
  });

  it('comes with its style', async () => {
    const { page, restore } = await bareWall();
    await page.getByRole('button', { name: texts.app.more }).first().click();
    await page.waitForEvent('requestfailed', (request) => request.url().endsWith('.css'));
    await restore();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect(await dialog.evaluate((element) => getComputedStyle(element).padding)).toBe('0px');
  });
});

describe('what somebody may need while the service is away', () => {
  it.each([
    ['phone', phone],
    ['desktop', desktop],
  ])('is there, on a %s', async (kind, device) => {
    const { page } = await stage.open('/', device);
    await page.waitForFunction((files) => {
      const fetched = performance.getEntriesByType('resource').map((file) => file.name);
      return files.every((file) => fetched.some((name) => name.endsWith(file)));
    }, smallFiles);
    await service.goAway();
    await written(page, /Reconnecting/u).waitFor();
    await page.getByRole('link', { name: 'Garage' }).click();
    await region(page, texts.health.title).waitFor();
    await page.getByRole('button', { name: texts.camera.figures }).click();
    await page.getByText(texts.camera.delivery).waitFor();
    expect(await barriersInBothThemes(page, `away-printer-${kind}`)).toEqual([]);
    await page.getByRole('link', { name: texts.app.printers, exact: true }).locator('visible=true').click();
    await page.getByRole('button', { name: texts.diagnose.openOf(texts.printers.test, 'Garage') }).click();
    await page.getByRole('dialog').waitFor();
    await page.getByRole('button', { name: texts.app.close }).click();
    await page.getByRole('button', { name: texts.app.more }).or(page.getByRole('button', { name: texts.app.moreShort, exact: true })).locator('visible=true').first().click();
    await page.getByRole('dialog').waitFor();
    expect(await crashed(page).count()).toBe(0);
  });
});

describe('a wall whose service is away', () => {
  it('has one place from which it speaks, however many printers it shows', async () => {
    service.printers = Array.from({ length: 9 }, (_, index) => ({ id: index + 1, name: `P${index + 1}`, status: states.printing(), camera: { step: 'live', sentence: '' } }));
    const { page } = await stage.open('/');
    await service.goAway();
    await written(page, /Reconnecting/u).waitFor();
    await page.getByText(texts.camera.noConnection).nth(8).waitFor();
    const speaking = page.locator('output, [role="status"], [role="alert"], [role="log"], [aria-live]:not([aria-live="off"])');
    expect(await speaking.count()).toBe(1);
    await expect.poll(() => speaking.textContent()).toContain('Reconnecting');
  });
});

describe('a page whose service was upgraded', () => {
  it('loads itself anew, and stays where it was', async () => {
    const { page } = await stage.open('/p/2');
    await mark(page);
    service.upgrade('two');
    await expect.poll(() => isOld(page).catch(() => true), { timeout: 20_000 }).toBe(false);
    expect(new URL(page.url()).pathname).toBe('/p/2');
    await page.getByRole('heading', { name: 'Attic' }).waitFor();
  });

  it('does not when the same build comes back', async () => {
    const { page } = await stage.open('/');
    await mark(page);
    await service.goAway();
    await written(page, /Reconnecting/u).waitFor();
    await service.comeBack();
    await written(page, texts.connection.back).waitFor();
    await written(page, texts.connection.back).waitFor({ state: 'detached' });
    expect(await isOld(page)).toBe(true);
  });

  it.each([
    ['phone', phone],
    ['desktop', desktop],
  ])('offers it to somebody who has a form open, on a %s', async (name, device) => {
    const { page } = await stage.open('/printers/new', device);
    await mark(page);
    await page.getByRole('textbox', { name: texts.form.host, exact: true }).fill('192.168.1.20');
    service.upgrade('two');
    await written(page, texts.connection.replaced).waitFor();
    expect(await barriersInBothThemes(page, `replaced-${name}`)).toEqual([]);
    expect(await isOld(page)).toBe(true);
    await page.getByRole('button', { name: texts.app.reload }).click();
    await expect.poll(() => isOld(page).catch(() => true)).toBe(false);
  });

  it('waits for a command, and for a dialog', async () => {
    const { page } = await stage.open('/p/1');
    await mark(page);
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    service.upgrade('two');
    await written(page, texts.connection.replaced).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => isOld(page).catch(() => true), { timeout: 20_000 }).toBe(false);
  });

  it('asks only once where an old page is all that it gets', async () => {
    const { page } = await stage.open('/');
    let documents = 0;
    await page.route('/', async (route) => {
      documents += route.request().isNavigationRequest() ? 1 : 0;
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replace('content="two"', `content="${route.request().isNavigationRequest() ? 'one' : 'two'}"`) });
    });
    service.build = 'two';
    service.hangUp();
    await expect.poll(() => documents, { timeout: 20_000 }).toBe(1);
    await written(page, texts.connection.replaced).waitFor();
    expect(documents).toBe(1);
  });
});
