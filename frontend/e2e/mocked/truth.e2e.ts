/** What a person reads where a printer's state is not simply good or bad, against a service that says what the test wants. */
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { barriers, desktop, phone, shoot, written } from '../browser';
import type { MockCamera, MockPrinter } from '../mock';
import { states } from '../statuses';
import { Stage } from './stage';

type State = keyof typeof states;

const words = texts.status;
const dirty = states.noted().display.note ?? '';
const live: MockCamera = { step: 'live', sentence: 'The camera is live.' };

const stage = new Stage();
const { service } = stage;

const named = (all: Readonly<Record<string, State>>): readonly MockPrinter[] =>
  Object.entries(all).map(([name, state], index) => ({ id: index + 1, name, status: states[state](), camera: live }));

const tile = (page: Page, name: string) => page.locator('[data-tile]', { has: page.getByRole('link', { name, exact: true }) });
const names = (page: Page) => page.locator('[data-tile] a').allTextContents();
const panel = (page: Page, kind: keyof typeof words.kinds) => page.getByRole('region', { name: words.kinds[kind], exact: true });
const colourOf = (page: Page, token: string) =>
  page.evaluate((name) => {
    const probe = document.createElement('i');
    document.body.append(probe);
    probe.style.color = `var(${name})`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }, token);

/** Changes the second printer until that is said: what the page sees first is no news, and it looks each second. */
async function saysAloud(page: Page): Promise<void> {
  let turns = 0;
  await expect
    .poll(
      () => {
        turns += 1;
        service.set(2, turns % 2 === 1 ? states.finished() : states.idle());
        return page.locator('[aria-live]').last().textContent();
      },
      { timeout: 20_000, interval: 1_500 },
    )
    .toContain('Attic');
}

/** Everything that is said aloud or stands in the tab from now on. */
async function listen(page: Page): Promise<{ readonly said: () => Promise<string[]>; readonly titles: () => Promise<string[]> }> {
  await page.evaluate(() => {
    const heard: { said: string[]; titles: string[] } = { said: [], titles: [] };
    const region = [...document.querySelectorAll('[aria-live]')].at(-1);
    const title = document.querySelector('title');
    const hear = ({ addedNodes }: MutationRecord) => addedNodes.forEach(({ textContent }) => heard.said.push(textContent ?? ''));
    new MutationObserver((changes) => changes.forEach(hear)).observe(region ?? document.body, { childList: true });
    new MutationObserver(() => heard.titles.push(document.title)).observe(title ?? document.head, { childList: true, characterData: true, subtree: true });
    Object.assign(globalThis, { heard });
  });
  return { said: () => page.evaluate<string[]>('heard.said'), titles: () => page.evaluate<string[]>('heard.titles') };
}

const ended = [
  ['failed', 'P5'],
  ['finished', 'P3'],
  ['stopped', 'P2'],
] as const;

describe('how a print ended', () => {
  beforeEach(() => {
    service.printers = named({ P1: 'idle', P2: 'stopped', P3: 'finished', P4: 'printing', P5: 'failed' });
  });

  it('is three states on the wall: in words, in order and in the counts, which filter', async () => {
    const { page } = await stage.open('/?sort=problem');
    await tile(page, 'P2').getByText(words.kinds.stopped).waitFor();
    expect(await names(page)).toEqual(['P5', 'P3', 'P4', 'P2', 'P1']);
    for (const [kind, name] of ended) {
      await page.getByRole('button', { name: texts.wall.countOf[kind](1), exact: true }).click();
      await expect.poll(() => names(page)).toEqual([name]);
      await page.getByRole('button', { name: texts.wall.countOf[kind](1), exact: true }).click();
    }
  });

  it.each(ended)('has a colour, a sign and a title of its own: %s', async (kind, name) => {
    const { page } = await stage.open(`/p/${name.slice(1)}`);
    await panel(page, kind).getByText(words.kinds[kind], { exact: true }).waitFor();
    await expect.poll(() => page.title()).toBe(texts.app.tabTitle(texts.title.state(words.kinds[kind], name)));
    const badge = panel(page, kind).locator(`[data-size="large"][data-kind="${kind}"]`);
    const [colour, ...tokens] = await Promise.all([badge.evaluate((each) => getComputedStyle(each).color), ...['--warn', '--done', '--muted'].map((token) => colourOf(page, token))]);
    expect(tokens.indexOf(colour)).toBe(ended.findIndex(([each]) => each === kind));
    expect(await page.getByRole('list', { name: words.urgentProblems }).count()).toBe(0);
    // What was printed stays to be read.
    await panel(page, kind).getByRole('heading', { name: 'bracket_v3.3mf' }).waitFor();
  });
});

describe('a printer that keeps its nozzle hot after the print', () => {
  it('says so in its tile, where the name of the print would stand', async () => {
    service.printers = named({ P1: 'stillHot', P2: 'finished' });
    const { page } = await stage.open('/?size=m');
    await tile(page, 'P1').getByText('The print is finished, and the nozzle is still held at 255 °C.').waitFor();
    await tile(page, 'P2').getByText('bracket_v3.3mf').waitFor();
  });
});

describe('a note', () => {
  beforeEach(() => {
    service.printers = named({ Garage: 'printing', Attic: 'idle' });
  });

  it('stands beside “Printing”, and is no alarm anywhere', async () => {
    const { page } = await stage.open('/?sort=problem');
    await tile(page, 'Garage').getByText('Printing 47 %').waitFor();
    await saysAloud(page);
    const heard = await listen(page);
    service.set(1, states.noted());
    await tile(page, 'Garage').getByText(words.noteOf(dirty)).waitFor({ state: 'attached' });
    expect(await tile(page, 'Garage').getAttribute('data-needs-you')).toBe('false');
    await page.getByRole('button', { name: texts.wall.countOf.printing(1), exact: true }).waitFor();
    // What is said next is of the other one.
    service.set(2, states.stopped());
    await expect.poll(async () => (await heard.said()).join(' '), { timeout: 10_000 }).toContain('Attic');
    expect(await heard.said()).toEqual([words.announce('Attic', words.kinds.stopped, 'Somebody stopped the print.')]);
    expect(await heard.titles()).toEqual([]);
  });

  it('is told with its code and what to do on the printer’s page, without red', async () => {
    service.printers = named({ Garage: 'noted', Attic: 'idle' });
    const { page } = await stage.open('/p/1');
    const note = page.getByRole('list', { name: words.notes }).getByRole('listitem');
    await note.getByText(dirty, { exact: true }).waitFor();
    await note.getByText('Wipe the lens with a soft cloth when the print is over.').waitFor();
    await note.getByRole('button', { name: words.copyCode('0C00-0100-0002-0017') }).waitFor();
    const red = await colourOf(page, '--attention');
    const colours = await note.evaluate((each) => [each, ...each.querySelectorAll('*')].map((part) => getComputedStyle(part).color));
    expect(colours).not.toContain(red);
    // The sentence stands there once.
    expect(await page.getByText(dirty, { exact: true }).count()).toBe(1);
    expect(await page.title()).toBe(texts.app.tabTitle(texts.title.printing('47 %', 'Garage')));
  });

  it('of which no problem tells has its own line', async () => {
    service.printers = named({ Garage: 'noted', Attic: 'idle' });
    service.set(1, { problems: [] });
    const { page } = await stage.open('/p/1');
    await panel(page, 'printing').getByText(dirty, { exact: true }).waitFor();
  });

  it('leaves codes that nobody can explain to who looks for them', async () => {
    service.printers = named({ Garage: 'noted', Attic: 'idle' });
    const { page } = await stage.open('/p/1');
    const folded = page.getByText(words.otherCodes(2), { exact: true });
    await folded.waitFor();
    const code = page.getByText('0500-0600-0002-0070', { exact: true });
    expect(await code.isVisible()).toBe(false);
    await folded.click();
    await code.waitFor();
    await page.getByRole('link', { name: words.wikiOf('0500-0600-0002-0070') }).waitFor();
    await page.getByRole('button', { name: words.copyCode('0500-0600-0002-0070') }).click();
    await written(page, texts.copy.copied).waitFor();
  });
});

describe('what needs somebody', () => {
  it('says what to do, also in a tile that has room', async () => {
    service.printers = named({ Garage: 'needsYou', Attic: 'idle' });
    const advice = states.needsYou().problems[0]?.whatToDo ?? '';
    const { page } = await stage.open('/?size=l');
    await tile(page, 'Garage').getByText(advice, { exact: true }).waitFor();
    await page.goto('/?size=s');
    await tile(page, 'Garage').getByText('Filament ran out in AMS A, slot 3.').waitFor();
    expect(await page.getByText(advice, { exact: true }).count()).toBe(0);
  });
});

describe('a printer that is away', () => {
  const sentence = /^Offline since (yesterday )?\d{1,2}:\d{2}.*; it needed you then: Filament ran out in AMS A, slot 3\.$/u;

  it('says since when and what it was: on the wall, before the others, and in the tab', async () => {
    service.printers = named({ Cellar: 'switchedOff', Garage: 'offline', Attic: 'offlineNeeded', Kitchen: 'idle' });
    const { page } = await stage.open('/?sort=problem');
    await tile(page, 'Attic').getByText(sentence).waitFor();
    await tile(page, 'Garage').getByText(/^Offline since .*; it was printing then\.$/u).waitFor();
    expect(await names(page)).toEqual(['Attic', 'Garage', 'Kitchen', 'Cellar']);
    expect(await page.getByRole('button', { name: texts.wall.countOf.offline(3), exact: true }).count()).toBe(1);
    await page.getByRole('link', { name: 'Attic', exact: true }).click();
    await panel(page, 'offline').getByText(sentence).waitFor();
    await expect.poll(() => page.title()).toBe(texts.app.tabTitle(texts.title.state(texts.title.away.needed(words.kinds.offline), 'Attic')));
    // What it waited for is told, and alarms nobody.
    await page.getByRole('list', { name: words.pastProblems }).getByText('Filament ran out in AMS A, slot 3.').waitFor();
    expect(await page.getByRole('list', { name: words.urgentProblems }).count()).toBe(0);
  });

  it('says so aloud when it goes', async () => {
    service.printers = named({ Garage: 'needsYou', Attic: 'idle' });
    const { page } = await stage.open('/');
    await tile(page, 'Garage').getByText(words.kinds['needs-you']).waitFor();
    await saysAloud(page);
    const heard = await listen(page);
    service.set(1, states.offlineNeeded());
    await expect.poll(async () => (await heard.said()).at(-1), { timeout: 10_000 }).toMatch(/^Garage: Offline since .*; it needed you then: Filament ran out in AMS A, slot 3\.$/u);
  });
});

describe('a quiet printer', () => {
  it('keeps its state, says calmly when it was heard, and can be told something', async () => {
    service.printers = named({ Garage: 'quiet', Attic: 'idle' });
    const { page } = await stage.open('/p/1');
    const shown = panel(page, 'preparing');
    await shown.getByText(words.kinds.preparing, { exact: true }).waitFor();
    const age = shown.getByText(/^Last heard 2 min ago$/u);
    await age.waitFor();
    expect(await age.evaluate((each) => getComputedStyle(each).color)).toBe(await colourOf(page, '--muted'));
    const health = page.getByRole('region', { name: texts.health.title });
    await health.getByText(texts.health.quiet('2 min'), { exact: true }).waitFor();
    await health.getByText(states.quiet().link.sentence).waitFor();
    expect(await page.locator('[data-mood="broken"]').filter({ hasText: texts.health.printer }).count()).toBe(0);
    expect(await page.title()).toBe(texts.app.tabTitle(texts.title.state(words.kinds.preparing, 'Garage')));
    service.commands.length = 0;
    await page.getByRole('button', { name: texts.control.pause, exact: true }).click();
    await expect.poll(() => service.commands).toEqual([{ type: 'pause', jobId: '7' }]);
  });

  it('is none for whom the service says that its reports have stopped', async () => {
    service.printers = named({ Garage: 'noData', Attic: 'idle' });
    const { page } = await stage.open('/p/1');
    await panel(page, 'no-data').getByText('No data; it was printing then.', { exact: true }).waitFor();
  });
});

describe('an AMS', () => {
  it('that no report has told of yet is not told yet, and one that there is not is nothing', async () => {
    service.printers = named({ Garage: 'notTold', Attic: 'idle' });
    const { page } = await stage.open('/p/1');
    await page.getByRole('region', { name: words.filament }).getByText(words.amsNotTold, { exact: true }).waitFor();
    service.set(1, { incomplete: false });
    await page.getByRole('region', { name: words.filament }).waitFor({ state: 'detached' });
    service.set(1, states.printing());
    await page.getByRole('region', { name: words.filament }).getByText('PETG').waitFor();
  });
});

describe('what comes and goes', () => {
  it('is said once and blinks in no tab', async () => {
    service.printers = named({ Garage: 'printing', Attic: 'idle' });
    const { page } = await stage.open('/');
    await tile(page, 'Garage').getByText('Printing 47 %').waitFor();
    await saysAloud(page);
    service.set(2, states.idle());
    const heard = await listen(page);
    for (let turn = 0; turn < 6; turn += 1) {
      service.set(1, states.needsYou());
      await tile(page, 'Garage').getByText(words.kinds['needs-you']).waitFor();
      await expect.poll(async () => (await heard.said()).length, { timeout: 10_000 }).toBeGreaterThan(0);
      service.set(1, states.printing());
      await tile(page, 'Garage').getByText('Printing 47 %').waitFor();
    }
    const ours = texts.app.tabTitle(texts.title.printing('47 %', 'Garage'));
    expect(await heard.said()).toEqual([words.announce('Garage', words.kinds['needs-you'], 'Filament ran out in AMS A, slot 3.')]);
    expect(await heard.titles()).toEqual([texts.app.tabTitle(texts.title.state(words.kinds['needs-you'], 'Garage')), ours]);
  });
});

describe('nobody meets a barrier', () => {
  const wall = { P1: 'noted', P2: 'stopped', P3: 'failed', P4: 'finished', P5: 'offlineNeeded', P6: 'quiet', P7: 'switchedOff', P8: 'needsYou' } as const;

  it.each([
    ['phone', phone, '/?size=m'],
    ['phone-small', phone, '/?size=s'],
    ['desktop', desktop, '/?size=m'],
    ['desktop-small', desktop, '/?size=s'],
    ['desktop-list', desktop, '/?view=list'],
  ] as const)('on a wall of all of these, on a %s, in light and in dark', async (device, size, path) => {
    service.printers = named(wall);
    const found: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, complaints } = await stage.open(path, { ...size, colorScheme, reducedMotion: 'reduce' });
      await tile(page, 'P2').getByText(words.kinds.stopped).waitFor({ state: 'attached' });
      await shoot(page, `truth-wall-${device}-${colorScheme}`, true);
      found.push(...(await barriers(page, colorScheme === 'dark')));
      expect(complaints).toEqual([]);
      await stage.clear();
    }
    expect(found).toEqual([]);
  }, 120_000);
});
