/** The page in a second language: which is a file and a line, and leaves no word of ours in English. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { paths } from '@/browser/paths';
import { desktop } from '../browser';
import { states } from '../statuses';
import { Stage } from './stage';

const stage = new Stage();
const { service } = stage;
const built = mkdtempSync(`${tmpdir()}/platecast-page-`);

beforeAll(() => {
  execFileSync('npx', ['vite', 'build', '--config', 'e2e/secondLanguage/vite.config.ts', '--outDir', built, '--logLevel', 'error'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  service.dist = built;
}, 120_000);
afterAll(() => rmSync(built, { recursive: true }));

beforeEach(() => {
  service.printers = (['printing', 'needsYou', 'offline', 'finished'] as const).map((state, index) => ({
    id: index + 1,
    name: `Принтер ${index + 1}`,
    status: states[state](),
    camera: { step: 'retrying' as const, sentence: 'Nothing listens at 192.168.1.11:322.', code: 'camera.port-closed', params: { peer: '192.168.1.11:322' } },
  }));
});

/** Free text among what the service says: names, sentences, serial numbers. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') {
    return /[A-Z0-9 .]/u.test(value) && value.length > 1 ? [value] : [];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What is read or heard of the page. */
const wordsOn = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const words = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node: Node | null = walker.currentNode; node !== null; node = walker.nextNode()) {
      if (node instanceof Element) {
        words.push(...['aria-label', 'title', 'placeholder', 'alt', 'aria-valuetext'].map((name) => (node as Element).getAttribute(name) ?? ''));
      } else if (node.parentElement?.closest('noscript, script, style') === null) {
        words.push(node.textContent ?? '');
      }
    }
    return words.filter((text) => text.trim() !== '');
  });

/** Serial numbers, and the places of spools as on the printer’s own screen. */
const notWords = /^(00M09A\d+|(HT-)?[A-Z]\d?)$/u;

/** Texts that have English of ours in them. */
async function leftInEnglish(page: Page): Promise<readonly string[]> {
  const data = [...new Set(textsIn(service.printers))].toSorted((a, b) => b.length - a.length);
  const rest = (text: string) => data.reduce((shorter, datum) => shorter.replaceAll(datum, ''), text);
  return (await wordsOn(page)).filter((text) => /[A-Za-z]/u.test(rest(text)) && !notWords.test(text));
}

it.each([
  ['the wall', paths.wall],
  ['a printer’s page', paths.printer(1)],
  ['the page of one that needs somebody', paths.printer(2)],
  ['the page of one that is away', paths.printer(3)],
  ['the form', paths.addPrinter],
  ['the list of printers', paths.printers],
])('%s has no word of ours in English', async (_, path) => {
  const { page, complaints } = await stage.open(path, { ...desktop, locale: 'de-AT' });
  await page.getByRole('navigation').first().waitFor();
  await page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => undefined);
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
  expect(await leftInEnglish(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

it('a failure is said in it by its code', async () => {
  const { page } = await stage.open(paths.printer(1), { ...desktop, locale: 'de-AT' });
  await page.getByText('Ｎｏｔｈｉｎｇ ｌｉｓｔｅｎｓ ａｔ 192.168.1.11:322.').first().waitFor();
});

it('is English for who speaks neither', async () => {
  const { page } = await stage.open(paths.wall, { ...desktop, locale: 'fr-FR' });
  await page.getByRole('link', { name: 'Printers', exact: true }).first().waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
});
