/**
 * The page of one printer in every state, against a service that says what the test wants.
 *
 *   ONLY          of these states alone, with commas between
 */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { barriersInBothThemes, desktop, phone, shoot, shots, television } from '../browser';
import { filmOf } from '../film';
import type { Answer, MockCamera, MockPrinter } from '../mock';
import { history, states } from '../statuses';
import { Stage } from './stage';

type State = keyof typeof states;

const words = texts.status;
const plate = filmOf('0x4a5a50');
const noVideo: MockCamera = { step: 'no-camera', sentence: 'This printer says that it has no camera.', reconnects: 0 };
const otherJob: Answer = () => ({ status: 409, body: { ok: false, error: 'The printer is on a different print now, so nothing was stopped.' } });
const silent: Answer = () => ({ status: 504, body: { ok: false, error: 'The printer did not answer; look at it before you try again.' } });

/** What a page may come to by itself: a state, or what somebody did in one. */
const scenes: Readonly<Record<string, { readonly state: State; readonly answer?: Answer; readonly act?: (page: Page) => Promise<void> }>> = {
  ...Object.fromEntries(Object.keys(states).map((state) => [state, { state: state as State }])),
  refused: {
    state: 'printing',
    answer: () => ({ status: 409, body: { ok: false, error: 'The printer refused. It is busy with something else.' } }),
    act: async (page) => {
      await button(page, texts.control.pause).click();
      await said(page, 'The printer refused. It is busy with something else.');
    },
  },
  stop: { state: 'printing', act: async (page) => ask(page) },
  stopOver: {
    state: 'printing',
    answer: otherJob,
    act: async (page) => {
      await ask(page);
      await answer(page, texts.stop.confirm);
      await button(page, texts.app.close).waitFor();
    },
  },
  cutOff: { state: 'printing', act: async (page) => cutOff(page) },
};
const names = process.env.ONLY?.split(',') ?? Object.keys(scenes);

const stage = new Stage();
const { service } = stage;

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const said = (page: Page, sentence: string) => page.getByText(sentence, { exact: true }).first().waitFor({ timeout: 5_000 });
const dialog = (page: Page) => page.getByRole('alertdialog');
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '');

const link = (page: Page, name: string) =>
  page.getByRole('region', { name: texts.health.title }).locator('dl > div', { has: page.getByText(name, { exact: true }) });

async function ask(page: Page): Promise<void> {
  await button(page, texts.control.stop).click();
  await dialog(page).waitFor();
}

/** As a person would, who has read the question: the dialog does not hear the finger that opened it. */
async function answer(page: Page, name: string): Promise<void> {
  await dialog(page).getByRole('button', { name }).focus();
  await page.keyboard.press('Enter');
}

async function cutOff(page: Page): Promise<void> {
  await page.context().setOffline(true);
  service.hangUp();
  await said(page, texts.health.pageStates.lost);
}

/** Beside another one, so that there is a wall to go back to. */
function fleet(state: State): readonly MockPrinter[] {
  const camera = state === 'withoutCamera' ? { camera: noVideo } : { still: { film: plate, takenMs: Date.now() - 2_000 } };
  const name = { twoNozzles: 'Workshop H2D', withoutCamera: 'Kitchen A1' }[state as string] ?? 'Garage X1C';
  return [
    { id: 1, name, status: states[state](), history: history(), ...camera },
    { id: 2, name: 'Attic', status: states.idle() },
  ];
}

async function open(options: BrowserContextOptions = desktop) {
  const opened = await stage.open('/p/1', options);
  await opened.page.getByRole('region', { name: texts.health.title }).waitFor();
  return opened;
}

beforeEach(() => {
  service.printers = fleet('printing');
  service.answer = () => ({ status: 200, body: { ok: true, accepted: true, happened: false } });
  service.commands.length = 0;
});

describe('nobody meets a barrier', () => {
  it.each(names)('in the state “%s”, on a phone and on a desk, in light and in dark', async (name) => {
    const { state = 'printing', answer: reply, act } = scenes[name] ?? {};
    service.printers = fleet(state);
    service.answer = reply ?? service.answer;
    const { page, complaints } = await open({ ...desktop, reducedMotion: 'reduce' });
    await act?.(page);
    const found = await barriersInBothThemes(page, `${name}-desktop`);
    if (shots !== undefined) {
      await page.setViewportSize(television.viewport);
      await shoot(page, `${name}-television`);
    }
    await page.setViewportSize(phone.viewport);
    found.push(...(await barriersInBothThemes(page, `${name}-phone`, act === undefined)));
    expect(found).toEqual([]);
    expect(complaints).toEqual([]);
  }, 120_000);
});

describe('opened directly', () => {
  it('asks for all its code before the list of printers', async () => {
    const asked: string[] = [];
    await stage.open('/p/1', desktop, async (page) => {
      page.on('request', (request) => asked.push(new URL(request.url()).pathname.replace(/-.{8}\.js$/u, '.js')));
    });
    const order = ['OnePrinter', 'useStop', 'ConfirmDialog'].map((part) => asked.indexOf(`/assets/${part}.js`));
    expect(Math.min(...order)).toBeGreaterThan(0);
    expect(Math.max(...order)).toBeLessThan(asked.indexOf('/api/printers'));
  });
});

describe('a problem', () => {
  it('stands above the print when somebody is needed, with its code to take along', async () => {
    service.printers = fleet('needsYou');
    const { page } = await open();
    const urgent = page.getByRole('list', { name: words.urgentProblems });
    await urgent.getByText('Filament ran out in AMS A, slot 3.').waitFor();
    await urgent.getByText(states.needsYou().problems[0]?.whatToDo ?? '').waitFor();
    const [problem, percent] = await Promise.all([urgent.boundingBox(), page.getByText('47 %', { exact: true }).boundingBox()]);
    expect(problem?.y).toBeLessThan(percent?.y ?? 0);
    await page.getByRole('button', { name: words.copyCode('0700-8011') }).click();
    await said(page, texts.copy.copied);
  });
});

describe('what was heard a while ago', () => {
  it.each([
    ['is underlined after 10 s', 14, 'aging', null],
    ['is pale and tells its age after 30 s', 40, 'old', /^4\d s ago$/u],
  ])('%s', async (_, secondsAgo, level, age) => {
    service.printers = [{ ...(fleet('printing')[0] as MockPrinter), status: { ...states.printing(), lastUpdate: new Date(Date.now() - secondsAgo * 1_000).toISOString() } }];
    const { page } = await open();
    const nozzle = page.locator(`[data-freshness="${level}"]`).filter({ hasText: '220°' });
    await nozzle.waitFor();
    expect(await nozzle.getAttribute('title')).toContain(words.heardAt(''));
    if (age !== null) {
      await page.getByRole('region', { name: words.temperatures, exact: true }).getByText(age).waitFor();
    }
  });

  it('is no state after 90 s, and the print is only reckoned', async () => {
    service.printers = fleet('noData');
    const { page } = await open();
    await page.getByText(/^No data 2 min$/u).waitFor();
    await said(page, words.reckoned('50 %'));
  });

  it('is fresh again with the next report, whatever is in it', async () => {
    service.printers = fleet('aging');
    const { page } = await open();
    await page.locator('[data-freshness="old"]').first().waitFor();
    service.set(1, {});
    await page.locator('[data-freshness="old"]').first().waitFor({ state: 'detached' });
  });
});

describe('the three links', () => {
  it('are told apart', async () => {
    const { page } = await open();
    await link(page, texts.health.page).getByText(texts.health.pageStates.live).waitFor();
    await link(page, texts.health.printer).getByText(/ago|now/u).waitFor();
    await link(page, texts.health.camera).getByText(texts.health.cameraAway).waitFor();
    service.set(1, states.offline());
    await link(page, texts.health.printer).getByText(texts.health.linkSteps.retrying).waitFor();
    await link(page, texts.health.page).getByText(texts.health.pageStates.live).waitFor();
  });

  it('are not known behind one that is cut off', async () => {
    const { page } = await open();
    await cutOff(page);
    await link(page, texts.health.printer).getByText(texts.health.unknown).waitFor();
    await page.context().setOffline(false);
    await link(page, texts.health.page).getByText(texts.health.pageStates.live).waitFor();
  });

  it('say that one comes and goes, when it was seen', async () => {
    const { page } = await open();
    for (const reconnects of [3, 4, 6]) {
      service.set(1, { network: { wired: false, wifiDbm: -79 }, link: { ...states.printing().link, reconnects } });
      await link(page, texts.health.reconnects).getByText(String(reconnects), { exact: true }).waitFor();
    }
    await said(page, texts.health.flappingWifi(6, '1 min'));
  });
});

describe('the half hour before', () => {
  it('is drawn, and said', async () => {
    const { page } = await open();
    await page.getByText(words.halfHour('26', '221'), { exact: true }).waitFor();
  });

  it('begins with what is heard where the service keeps none', async () => {
    service.printers = [{ id: 1, name: 'Garage X1C', status: states.printing() }];
    const { page, complaints } = await open();
    await said(page, '220°');
    expect(complaints).toEqual([]);
  });
});

describe('by the keyboard', () => {
  it('pauses, switches the light and stops, and the focus is never lost', async () => {
    const { page } = await open();
    await button(page, texts.control.pause).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => service.commands).toEqual([{ type: 'pause', jobId: '7' }]);
    expect(await focused(page)).toBe(texts.control.pause);
    service.set(1, states.paused());
    await said(page, texts.control.happened.pause);
    expect(await focused(page)).toBe(texts.control.resume);
    await page.keyboard.press('t');
    await expect.poll(() => service.commands.at(-1)).toEqual({ type: 'light', on: false });
    service.set(1, { ...states.paused(), light: 'off' });
    await said(page, texts.control.happened.lightOff);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe(texts.control.stop);
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe(texts.stop.keep);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await dialog(page).waitFor({ state: 'detached' });
    await said(page, texts.control.accepted.stop);
    expect(service.commands.at(-1)).toEqual({ type: 'stop', jobId: '7' });
    expect(await focused(page)).toBe(texts.control.stop);
  });
});

describe('stopping', () => {
  it('shows the newest picture with its age', async () => {
    const { page } = await open();
    await page.locator('[data-claim="still"][data-past]').waitFor({ timeout: 10_000 });
    await ask(page);
    await dialog(page).getByText(/^Picture \d+ s ago$/u).waitFor();
  });

  it('is not answered by the finger that asked', async () => {
    const { page } = await open(phone);
    const box = await button(page, texts.control.stop).boundingBox();
    const [x, y] = [(box?.x ?? 0) + 20, (box?.y ?? 0) + 20];
    await page.mouse.dblclick(x, y);
    await page.mouse.click(x, y);
    expect(await dialog(page).count()).toBe(1);
    expect(service.commands).toEqual([]);
  });

  it.each([
    ['is on another print', otherJob, 'The printer is on a different print now, so nothing was stopped.'],
    ['says nothing', silent, 'The printer did not answer; look at it before you try again.'],
  ])('stays open and says so when the printer %s', async (_, reply, sentence) => {
    service.answer = reply;
    const { page } = await open();
    await ask(page);
    await answer(page, texts.stop.confirm);
    await dialog(page).getByText(sentence, { exact: true }).waitFor();
    expect(await dialog(page).getByRole('button', { name: texts.stop.confirm }).count()).toBe(0);
    await expect.poll(() => focused(page)).toBe(texts.app.close);
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    expect(await focused(page)).toBe(texts.control.stop);
  });

  it('goes when it is done after all', async () => {
    service.answer = silent;
    const { page } = await open();
    await ask(page);
    await answer(page, texts.stop.confirm);
    await button(page, texts.app.close).waitFor();
    service.set(1, states.finished());
    await dialog(page).waitFor({ state: 'detached' });
    await said(page, texts.control.happened.stop);
  });
});

describe('on a phone', () => {
  it('the controls lie at the bottom, large, under nothing, and Stop apart', async () => {
    const { page } = await open(phone);
    const controls = page.getByRole('region', { name: texts.control.title }).locator('button');
    const [pause, light, stop] = await controls.evaluateAll((buttons) =>
      buttons.map((each) => {
        const { left, right, top, bottom, height } = each.getBoundingClientRect();
        const hit = (y: number) => each.contains(document.elementFromPoint((left + right) / 2, y));
        return { left, right, top, height, isFree: hit(top + 2) && hit(bottom - 2) };
      }),
    );
    expect([pause, light, stop].map((each) => each?.isFree)).toEqual([true, true, true]);
    expect(Math.min(...[pause, light, stop].map((each) => each?.height ?? 0))).toBeGreaterThanOrEqual(48);
    expect((stop?.left ?? 0) - (light?.right ?? 0)).toBeGreaterThanOrEqual(16);
    expect(pause?.top).toBeGreaterThan(phone.viewport.height - 150);
  });
});
