/** A new certificate, and a camera at another host: who is sent what, against a service that says what the test wants. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { barriersInBothThemes, desktop, phone } from '../browser';
import { states } from '../statuses';
import { Stage } from './stage';

const words = texts.certificate;
const form = texts.form;
const password = 'quiet-canary-7';
const fingerprint = 'ab'.repeat(32);

const stage = new Stage();
const { service } = stage;
let puts: { readonly path: string; readonly body: Record<string, unknown> }[];
let refusal: { readonly error: string } | null;

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });
const kept = (page: Page) => page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));

beforeAll(() => {
  service.also = (path, request, response) => {
    if (request.method !== 'PUT') {
      return false;
    }
    void (async () => {
      let text = '';
      for await (const chunk of request) {
        text += String(chunk);
      }
      puts.push({ path, body: JSON.parse(text) as Record<string, unknown> });
      response.writeHead(refusal === null ? 200 : 502, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(refusal === null ? { id: 1, name: 'Garage', host: '192.168.1.11', serial: '00M09A000000001' } : { ok: false, ...refusal }));
    })();
    return true;
  };
});

beforeEach(() => {
  puts = [];
  refusal = null;
  service.printers = [
    { id: 1, name: 'Garage', status: states.newCertificate() },
    { id: 2, name: 'Attic', status: states.idle() },
  ];
});

describe('a new certificate', () => {
  it.each([
    ['the printer’s page', '/p/1'],
    ['the form', '/printers/1/edit'],
  ])('is explained on %s, and accepted by nobody but a person', async (_, path) => {
    const { page, complaints } = await stage.open(path);
    const notice = page.getByRole('alert').filter({ hasText: words.titles.printer });
    await notice.getByText(words.why).waitFor();
    await button(page, words.accept).click();
    const dialog = page.getByRole('alertdialog', { name: words.question('Garage') });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(puts).toEqual([]);
    await button(page, words.accept).click();
    await dialog.getByRole('button', { name: words.accept }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(words.accepted, { exact: true }).waitFor();
    // The printer as it is saved, and neither its code nor its camera's password on the way.
    expect(puts).toEqual([
      { path: '/api/printers/1', body: { id: 1, name: 'Garage', host: '192.168.1.11', serial: '00M09A000000001', rtspUrl: null, cameraFingerprint: null, acceptCertificate: true } },
    ]);
    service.set(1, states.printing());
    await notice.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  it('that only the camera shows is explained as well, and a further one anew', async () => {
    service.printers = [{ id: 1, name: 'Garage', status: states.printing(), camera: { step: 'refused', sentence: 'Another certificate.', certificateChanged: true } }, ...service.printers.slice(1)];
    const { page } = await stage.open('/p/1');
    await page.getByText(words.titles.camera, { exact: true }).waitFor();
    await button(page, words.accept).click();
    await page.getByRole('alertdialog').getByRole('button', { name: words.accept }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(words.accepted, { exact: true }).waitFor();
    service.setCamera(1, { step: 'live', sentence: 'The camera is live.', certificateChanged: false });
    await page.getByRole('region', { name: texts.health.title }).getByText(texts.health.cameraLive, { exact: true }).nth(1).waitFor();
    service.setCamera(1, { step: 'refused', sentence: 'Another certificate.', certificateChanged: true });
    await button(page, words.accept).waitFor();
  });

  it('stays to be accepted where the service refuses', async () => {
    refusal = { error: 'The printer shows yet another certificate by now.' };
    const { page } = await stage.open('/p/1');
    await button(page, words.accept).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByRole('button', { name: words.accept }).focus();
    await page.keyboard.press('Enter');
    await dialog.getByText(refusal.error).waitFor();
    await page.keyboard.press('Escape');
    await button(page, words.accept).waitFor();
  });

  it('is not accepted by saving the form', async () => {
    const { page } = await stage.open('/printers/1/edit');
    await field(page, form.name).fill('Cellar');
    await button(page, form.save).click();
    await expect.poll(() => puts.length).toBe(1);
    expect(puts[0]?.body).toEqual({ name: 'Cellar', host: '192.168.1.11', serial: '00M09A000000001', rtspUrl: null, cameraFingerprint: null });
  });

  it('is none where there is none', async () => {
    service.printers = [{ id: 1, name: 'Garage', status: states.offline() }, ...service.printers.slice(1)];
    const { page } = await stage.open('/p/1');
    await page.getByRole('region', { name: texts.health.title }).waitFor();
    expect(await button(page, words.accept).count()).toBe(0);
  });
});

/** A form with everything in it unfolded. */
const openForm = async (path = '/printers/2/edit', size: BrowserContextOptions = desktop) => {
  const { page } = await stage.open(path, size);
  if (!(await field(page, form.rtspUrl).isVisible())) {
    await page.locator('summary', { hasText: form.more }).click();
  }
  return page;
};

describe('a camera at another host', () => {
  it('gets a login of its own, which appears when its address names that host and goes when it does not', async () => {
    const page = await openForm();
    expect(await field(page, form.cameraUser).count()).toBe(0);
    await field(page, form.rtspUrl).fill('rtsps://192.168.1.12:322/streaming/live/1');
    expect(await field(page, form.cameraUser).count()).toBe(0);
    await field(page, form.rtspUrl).fill('rtsps://192.168.1.99/stream1');
    await field(page, form.cameraUser).fill('viewer');
    expect(await field(page, form.cameraPassword).getAttribute('type')).toBe('password');
    await field(page, form.cameraPassword).fill(password);
    await page.getByText(form.cameraPasswordHint, { exact: true }).waitFor();
    await page.getByText(form.fingerprintOther, { exact: true }).waitFor();
    await field(page, form.fingerprint).fill(fingerprint);
    // Leaving for a sign-in and coming back.
    await page.evaluate(() => dispatchEvent(new Event('pagehide')));
    expect(await kept(page)).toContain('viewer');
    expect(await kept(page)).not.toContain(password);
    await button(page, form.save).click();
    await expect.poll(() => puts.length).toBe(1);
    expect(puts[0]?.body).toEqual({
      name: 'Attic',
      host: '192.168.1.12',
      serial: '00M09A000000002',
      rtspUrl: 'rtsps://192.168.1.99/stream1',
      cameraFingerprint: fingerprint,
      cameraUser: 'viewer',
      cameraPassword: password,
    });
    expect(await kept(page)).not.toContain(password);
  });

  const saved = { rtspUrl: 'rtsps://192.168.1.99/stream1', cameraFingerprint: fingerprint, cameraUser: 'viewer', cameraPassword: password };
  /** With a camera as it is saved. */
  const withCamera = () => {
    service.printers = [...service.printers.slice(0, 1), { id: 2, name: 'Attic', status: states.idle(), saved }];
  };

  it('that is saved shows no password, and keeps it unless another one is typed', async () => {
    withCamera();
    const page = await openForm();
    expect(await field(page, form.cameraUser).inputValue()).toBe('viewer');
    expect(await field(page, form.cameraPassword).count()).toBe(0);
    expect(await page.content()).not.toContain(password);
    await button(page, form.save).click();
    await expect.poll(() => puts.length).toBe(1);
    expect(puts[0]?.body).toMatchObject({ cameraUser: 'viewer' });
    expect(puts[0]?.body).not.toHaveProperty('cameraPassword');
    const again = await openForm();
    await button(again, form.replaceOf(form.cameraPassword)).click();
    await field(again, form.cameraPassword).fill('another one');
    await button(again, form.save).click();
    await expect.poll(() => puts.at(-1)?.body).toMatchObject({ cameraPassword: 'another one' });
  });

  it('has its login in fields and not in its address', async () => {
    const page = await openForm();
    await field(page, form.rtspUrl).fill(`rtsps://viewer:${password}@192.168.1.99/stream1`);
    await button(page, form.save).click();
    await page.getByText(form.rtspUrlLogin, { exact: true }).waitFor();
    await page.evaluate(() => dispatchEvent(new Event('pagehide')));
    expect(await kept(page)).not.toContain(password);
    expect(puts).toEqual([]);
  });

  it.each([
    ['phone', phone],
    ['desktop', desktop],
  ] as const)('and a new certificate are no barriers on a %s, in light and in dark', async (device, size) => {
    withCamera();
    const options = { ...size, reducedMotion: 'reduce' } as const;
    const camera = await openForm('/printers/2/edit', options);
    await camera.evaluate('scrollTo(0, 0)');
    const found = await barriersInBothThemes(camera, `camera-host-saved-${device}`, true);
    await button(camera, form.replaceOf(form.cameraPassword)).click();
    await field(camera, form.cameraPassword).fill('1234');
    await camera.evaluate('scrollTo(0, 0)');
    found.push(...(await barriersInBothThemes(camera, `camera-host-${device}`, true)));
    const certificate = (await stage.open('/p/1', options)).page;
    await button(certificate, words.accept).waitFor();
    await certificate.getByRole('region', { name: texts.health.title }).waitFor();
    found.push(...(await barriersInBothThemes(certificate, `certificate-page-${device}`, true)));
    await button(certificate, words.accept).click();
    found.push(...(await barriersInBothThemes(certificate, `certificate-asked-${device}`)));
    const edit = (await stage.open('/printers/1/edit', options)).page;
    await button(edit, words.accept).waitFor();
    found.push(...(await barriersInBothThemes(edit, `certificate-form-${device}`, true)));
    expect(found).toEqual([]);
  }, 120_000);
});
