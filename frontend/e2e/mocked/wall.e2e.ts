/** The wall with as many printers as a farm has, against a service that says what the test wants. */
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { barriers, desktop, phone, shoot, written, television } from '../browser';
import type { MockCamera, MockPrinter } from '../mock';
import { MockTests } from '../mockTests';
import { job, states } from '../statuses';
import { Stage } from './stage';

const words = texts.wall;

const stage = new Stage();
const { service } = stage;
const open: Stage['open'] = (...asked) => stage.open(...asked);

const live: MockCamera = { step: 'live', sentence: 'The camera is live.' };
const refused: MockCamera = { step: 'refused', sentence: 'The camera refuses the access code.', lastError: 'The camera refuses the access code.' };
const kinds = ['printing', 'printing', 'idle', 'printing', 'finished', 'preparing', 'printing', 'paused', 'printing', 'offline', 'printing', 'noData'] as const;

/** So many printers; the last ones need somebody, and each fifth one's camera does not work. */
const farm = (count: number, needing = 0): readonly MockPrinter[] =>
  Array.from({ length: count }, (_, index) => {
    const kind = index >= count - needing ? 'needsYou' : (kinds[index % kinds.length] ?? 'idle');
    const percent = kind === 'printing' ? { percent: (index * 37) % 100, remainingMinutes: 10 + ((index * 53) % 400), job: { ...job, name: `part_${index + 1}.3mf` } } : {};
    return { id: index + 1, name: `P${String(index + 1).padStart(2, '0')}`, status: { ...states[kind](), ...percent }, camera: index % 5 === 4 ? refused : live };
  });

const names = (page: Page) => page.locator('[data-tile] a').allTextContents();
const count = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const diagnosing = (page: Page, name: string) => page.getByRole('button', { name: texts.diagnose.openOf(texts.diagnose.open, name), exact: true });
const stagesOf = (page: Page, name: string) => page.getByRole('dialog', { name: texts.diagnose.title(name) });
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent);

/** What the printers do has come. */
const known = (page: Page) => page.getByText(texts.status.kinds.idle).first().waitFor({ state: 'attached' });

beforeEach(() => {
  service.printers = farm(12, 1);
});

describe('what one can do from a tile', () => {
  beforeEach(() => {
    service.printers = farm(4);
    service.commands.length = 0;
  });

  it('is to pause, and behind the dots to stop, which asks first', async () => {
    const { page, complaints } = await open();
    const controls = page.getByRole('group', { name: texts.control.of('P01') });
    await controls.getByRole('button', { name: texts.control.pause, exact: true }).click();
    await expect.poll(() => service.commands).toEqual([{ type: 'pause', jobId: job.id }]);
    await controls.getByRole('button', { name: texts.control.more('P01') }).click();
    await page.getByRole('button', { name: texts.control.stop, exact: true }).click();
    const dialog = page.getByRole('alertdialog', { name: texts.stop.title('P01') });
    await dialog.waitFor();
    expect(await focused(page)).toBe(texts.stop.keep);
    await shoot(page, 'wall-stop');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(service.commands).toHaveLength(1);
    expect(new URL(page.url()).pathname).toBe('/');
    expect(complaints).toEqual([]);
  });

  it('is nothing where tiles are too small for a finger', async () => {
    const { page } = await open('/?size=s');
    await known(page);
    expect(await page.getByRole('group', { name: texts.control.of('P01') }).count()).toBe(0);
  });
});

describe('a tile that fails', () => {
  const tests = new MockTests();

  beforeEach(() => {
    service.also = tests.answer;
    service.printers = farm(4).map(({ id, name, status }) => ({ id, name, status, camera: id === 2 ? refused : live }));
  });

  it.each([
    ['phone', '?size=s'],
    ['phone', '?size=m'],
    ['phone', '?view=list'],
    ['desktop', '?size=s'],
    ['desktop', '?size=m'],
    ['desktop', '?size=l'],
    ['desktop', '?view=list'],
  ])('offers its stages under a finger on a %s, with %s', async (device, view) => {
    const { page, complaints } = await open(`/${view}`, device === 'phone' ? phone : desktop);
    await diagnosing(page, 'P02').waitFor();
    expect(await page.getByRole('button', { name: new RegExp(`^${texts.diagnose.open}`, 'u') }).count()).toBe(1);
    const [width, height, isInTile, isInLink] = await diagnosing(page, 'P02').evaluate((button) => {
      const { left, right, top, bottom, width: wide, height: high } = button.getBoundingClientRect();
      const tile = button.closest('[data-tile]')?.getBoundingClientRect();
      const inside = tile !== undefined && left >= tile.left && right <= tile.right && top >= tile.top && bottom <= tile.bottom;
      return [wide, high, inside, button.closest('a') !== null] as const;
    });
    expect([width >= 44, height >= 44, isInTile, isInLink]).toEqual([true, true, true, false]);
    // A click goes to what lies on top: the button, and beside it the tile's own link.
    await diagnosing(page, 'P02').click();
    await stagesOf(page, 'P02').getByText(texts.stages.names['key-frame']).waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    await page.keyboard.press('Escape');
    await stagesOf(page, 'P02').waitFor({ state: 'detached' });
    await page.locator('[data-tile]', { hasText: 'P02' }).click({ position: { x: 20, y: 40 } });
    await page.getByRole('heading', { name: 'P02', exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('offers them to the keyboard, which comes back to it', async () => {
    const { page } = await open('/?size=s&sort=name');
    await diagnosing(page, 'P02').waitFor();
    await page.locator('[data-tile] a').first().focus();
    await page.keyboard.press('Tab');
    await expect.poll(() => diagnosing(page, 'P02').evaluate((button) => button === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await stagesOf(page, 'P02').waitFor();
    await page.keyboard.press('Escape');
    await stagesOf(page, 'P02').waitFor({ state: 'detached' });
    expect(await diagnosing(page, 'P02').evaluate((button) => button === document.activeElement)).toBe(true);
  });

  it('offers them when a printer goes away, and no more when all is well', async () => {
    const { page } = await open();
    await diagnosing(page, 'P02').waitFor();
    service.setCamera(2, live);
    await diagnosing(page, 'P02').waitFor({ state: 'detached' });
    service.set(3, states.offline());
    await diagnosing(page, 'P03').waitFor();
    service.set(3, states.idle());
    await diagnosing(page, 'P03').waitFor({ state: 'detached' });
  });
});

describe('nobody meets a barrier', () => {
  it.each([
    ['phone', phone],
    ['desktop', desktop],
  ])('on a %s, in light and in dark', async (device, size) => {
    const found: string[] = [];
    const look = async (name: string, printers: readonly MockPrinter[], path: string, act: (page: Page) => Promise<unknown> = () => Promise.resolve()) => {
      service.printers = printers;
      // A page for each theme: tiles that are not seen do not change their colours with the others.
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, complaints } = await open(path, { ...size, colorScheme });
        await act(page);
        await shoot(page, `wall-${name}-${device}-${colorScheme}`);
        found.push(...(await barriers(page, colorScheme === 'dark')).map((barrier) => `${name} ${colorScheme} ${barrier}`));
        expect(complaints).toEqual([]);
        await stage.clear();
      }
    };
    await look('first', [], '/');
    await look('4', farm(4), '/', known);
    // On a phone, more of them are more of the same.
    await (size === phone ? look('16', farm(16, 1), '/', known) : look('64', farm(64, 2), '/', known));
    await look('list', farm(16, 1), '/?view=list', known);
    await look('filter', farm(16, 1), '/?filter=paused', known);
    await look('empty', farm(4), '/?q=nothing', (page) => written(page, words.noneFound('nothing')).waitFor());
    await look('view', farm(16), '/', (page) => page.getByRole('button', { name: words.view }).click());
    await look('device', farm(4), '/', async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    });
    expect(found).toEqual([]);
  }, 240_000);
});

describe('the way to a printer and back', () => {
  beforeEach(() => {
    service.printers = farm(64);
  });

  it('begins at its top, and comes back to the wall as it was left', async () => {
    const { page } = await open('/?filter=printing', phone);
    await known(page);
    const tile = page.getByRole('link', { name: 'P31', exact: true });
    await tile.click();
    await page.getByRole('heading', { name: 'P31', exact: true }).waitFor();
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(0);
    // The next Tab is the page's first.
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    await page.getByRole('link', { name: texts.app.home }).click();
    await tile.waitFor();
    expect(new URL(page.url()).search).toBe('?filter=printing');
    await expect.poll(async () => (await tile.boundingBox())?.y).toBeLessThan(phone.viewport.height - 100);
    expect((await tile.boundingBox())?.y).toBeGreaterThan(50);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BODY');
  });

  it('is the same by the keyboard, which goes on where it was', async () => {
    const { page } = await open('/');
    await known(page);
    await page.getByRole('link', { name: 'P31', exact: true }).press('Enter');
    await page.getByRole('heading', { name: 'P31', exact: true }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(texts.app.home);
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('P31');
  });
});

describe('the wall', () => {
  it('shows all printers of a farm on one screen, those that need somebody first', async () => {
    for (const printers of [4, 16, 64]) {
      service.printers = farm(printers, 1);
      for (const size of [desktop, television]) {
        const { page } = await open('/', size);
        await expect.poll(async () => (await names(page))[0]).toBe(`P${printers < 10 ? '0' : ''}${printers}`);
        const [tiles, below] = await page.evaluate(() => {
          const boxes = [...document.querySelectorAll('[data-tile]')].map((tile) => tile.getBoundingClientRect());
          return [boxes.length, boxes.filter(({ bottom, right }) => bottom > innerHeight || right > innerWidth).length] as const;
        });
        expect([tiles, below]).toEqual([printers, 0]);
        await page.context().close();
      }
    }
  }, 150_000);

  it('is never wider than a phone', async () => {
    service.printers = farm(16, 1);
    for (const path of ['/', '/?size=s', '/?size=l', '/?view=list']) {
      const { page } = await open(path, phone);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.viewport.width);
      await page.context().close();
    }
  });

  it('is filtered by its counts, and the address says so', async () => {
    const { page } = await open();
    await count(page, words.countOf.paused(1)).click();
    await expect.poll(() => names(page)).toEqual(['P08']);
    expect(await count(page, words.countOf.paused(1)).getAttribute('aria-pressed')).toBe('true');
    expect(new URL(page.url()).search).toBe('?filter=paused');
    service.set(8, states.printing());
    await written(page, words.noneOfKind).waitFor();
    await page.getByRole('button', { name: words.showAll }).click();
    await expect.poll(async () => (await names(page)).length).toBe(12);
  });

  it('is searched by name and print', async () => {
    const { page } = await open();
    await page.keyboard.press('/');
    await page.keyboard.type('part_4');
    await expect.poll(() => names(page)).toEqual(['P04']);
    await page.reload();
    await expect.poll(() => names(page)).toEqual(['P04']);
    await page.getByRole('searchbox').focus();
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await names(page)).length).toBe(12);
  });

  it('remembers on this device how it was looked at', async () => {
    const { page } = await open('/?size=m');
    await page.getByRole('button', { name: words.view }).click();
    await page.getByRole('radio', { name: words.layouts.list }).check();
    await page.getByRole('radio', { name: words.sorts.name }).check();
    expect(new URL(page.url()).search).toBe('?size=m&view=list&sort=name');
    await page.goto('/');
    await expect.poll(() => names(page)).toEqual(farm(12).map(({ name }) => name));
    expect(await page.locator('ul[data-layout]').getAttribute('data-layout')).toBe('list');
  });

  it('keeps its order while the pointer is on it, and follows when it has left', async () => {
    const { page } = await open('/?sort=problem');
    await expect.poll(async () => (await names(page))[0]).toBe('P12');
    const before = await names(page);
    await page.locator('[data-tile]').nth(3).hover();
    await page.clock.install();
    await page.clock.runFor(15_000);
    service.set(3, states.needsYou());
    await count(page, words.countOf['needs-you'](2)).waitFor();
    await page.mouse.move(700, 400);
    await page.clock.runFor(15_000);
    expect(await names(page)).toEqual(before);
    await page.mouse.move(700, 10);
    await page.clock.runFor(1_500);
    await expect.poll(async () => (await names(page)).slice(0, 2)).toEqual(['P03', 'P12']);
  });

  it('says in its tab who needs somebody, and of a printer how far it is', async () => {
    const { page } = await open();
    await expect.poll(() => page.title()).toBe(texts.app.tabTitle(texts.title.state(texts.status.kinds['needs-you'], 'P12')));
    await page.goto('/p/4');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => page.title()).toBe(texts.app.tabTitle(texts.title.printing('11 %', 'P04')));
    service.set(4, { percent: 12 });
    await expect.poll(() => page.title()).toBe(texts.app.tabTitle(texts.title.printing('12 %', 'P04')));
  });

  it('says aloud what changes', async () => {
    const { page } = await open();
    await count(page, words.countOf.paused(1)).waitFor();
    await expect.poll(() => page.locator('[aria-live]').last().textContent()).toBe('');
    // The first look at the printers has to be over: what they were is no news. It looks each second.
    let turns = 0;
    await expect
      .poll(
        () => {
          turns += 1;
          service.set(1, turns % 2 === 1 ? states.paused() : states.printing());
          return page.locator('[aria-live]').last().textContent();
        },
        { timeout: 20_000, interval: 1_500 },
      )
      .toContain('P01');
  });
});

describe('by the keyboard', () => {
  it('one goes from tile to tile and opens one', async () => {
    const { page } = await open('/?sort=name&size=m');
    await expect.poll(async () => (await names(page))[0]).toBe('P01');
    await page.locator('[data-tile] a').first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toBe('P02');
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toBe('P05');
    await page.keyboard.press('End');
    expect(await focused(page)).toBe('P12');
    // Only one tile is in the way of Tab.
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('P12');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'P12', exact: true }).waitFor();
  });

  it('sizes are chosen, and all keys are listed and can be switched off', async () => {
    const { page } = await open();
    const size = () => page.locator('ul[data-size]').getAttribute('data-size');
    await expect.poll(size).toBe('s');
    await page.keyboard.press('3');
    await expect.poll(size).toBe('l');
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog');
    for (const does of [words.sizeKeys.l, words.searchKey, words.arrowKeys, texts.device.keyHelp]) {
      await sheet.getByText(does, { exact: true }).waitFor();
    }
    expect((await sheet.textContent())?.toLowerCase()).not.toContain('stop the print');
    await sheet.getByRole('switch').click();
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await page.keyboard.press('1');
    await page.keyboard.press('?');
    expect(await size()).toBe('l');
    expect(await sheet.count()).toBe(0);
  });

  it('what is typed into the search is no shortcut', async () => {
    const { page } = await open('/?size=m');
    await page.keyboard.press('/');
    await page.keyboard.type('p1?');
    expect(await page.getByRole('searchbox').inputValue()).toBe('p1?');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});

describe('this device', () => {
  it('may be light where the system is dark, from the first moment on', async () => {
    const { page } = await open('/', { ...desktop, colorScheme: 'dark' });
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const dark = await ground();
    await page.getByRole('button', { name: texts.app.more }).click();
    await page.getByRole('radio', { name: texts.device.themes.light }).check();
    await expect.poll(ground).not.toBe(dark);
    const light = await ground();
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await ground()).toBe(light);
    expect(await page.locator('meta[name="theme-color"]').first().getAttribute('content')).toBe('#f5f6f8');
  });

  it('can install the page', async () => {
    const { page } = await open();
    const link = page.locator('link[rel="manifest"]');
    expect(await link.getAttribute('crossorigin')).toBe('use-credentials');
    const manifest = (await (await page.request.get((await link.getAttribute('href')) ?? '')).json()) as { readonly icons: readonly { readonly src: string; readonly sizes: string }[] };
    for (const { src } of manifest.icons) {
      expect((await page.request.get(src)).ok()).toBe(true);
    }
    expect(manifest.icons.map(({ sizes }) => sizes)).toEqual(expect.arrayContaining(['192x192', '512x512']));
  });

  it('has its bar below the controls of a printer, and nothing under it', async () => {
    const { page } = await open('/p/1', phone);
    const pause = page.getByRole('button', { name: texts.control.pause, exact: true });
    await pause.waitFor();
    const covered = await pause.evaluate((button) => {
      const { left, top, width, height } = button.getBoundingClientRect();
      return !button.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    });
    expect(covered).toBe(false);
    const bar = await page.getByRole('navigation', { name: texts.app.pages }).boundingBox();
    expect((bar?.y ?? 0) + (bar?.height ?? 0)).toBe(phone.viewport.height);
  });

  it('has targets for a thumb', async () => {
    const { page } = await open('/', phone);
    await count(page, words.countOf.paused(1)).waitFor();
    const small = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('a, button, input')]
        .filter((each) => each.offsetParent !== null && each.closest('[popover]') === null && each.closest('[data-tile]') === null)
        .map((each) => ({ text: each.textContent, height: each.getBoundingClientRect().height }))
        .filter(({ height }) => height > 0 && height < 44),
    );
    expect(small).toEqual([]);
  });
});
