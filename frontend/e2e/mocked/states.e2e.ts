/**
 * The page in every state of a printer, against a service that says what the test wants.
 *
 *   SHOTS         a folder for a screenshot of each state; none by default
 */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { barriers, desktop, launch, openPage, phone } from '../browser';
import { type Answer, MockService } from '../mock';
import { job, states } from '../statuses';

const shots = process.env.SHOTS;
const words = texts.control;
const names = Object.keys(states) as readonly (keyof typeof states)[];
const accepts: Answer = () => ({ status: 200, body: { ok: true, accepted: true, happened: false } });
const refuses = (status: number, error: string): Answer => () => ({ status, body: { ok: false, error } });

let service: MockService;
let baseURL: string;
let browser: Browser;

const only = (state: keyof typeof states) => [{ id: 1, name: 'Garage X1C', status: states[state]() }];

async function open(options: Parameters<typeof openPage>[1] = { baseURL, ...desktop }, path = '/') {
  const opened = await openPage(browser, options);
  await opened.page.goto(path);
  await opened.page.getByRole('heading', { level: 1 }).waitFor();
  return opened;
}

async function shoot(page: Page, name: string): Promise<void> {
  if (shots !== undefined) {
    await page.screenshot({ path: `${shots}/${name}.png` });
  }
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const said = (page: Page, sentence: string) => page.getByText(sentence, { exact: true }).first().waitFor({ timeout: 5_000 });

beforeAll(async () => {
  if (shots !== undefined) {
    await mkdir(shots, { recursive: true });
  }
  service = new MockService();
  baseURL = await service.start();
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  service.stop();
});

beforeEach(() => {
  service.printers = only('printing');
  service.answer = accepts;
  service.holdsBack = false;
  service.commands.length = 0;
});

describe.each(['light', 'dark'] as const)('nobody meets a barrier in %s', (colorScheme) => {
  it.each([
    ['phone', phone],
    ['desktop', desktop],
  ])('on a %s, whatever a printer does', async (device, size) => {
    const found: string[] = [];
    const look = async (page: Page, name: string) => {
      await shoot(page, `${name}-${device}-${colorScheme}`);
      found.push(...(await barriers(page)).map((barrier) => `${name} ${barrier}`));
    };
    const options = { baseURL, ...size, colorScheme };
    for (const state of names) {
      service.printers = only(state);
      const { page, complaints } = await open(options);
      await page.getByRole('region', { name: words.title }).waitFor();
      await look(page, state);
      if (state === 'printing') {
        service.answer = refuses(409, 'The printer refused. The printer is busy.');
        await press(page, words.pause);
        await said(page, 'The printer refused. The printer is busy.');
        await look(page, 'refused');
        await press(page, words.stop);
        await page.getByRole('alertdialog').waitFor();
        await look(page, 'stop');
      }
      expect(complaints).toEqual([]);
      await page.context().close();
    }
    service.printers = names.slice(0, 8).map((state, index) => ({ id: index + 1, name: `${state} P1S`, status: states[state]() }));
    const { page } = await open(options);
    await page.getByText(texts.status.kinds.paused, { exact: true }).waitFor();
    await look(page, 'wall');
    service.printers = service.printers.slice(0, 4);
    await page.reload();
    await page.getByText(texts.status.kinds.paused, { exact: true }).waitFor();
    await look(page, 'four');
    await page.context().close();
    expect(found).toEqual([]);
  }, 180_000);
});

describe('the status', () => {
  it('follows the events, on the wall and on the printer’s page', async () => {
    service.printers = [...only('printing'), { id: 2, name: 'Attic', status: states.idle() }];
    const { page } = await open();
    await said(page, 'Printing 47 %');
    service.set(1, { percent: 48 });
    await said(page, 'Printing 48 %');
    await page.getByRole('link', { name: 'Garage X1C', exact: true }).click();
    await said(page, 'Layer 112 of 240');
    service.set(1, { job: { ...job, layer: 113 } });
    await said(page, 'Layer 113 of 240');
    await page.context().close();
  });

  it('comes back by itself after the stream ended', async () => {
    const { page } = await open();
    await said(page, '47 %');
    service.hangUp();
    service.printers = only('paused');
    await said(page, texts.status.kinds.paused);
    await page.context().close();
  });

  it('is asked for, and said to be, where a proxy holds the stream back', async () => {
    service.holdsBack = true;
    const { page } = await open();
    await page.getByText(texts.connection.polling, { exact: true }).waitFor({ timeout: 15_000 });
    await said(page, '47 %');
    await page.context().close();
  });
});

describe('a command', () => {
  it('tells its story: sent, accepted, done', async () => {
    const answered = new AbortController();
    service.answer = async () => {
      await once(answered.signal, 'abort');
      return { status: 200, body: { ok: true, accepted: true, happened: false } };
    };
    const { page } = await open();
    await press(page, words.pause);
    await said(page, words.sent);
    answered.abort();
    await said(page, words.accepted.pause);
    expect(service.commands).toEqual([{ type: 'pause', jobId: '7' }]);
    service.set(1, states.paused());
    await said(page, words.happened.pause);
    await press(page, words.resume);
    await expect.poll(() => service.commands.at(-1)).toEqual({ type: 'resume', jobId: '7' });
    await page.context().close();
  });

  it('that the printer does not answer says so, until it is seen to be done', async () => {
    service.answer = refuses(504, 'The printer did not answer; look at it before you try again.');
    const { page } = await open();
    await press(page, words.pause);
    await said(page, 'The printer did not answer; look at it before you try again.');
    service.set(1, states.paused());
    await said(page, words.happened.pause);
    await page.context().close();
  });

  it('to the light works without Developer Mode, and the others say what would help', async () => {
    service.printers = only('guarded');
    const { page } = await open();
    await said(page, states.guarded().commands.sentence);
    await page.getByRole('button', { name: words.pause }).click({ force: true });
    await page.getByRole('switch', { name: words.light }).click();
    await expect.poll(() => service.commands).toEqual([{ type: 'light', on: false }]);
    await page.context().close();
  });

  it('is offered to nobody that is away', async () => {
    service.printers = only('offline');
    const { page } = await open();
    await said(page, words.offline);
    await page.getByRole('button', { name: words.pause }).click({ force: true });
    await page.getByRole('switch', { name: words.light }).click({ force: true });
    expect(service.commands).toEqual([]);
    await page.context().close();
  });
});

describe('stopping', () => {
  it('asks first; Escape keeps, and gives the focus back', async () => {
    const { page } = await open();
    await press(page, words.stop);
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(texts.stop.keep);
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(words.stop);
    expect(service.commands).toEqual([]);
    await page.context().close();
  });

  it('stops the print that was shown, while its figures go on', async () => {
    const { page } = await open();
    await press(page, words.stop);
    service.set(1, { percent: 48, remainingMinutes: 37 });
    await page.getByRole('alertdialog').getByText('48 %').waitFor();
    await page.getByRole('button', { name: texts.stop.confirm, exact: true }).press('Enter');
    await expect.poll(() => service.commands).toEqual([{ type: 'stop', jobId: '7' }]);
    await page.context().close();
  });

  it.each([
    ['is over', states.finished, words.ended],
    ['is another', () => ({ ...states.printing(), job: { ...job, id: '8' } }), words.otherJob],
    ['is out of reach', states.offline, words.offline],
  ])('asks no more when the print %s', async (_, next, sentence) => {
    const { page } = await open();
    await press(page, words.stop);
    await page.getByRole('alertdialog').waitFor();
    service.set(1, next());
    await said(page, sentence);
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect(service.commands).toEqual([]);
    await page.context().close();
  });
});
