/** The page in the colours of somebody's own, which take every ground and shadow: what these said has to be said otherwise. */
import type { Locator } from 'playwright-core';
import { beforeEach, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { desktop } from '../browser';
import { states } from '../statuses';
import { Stage } from './stage';

const stage = new Stage();
const open = async (path: string) => (await stage.open(path, { ...desktop, forcedColors: 'active' })).page;
const styleOf = (element: Locator, name: string) => element.evaluate((node, property) => getComputedStyle(node).getPropertyValue(property), name);
const ground = (element: Locator) => styleOf(element, 'background-color');

beforeEach(() => {
  stage.service.printers = [
    { id: 1, name: 'Garage X1C', status: states.printing() },
    { id: 2, name: 'Attic P1S', status: states.paused() },
  ];
});

it('what is chosen has another ground than the page', async () => {
  const page = await open('/?filter=paused');
  const paused = page.getByRole('button', { name: texts.wall.countOf.paused(1), exact: true });
  await paused.waitFor();
  const canvas = await ground(page.locator('html'));
  expect(await ground(paused)).not.toBe(canvas);
  await page.getByRole('button', { name: texts.wall.view }).click();
  expect(await ground(page.getByRole('group', { name: texts.wall.sort }).getByText(texts.wall.sorts.problem, { exact: true }))).not.toBe(canvas);
});

it('cards have an edge, and filament keeps its colour', async () => {
  const page = await open('/p/1');
  const panel = page.getByRole('region', { name: texts.status.kinds.printing, exact: true });
  await panel.waitFor();
  expect(await styleOf(panel, 'border-top-width')).toBe('1px');
  expect(await styleOf(page.locator('circle[stroke="#1d6b46"]').first(), 'stroke')).toBe('rgb(29, 107, 70)');
  await page.getByRole('button', { name: texts.control.stop, exact: true }).click();
  expect(await styleOf(page.getByRole('alertdialog'), 'border-top-width')).toBe('1px');
});
