/** The page in the colours of somebody's own, which take every ground and shadow: what these said has to be said otherwise. */
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { desktop, launch, openPage } from '../browser';
import { MockService } from '../mock';
import { states } from '../statuses';

let service: MockService;
let browser: Browser;
let baseURL: string;

const open = async (path: string) => {
  const { page } = await openPage(browser, { baseURL, ...desktop, forcedColors: 'active' });
  await page.goto(path);
  return page;
};
const styleOf = (element: Locator, name: string) => element.evaluate((node, property) => getComputedStyle(node).getPropertyValue(property), name);
const ground = (element: Locator) => styleOf(element, 'background-color');

beforeAll(async () => {
  service = new MockService();
  service.printers = [
    { id: 1, name: 'Garage X1C', status: states.printing() },
    { id: 2, name: 'Attic P1S', status: states.paused() },
  ];
  baseURL = await service.start();
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  service.stop();
});

it('what is chosen has another ground than the page', async () => {
  const page = await open('/?filter=paused');
  const paused = page.getByRole('button', { name: texts.wall.countOf.paused(1), exact: true });
  await paused.waitFor();
  const canvas = await ground(page.locator('html'));
  expect(await ground(paused)).not.toBe(canvas);
  await page.getByRole('button', { name: texts.wall.view }).click();
  expect(await ground(page.getByRole('group', { name: texts.wall.sort }).getByText(texts.wall.sorts.problem, { exact: true }))).not.toBe(canvas);
  await page.context().close();
});

it('cards have an edge, and filament keeps its colour', async () => {
  const page = await open('/p/1');
  const panel = page.getByRole('region', { name: texts.status.kinds.printing, exact: true });
  await panel.waitFor();
  expect(await styleOf(panel, 'border-top-width')).toBe('1px');
  expect(await styleOf(page.locator('circle[stroke="#1d6b46"]').first(), 'stroke')).toBe('rgb(29, 107, 70)');
  await page.getByRole('button', { name: texts.control.stop, exact: true }).click();
  expect(await styleOf(page.getByRole('alertdialog'), 'border-top-width')).toBe('1px');
  await page.context().close();
});
