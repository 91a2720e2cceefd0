/** Finding printers: what was heard, what a scan finds, several at once, and one typed by hand. */
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { barriersInBothThemes, desktop, phone } from '../browser';
import { MockFound, a1, container, found as foundOne, p2s } from '../mockFound';
import { MockTests } from '../mockTests';
import { states } from '../statuses';
import { Stage } from './stage';

const stage = new Stage();
const { service } = stage;
const words = texts.found;
const printer = (id: number, name: string) => ({ id, name, status: states.printing(), camera: { step: 'connecting', sentence: 'Connecting to the camera.' } as const });
const found = new MockFound(service, printer);
const tests = new MockTests();
const sizes = [
  ['phone', phone],
  ['desktop', desktop],
] as const;

service.also = (path, request, response) => found.answer(path, request, response) || tests.answer(path, request, response);

beforeEach(() => {
  service.printers = [];
  found.clear();
  tests.course = 'passed';
});

const row = (page: Page, name: string) => page.getByRole('checkbox', { name });
const code = (page: Page, name: string) => page.getByLabel(words.codeOf(name), { exact: true });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

describe('from an empty wall', () => {
  it('two printers are found, taken together with a code each, and shown', async () => {
    const { page, complaints } = await stage.open('/');
    const beganMs = Date.now();
    await page.getByRole('link', { name: texts.wall.emptyStart, exact: true }).click();
    await page.getByText(words.none).waitFor();
    found.set({ printers: [a1, p2s] });
    await row(page, 'A1').check();
    await page.keyboard.type('12345678');
    await row(page, 'Workshop').check();
    await page.keyboard.type('87654321');
    await button(page, words.add(2)).click();
    await page.getByRole('link', { name: 'Workshop' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    expect(Date.now() - beganMs).toBeLessThan(15_000);
    expect(found.added.map(({ name, serial, accessCode, host }) => [name, serial, accessCode, host]).toSorted()).toEqual([
      ['A1', a1.serial, '12345678', a1.host],
      ['Workshop', p2s.serial, '87654321', p2s.host],
    ]);
    expect(complaints).toEqual([]);
  });
});

describe('a printer that was found', () => {
  it('stays with the service’s sentence where its code is refused, and what was typed stays', async () => {
    tests.course = 'failed';
    found.set({ printers: [a1] });
    const { page } = await stage.open('/printers/new');
    await row(page, 'A1').check();
    await page.keyboard.type('00000000');
    await button(page, words.add(1)).click();
    await page.getByText(/refuses the access code/u).locator('visible=true').first().waitFor();
    expect([found.added, await code(page, 'A1').inputValue(), await code(page, 'A1').getAttribute('aria-invalid')]).toEqual([[], '00000000', 'true']);
  });

  it('cannot be added twice', async () => {
    service.printers = [printer(7, 'Old friend')];
    found.set({ printers: [{ ...a1, printerId: 7 }] });
    const { page } = await stage.open('/printers/new');
    await page.getByText(words.already, { exact: true }).waitFor();
    expect(await row(page, 'Old friend').count()).toBe(0);
  });
});

describe('in a container', () => {
  it('the page says why nothing is heard, and a scan of a range that was confirmed finds printers', async () => {
    found.set({ deaf: container });
    const { page } = await stage.open('/printers/new');
    await page.getByText(container.sentence).waitFor();
    expect(await page.getByLabel(words.range, { exact: true }).inputValue()).toBe('192.168.1.0/24');
    expect(found.scans).toEqual([]);
    await page.getByLabel(words.range, { exact: true }).fill('192.168.7.0/24');
    await button(page, words.start).click();
    await button(page, words.stop).waitFor();
    found.set({ printers: [a1], scan: { range: '192.168.7.0/24', addresses: 254, asked: 120, found: 1, state: 'running' } });
    await page.getByText(words.scanning(120, 254, 1)).waitFor();
    await row(page, 'A1').waitFor();
    await button(page, words.stop).click();
    await page.getByText(words.scanned('stopped', 120, 1)).locator('visible=true').first().waitFor();
    expect(found.scans).toEqual([{ range: '192.168.7.0/24' }]);
  });
});

describe('a printer typed by hand', () => {
  it('needs no serial number: it is read from the certificate and shown', async () => {
    found.greeted = { host: '192.168.1.60', serial: '01P00A000000009', model: 'P1S', camera: 'pictures' };
    const { page } = await stage.open('/printers/new');
    await page.getByLabel(texts.form.host, { exact: true }).fill('192.168.1.60');
    await page.getByLabel(texts.form.accessCode, { exact: true }).focus();
    await page.getByText(texts.form.serialWasRead('P1S')).locator('visible=true').first().waitFor();
    expect([await page.getByLabel(texts.form.serial, { exact: true }).inputValue(), await page.getByLabel(texts.form.name, { exact: true }).inputValue()]).toEqual(['01P00A000000009', 'P1S']);
  });

  it('that does not answer is told so beside the field, and may be added without one', async () => {
    const { page } = await stage.open('/printers/new');
    await page.getByLabel(texts.form.host, { exact: true }).fill('192.168.1.61');
    await page.getByLabel(texts.form.accessCode, { exact: true }).fill('12345678');
    await page.getByText('Nothing answers at this address.').locator('visible=true').first().waitFor();
    await page.getByLabel(texts.form.name, { exact: true }).fill('Attic');
    await button(page, texts.form.add).click();
    await page.getByRole('heading', { name: 'Attic' }).waitFor();
    expect(found.added.map(({ serial }) => serial)).toEqual(['']);
  });
});

describe.each(sizes)('on a %s', (size, options) => {
  it.each<[string, () => void, (page: Page) => Promise<unknown>]>([
    ['nothing', () => undefined, (page) => page.getByText(words.none).waitFor()],
    ['deaf', () => found.set({ deaf: container }), (page) => page.getByText(container.sentence).waitFor()],
    ['scanning', () => found.set({ deaf: container, printers: [a1], scan: { range: '192.168.1.0/24', addresses: 254, asked: 120, found: 1, state: 'running' } }), (page) => button(page, words.stop).waitFor()],
    [
      'chosen',
      () => {
        service.printers = [printer(7, 'Old friend')];
        found.set({ printers: [a1, p2s, foundOne('01P00A000000003', 'P1S', '192.168.1.52', { printerId: 7 })] });
      },
      async (page) => {
        await row(page, 'A1').check();
        await page.keyboard.type('1234');
        await row(page, 'Workshop').check();
      },
    ],
    [
      'refused',
      () => {
        tests.course = 'failed';
        found.set({ printers: [a1, p2s] });
      },
      async (page) => {
        await row(page, 'A1').check();
        await page.keyboard.type('00000000');
        await button(page, words.add(1)).click();
        await page.getByText(/refuses the access code/u).locator('visible=true').first().waitFor();
      },
    ],
  ])('the add page has no barriers: %s', async (name, make, act) => {
    make();
    const { page } = await stage.open('/printers/new', options);
    await act(page);
    expect(await barriersInBothThemes(page, `found-${name}-${size}`, true)).toEqual([]);
  });

  it('the first run has none', async () => {
    const { page } = await stage.open('/', options);
    expect(await barriersInBothThemes(page, `first-run-${size}`)).toEqual([]);
  });
});
