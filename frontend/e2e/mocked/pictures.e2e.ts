/** Cameras that send single pictures: pushed by an event, shown with their age, and never called live. */
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { barriersInBothThemes, desktop, phone, written } from '../browser';
import { filmOf, jpegOf } from '../film';
import type { MockCamera, MockPrinter } from '../mock';
import { states } from '../statuses';
import { Stage } from './stage';

const stage = new Stage();
const { service } = stage;
const words = texts.camera;
const [red, green] = [jpegOf('0xc03020'), jpegOf('0x20a040')];
const film = filmOf('0x4a5a50');
const every = texts.time.seconds('2');

const pictures = (more: Partial<MockCamera> = {}): MockCamera => ({
  step: 'live',
  sentence: 'Pictures arrive.',
  kind: 'pictures',
  pictureIntervalSeconds: 2,
  framesPerSecond: null,
  width: 1_280,
  height: 720,
  kilobitsPerSecond: 240,
  reconnects: 0,
  lastFrameAgeMs: 700,
  ...more,
});
const fails: MockCamera = pictures({ step: 'retrying', sentence: 'The camera has sent no picture for 45 s; it is tried again.', lastError: 'The camera has sent no picture for 45 s.' });
const none: MockCamera = pictures({ step: 'no-camera', sentence: 'This printer says that it has no camera.' });
const updates: MockCamera = pictures({ step: 'updating', sentence: 'The printer installs new firmware. Its camera comes back after that.' });

const withPictures = (id: number, name: string, camera = pictures(), ageMs = 0, file: Buffer | null = red): MockPrinter => ({
  id,
  name,
  status: states.printing(),
  camera,
  ...(file === null ? {} : { jpeg: { film: file, takenMs: Date.now() - ageMs } }),
});
const withVideo = (id: number, name: string): MockPrinter => ({
  id,
  name,
  status: states.printing(),
  camera: { step: 'live', sentence: '', kind: 'video' },
  still: { film, takenMs: Date.now() },
});

const colourOf = (page: Page, nth = 0) =>
  page.locator('canvas').nth(nth).evaluate((canvas: HTMLCanvasElement) => {
    const [r = 0, g = 0] = canvas.getContext('2d')?.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data ?? [];
    return r === 0 && g === 0 ? 'nothing' : r > g ? 'red' : 'green';
  });
const stepwise = (page: Page) => page.locator('[data-state="stepwise"]');

beforeEach(() => {
  service.picturesAsked = 0;
  service.holdsBack = false;
  service.printers = [withPictures(1, 'Attic A1'), withVideo(2, 'Garage')];
});

describe('a camera that sends pictures', () => {
  it('shows each as soon as an event tells of it, asks only then, and neither plays nor opens a stream', async () => {
    const asked: string[] = [];
    const { page, complaints } = await stage.open('/', desktop, async (opened) => opened.on('request', (request) => asked.push(request.url())));
    await stepwise(page).waitFor();
    await expect.poll(() => colourOf(page)).toBe('red');
    const before = service.picturesAsked;
    service.setPicture(1, green);
    await expect.poll(() => colourOf(page), { timeout: 2_000 }).toBe('green');
    expect(service.picturesAsked).toBe(before + 1);
    await page.getByText(words.stepwise(every)).waitFor();
    expect(asked.filter((url) => /\/hls\/1\/|printers\/1\/still\.mp4/u.test(url))).toEqual([]);
    expect(await page.locator('[data-claim="live"]').count()).toBe(0);
    // The test itself reads the canvas again and again.
    expect(complaints.filter((complaint) => !complaint.startsWith('Canvas2D'))).toEqual([]);
  });

  it('never blanks between two pictures', async () => {
    const { page } = await stage.open();
    await expect.poll(() => colourOf(page)).toBe('red');
    const seen = page.evaluate(
      () =>
        new Promise<readonly boolean[]>((resolve) => {
          const canvas = document.querySelector('canvas');
          const blanks: boolean[] = [];
          const look = () => {
            blanks.push(canvas?.getContext('2d')?.getImageData(10, 10, 1, 1).data[3] === 0);
            if (blanks.length < 90) {
              requestAnimationFrame(look);
            } else {
              resolve(blanks);
            }
          };
          look();
        }),
    );
    service.setPicture(1, green);
    await expect.poll(() => colourOf(page)).toBe('green');
    service.setPicture(1, red, { takenMs: Date.now() + 1 });
    expect((await seen).filter(Boolean)).toEqual([]);
  });

  it('that is slow says how old its picture is, and is not called dead', async () => {
    service.printers = [withPictures(1, 'Attic A1', pictures(), 9_000), withVideo(2, 'Garage')];
    const { page } = await stage.open();
    await page.locator('p[data-claim="stepwise"][data-late="true"]').waitFor();
    expect(await stepwise(page).count()).toBe(1);
    service.setPicture(1, green);
    await page.locator('p[data-claim="stepwise"][data-late="false"]').waitFor();
  });

  it('that is dead keeps its last picture, with the service’s sentence, and recovers by itself', async () => {
    const { page } = await stage.open();
    await stepwise(page).waitFor();
    service.setCamera(1, fails);
    await written(page, fails.sentence).waitFor();
    expect([await stepwise(page).count(), await colourOf(page)]).toEqual([0, 'red']);
    service.setCamera(1, pictures());
    service.setPicture(1, green);
    await stepwise(page).waitFor();
    await expect.poll(() => colourOf(page)).toBe('green');
  });

  it('is asked now and then where a proxy holds the events back', async () => {
    service.holdsBack = true;
    const { page } = await stage.open();
    await expect.poll(() => colourOf(page), { timeout: 20_000 }).toBe('red');
    service.setPicture(1, green, { isSilent: true });
    await expect.poll(() => colourOf(page), { timeout: 10_000 }).toBe('green');
  });

  it('is asked by nobody while the page is hidden', async () => {
    const { page } = await stage.open();
    await stepwise(page).waitFor();
    const see = (state: 'hidden' | 'visible') =>
      page.evaluate((now) => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => now });
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => now === 'hidden' });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    await see('hidden');
    const asked = service.picturesAsked;
    service.setPicture(1, green);
    await page.waitForTimeout(1_500);
    await see('visible');
    await expect.poll(() => colourOf(page), { timeout: 8_000 }).toBe('green');
    expect(service.picturesAsked, 'once, when it is seen again').toBeLessThanOrEqual(asked + 2);
  });

  it('on its own page has its usual time in words, its picture to save, and no window for a video', async () => {
    const { page } = await stage.open('/p/1');
    await page.getByText(words.sendsPictures(every)).waitFor();
    expect(await page.getByRole('button', { name: words.pictureInPicture }).count()).toBe(0);
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: words.snapshot }).click();
    expect((await saved).suggestedFilename()).toMatch(/^Attic-A1_.*\.jpg$/u);
    expect(await page.locator('canvas').first().evaluate((canvas: HTMLCanvasElement) => [canvas.width, canvas.height])).toEqual([1_280, 720]);
    await page.getByRole('button', { name: words.figures }).click();
    await page.getByText(words.deliveries.pictures).waitFor();
  });
});

describe('a new address', () => {
  it('is told on the printer’s page and in the list, and put away on this device', async () => {
    const moved = { from: '192.168.1.42', to: '192.168.1.57', time: new Date().toISOString() };
    service.printers = [{ ...withPictures(1, 'Attic A1'), status: { ...states.printing(), moved } }, withVideo(2, 'Garage')];
    const { page } = await stage.open('/p/1');
    await page.getByText(texts.moved.sentence(moved.to, moved.from)).waitFor();
    await page.goto('/printers');
    await page.getByRole('button', { name: texts.moved.dismissOf('Attic A1') }).click();
    await page.goto('/p/1');
    await page.getByRole('heading', { name: 'Attic A1' }).waitFor();
    await stepwise(page).waitFor();
    expect(await page.getByText(texts.moved.sentence(moved.to, moved.from)).count()).toBe(0);
  });
});

describe.each([
  ['phone', phone],
  ['desktop', desktop],
] as const)('on a %s', (size, options) => {
  it('a wall of both kinds has no barriers', async () => {
    service.printers = [
      withPictures(1, 'Attic A1'),
      withVideo(2, 'Garage'),
      withPictures(3, 'Slow P1S', pictures({ pictureIntervalSeconds: 8 }), 30_000),
      withPictures(4, 'Dead A1 mini', fails, 50_000),
      withPictures(5, 'Without camera', none, 0, null),
      withPictures(6, 'Updating', updates, 90_000),
    ];
    const { page } = await stage.open('/', options);
    await stepwise(page).first().waitFor();
    expect(await barriersInBothThemes(page, `pictures-wall-${size}`, true)).toEqual([]);
  });

  it.each<[string, () => MockPrinter]>([
    ['pictures', () => withPictures(1, 'Attic A1')],
    ['slow', () => withPictures(1, 'Attic A1', pictures(), 12_000)],
    ['dead', () => withPictures(1, 'Attic A1', fails, 50_000)],
    ['none', () => withPictures(1, 'Attic A1', none, 0, null)],
    ['updating', () => withPictures(1, 'Attic A1', updates, 90_000)],
    ['moved', () => ({ ...withPictures(1, 'Attic A1'), status: { ...states.printing(), moved: { from: '192.168.1.42', to: '192.168.1.57', time: new Date().toISOString() } } })],
  ])('its page has none: %s', async (name, make) => {
    service.printers = [make(), withVideo(2, 'Garage')];
    const { page } = await stage.open('/p/1', options);
    await page.locator('[data-size="stage"]').waitFor();
    await page.getByRole('region', { name: texts.health.title, exact: true }).waitFor();
    expect(await barriersInBothThemes(page, `pictures-${name}-${size}`, true)).toEqual([]);
  });
});
