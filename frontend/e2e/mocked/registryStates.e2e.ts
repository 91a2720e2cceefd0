/** The pages on which printers are kept, in every state, against a service that says what the test wants. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { barriersInBothThemes, desktop, phone, shots, television } from '../browser';
import { MockTests, foundSerial } from '../mockTests';
import { states } from '../statuses';
import { Stage } from './stage';

const words = texts.form;
const code = '87654321';
const typed = [
  [words.host, '192.168.1.31'],
  [words.serial, '22e09a000000007'],
  [words.accessCode, code],
] as const;

const stage = new Stage();
const { service } = stage;
const tests = new MockTests();
let saved: unknown[];

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });
const said = (page: Page, sentence: string) => page.getByText(sentence, { exact: true }).first().waitFor({ timeout: 5_000 });

async function fill(page: Page): Promise<void> {
  for (const [label, value] of typed) {
    await field(page, label).fill(value);
  }
  await field(page, words.name).focus();
}

beforeAll(() => {
  service.also = (path, request, response) => {
    if (tests.answer(path, request, response)) {
      return true;
    }
    const changes = /^\/api\/printers(\/\d+)?$/u.test(path) && request.method !== 'GET';
    if (changes) {
      void (async () => {
        let text = '';
        for await (const chunk of request) {
          text += String(chunk);
        }
        const body = JSON.parse(text || '{}') as Record<string, unknown>;
        saved.push(body);
        response.writeHead(request.method === 'DELETE' ? 204 : 201, { 'Content-Type': 'application/json' });
        response.end(request.method === 'DELETE' ? undefined : JSON.stringify({ id: 1, rtspUrl: null, ...body }));
      })();
    }
    return changes;
  };
});

beforeEach(() => {
  service.printers = [
    { id: 1, name: 'Garage X1C', status: states.printing() },
    { id: 2, name: 'Attic', status: states.offline() },
    { id: 3, name: 'A printer with a long name beside the window', status: states.idle() },
  ];
  tests.course = 'passed';
  tests.holdsAt = null;
  tests.paths.length = 0;
  tests.bodies.length = 0;
  saved = [];
});

describe('nobody meets a barrier', () => {
  it.each<readonly [string, BrowserContextOptions]>([
    ['phone', phone],
    ['desktop', desktop],
    // No other rules than the desktop's: to be looked at, not to be tried each time.
    ...(shots === undefined ? [] : [['television', television] as const]),
  ])('on a %s, whatever a test finds, in light and in dark', async (device, size) => {
    const found: string[] = [];
    const options = { ...size, reducedMotion: 'reduce' } as const;
    const look = async (page: Page, name: string) => {
      await page.evaluate('scrollTo(0, 0)');
      found.push(...(await barriersInBothThemes(page, `${name}-${device}`, !name.startsWith('diagnose'))));
    };
    const { page, complaints } = await stage.open('/printers/new', options);
    await look(page, 'add');
    await page.getByText(words.where, { exact: true }).click();
    await button(page, words.add).click();
    await said(page, words.required.accessCode);
    await look(page, 'add-wrong');
    await page.getByText(words.where, { exact: true }).click();
    await fill(page);
    tests.holdsAt = 'access-code';
    await button(page, words.test).click();
    await page.locator('[data-stage="access-code"][data-state="running"]').waitFor();
    await look(page, 'add-testing');
    tests.goOn();
    await said(page, texts.stages.passed);
    await look(page, 'add-passed');
    for (const course of ['warned', 'failed', 'otherPrinter'] as const) {
      tests.course = course;
      await button(page, texts.stages.again).click();
      await button(page, words.addAnyway).waitFor();
      await look(page, `add-${course}`);
      // Back to where no test was made, so that the next outcome is awaited and not the last one seen.
      await field(page, words.host).fill('192.168.1.32');
      await field(page, words.host).fill('192.168.1.31');
      await button(page, words.test).click();
      await page.getByRole('list', { name: texts.stages.title }).waitFor();
    }
    tests.course = 'passed';
    await button(page, words.addNext).click();
    await page.getByRole('link', { name: words.look }).waitFor();
    await look(page, 'add-next');

    await page.goto('/printers/1/edit');
    await said(page, words.saved);
    await look(page, 'edit');
    await button(page, words.replaceOf(words.accessCode)).click();
    await field(page, words.accessCode).fill('1234');
    await button(page, words.show).click();
    await look(page, 'edit-code');
    await button(page, words.remove).click();
    await page.getByRole('alertdialog').waitFor();
    await look(page, 'remove');

    await page.goto('/printers');
    await page.getByText(states.offline().link.sentence).waitFor();
    await look(page, 'printers');
    tests.course = 'warned';
    tests.holdsAt = 'first-report';
    await button(page, texts.diagnose.openOf(texts.printers.test, 'Attic')).click();
    await page.getByRole('dialog').waitFor();
    await look(page, 'diagnose-running');
    tests.goOn();
    await button(page, texts.diagnose.copy).waitFor();
    await look(page, 'diagnose');
    expect(complaints).toEqual([]);

    service.printers = [];
    const { page: empty } = await stage.open('/printers', options);
    await look(empty, 'printers-none');
    expect(found).toEqual([]);
  }, 180_000);
});

describe('adding a printer', () => {
  it('goes by the keyboard alone, from the list to its test and to its picture', async () => {
    const { page, complaints } = await stage.open('/printers');
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 40; presses += 1) {
        await page.keyboard.press('Tab');
        const reached = await page.evaluate(() => {
          const { activeElement } = document;
          const label = activeElement instanceof HTMLInputElement ? activeElement.labels?.[0]?.textContent : activeElement?.textContent;
          return label?.trim();
        });
        if (reached === name) {
          return;
        }
      }
      throw new Error(`Tab does not lead to ${name}.`);
    };
    await tabTo(texts.app.add);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: words.addTitle }).waitFor();
    for (const [label, value] of typed) {
      await tabTo(label);
      await page.keyboard.type(value);
    }
    await tabTo(words.name);
    expect(await field(page, words.name).inputValue()).toBe('P2S');
    await tabTo(words.test);
    await page.keyboard.press('Enter');
    await said(page, texts.stages.passed);
    await tabTo(words.add);
    service.printers = [{ id: 1, name: 'P2S', status: states.printing() }];
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'P2S', exact: true }).waitFor();
    expect(saved).toEqual([{ name: 'P2S', host: '192.168.1.31', serial: '22E09A000000007', accessCode: code, rtspUrl: null, cameraFingerprint: null }]);
    expect(complaints).toEqual([]);
  });

  it('takes the serial number that the printer itself has, and tests with it', async () => {
    const { page } = await stage.open('/printers/new');
    await fill(page);
    tests.course = 'otherPrinter';
    await button(page, words.test).click();
    const take = button(page, words.takeSerial(foundSerial));
    await take.waitFor();
    tests.course = 'passed';
    await take.click();
    await said(page, texts.stages.passed);
    expect(await field(page, words.serial).inputValue()).toBe(foundSerial);
    expect(tests.bodies.at(-1)).toMatchObject({ serial: foundSerial, accessCode: code });
  });

  it('names the printer that has the serial number already', async () => {
    const { page } = await stage.open('/printers/new');
    await field(page, words.serial).fill(' 00m09a000000001');
    // Again, for as long as the form does not know the printers that are there.
    await expect
      .poll(async () => {
        await field(page, words.serial).focus();
        await field(page, words.name).focus();
        return page.getByText(words.serialTaken('Garage X1C'), { exact: true }).count();
      })
      .toBe(1);
    expect(await field(page, words.serial).getAttribute('aria-invalid')).toBe('true');
  });

  it('ends a test when the form is left', async () => {
    const { page } = await stage.open('/printers/new');
    await fill(page);
    tests.holdsAt = 'mqtt-port';
    const left = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/printers/test'));
    await button(page, words.test).click();
    await page.locator('[data-stage="mqtt-port"][data-state="running"]').waitFor();
    await button(page, words.cancel).click();
    await left;
    tests.goOn();
  });
});

describe('a diagnosis', () => {
  it('is copied without anything that must not be posted', async () => {
    const { page } = await stage.open('/printers');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    tests.course = 'otherPrinter';
    await button(page, texts.diagnose.openOf(texts.printers.test, 'Attic')).click();
    await button(page, texts.diagnose.copy).click();
    await button(page, texts.diagnose.copied).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(tests.paths).toEqual(['/api/printers/2/test']);
    expect(copied).toContain(`${texts.stages.names['mqtt-port']}: ${texts.stages.states.passed}, 12 ms`);
    expect(copied).toContain('01P…009');
    expect(copied).not.toMatch(/[0-9A-Z]{10,}/u);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(texts.diagnose.openOf(texts.printers.test, 'Attic'));
  });
});
