/** What the page makes of a printer's news and of what is asked of it, against a service that says what the test wants. */
import { once } from 'node:events';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { written } from '../browser';
import type { Answer } from '../mock';
import { job, states } from '../statuses';
import { Stage } from './stage';

const words = texts.control;
const accepts: Answer = () => ({ status: 200, body: { ok: true, accepted: true, happened: false } });
const refuses = (status: number, error: string): Answer => () => ({ status, body: { ok: false, error } });

const stage = new Stage();
const { service } = stage;
const open = () => stage.open();

const only = (state: keyof typeof states) => [{ id: 1, name: 'Garage X1C', status: states[state]() }];

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const said = (page: Page, sentence: string) => page.getByText(sentence, { exact: true }).first().waitFor({ timeout: 5_000 });

beforeEach(() => {
  service.printers = only('printing');
  service.answer = accepts;
  service.holdsBack = false;
  service.commands.length = 0;
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
  });

  it('comes back by itself after the stream ended', async () => {
    const { page } = await open();
    await said(page, '47 %');
    service.hangUp();
    service.printers = only('paused');
    await said(page, texts.status.kinds.paused);
  });

  it('is asked for, and said to be, where a proxy holds the stream back', async () => {
    service.holdsBack = true;
    const { page } = await open();
    await written(page, texts.connection.polling).waitFor({ timeout: 15_000 });
    await said(page, '47 %');
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
  });

  it('that the printer does not answer says so, until it is seen to be done', async () => {
    service.answer = refuses(504, 'The printer did not answer; look at it before you try again.');
    const { page } = await open();
    await press(page, words.pause);
    await said(page, 'The printer did not answer; look at it before you try again.');
    service.set(1, states.paused());
    await said(page, words.happened.pause);
  });

  it('to the light works without Developer Mode, and the others say what would help', async () => {
    service.printers = only('guarded');
    const { page } = await open();
    await said(page, states.guarded().commands.sentence);
    await page.getByRole('button', { name: words.pause }).click({ force: true });
    await page.getByRole('switch', { name: words.light }).click();
    await expect.poll(() => service.commands).toEqual([{ type: 'light', on: false }]);
  });

  it('is offered to nobody that is away', async () => {
    service.printers = only('offline');
    const { page } = await open();
    await said(page, words.offline);
    await page.getByRole('button', { name: words.pause }).click({ force: true });
    await page.getByRole('switch', { name: words.light }).click({ force: true });
    expect(service.commands).toEqual([]);
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
  });

  it('stops the print that was shown, while its figures go on', async () => {
    const { page } = await open();
    await press(page, words.stop);
    service.set(1, { percent: 48, remainingMinutes: 37 });
    await page.getByRole('alertdialog').getByText('48 %').waitFor();
    await page.getByRole('button', { name: texts.stop.confirm, exact: true }).press('Enter');
    await expect.poll(() => service.commands).toEqual([{ type: 'stop', jobId: '7' }]);
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
  });
});
