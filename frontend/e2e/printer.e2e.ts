/**
 * The page of one printer in every state, against a service that says what the test wants.
 *
 *   SHOTS         a folder for a screenshot of each state; none by default
 *   ONLY          of these states alone, with commas between
 */
import { mkdir } from 'node:fs/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { texts } from '@/texts/en';
import { barriers, desktop, launch, openPage, phone } from './browser';
import { type MockPrinter, MockService } from './mock';
import { history, states } from './statuses';

const shots = process.env.SHOTS;
const names = (process.env.ONLY?.split(',') ?? Object.keys(states)) as readonly (keyof typeof states)[];
const words = texts.status;
const television = { viewport: { width: 1920, height: 1080 } } as const;
const noVideo = { step: 'not-supported', sentence: 'This model’s camera sends single pictures instead of a video stream, which is not supported yet.', reconnects: 0 };

let service: MockService;
let baseURL: string;
let browser: Browser;

/** Beside another one, so that there is a wall to go back to. */
const fleet = (state: keyof typeof states): MockPrinter[] => [
  { id: 1, name: state === 'twoNozzles' ? 'Workshop H2D' : 'Garage X1C', status: states[state](), history: history(), ...(state === 'withoutCamera' ? { name: 'Kitchen A1', camera: noVideo } : {}) },
  { id: 2, name: 'Attic', status: states.idle() },
];

async function open(options: BrowserContextOptions = desktop) {
  const opened = await openPage(browser, { baseURL, ...options });
  await opened.page.goto('/p/1');
  await opened.page.getByRole('region', { name: texts.health.title }).waitFor();
  return opened;
}

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
  service.printers = fleet('printing');
  service.commands.length = 0;
});

describe.each(['light', 'dark'] as const)('nobody meets a barrier in %s', (colorScheme) => {
  it.each([
    ['phone', phone],
    ['desktop', desktop],
    ['television', television],
  ])('on a %s, whatever a printer does', async (device, size) => {
    const found: string[] = [];
    for (const state of names) {
      service.printers = fleet(state);
      const { page, complaints } = await open({ ...size, colorScheme });
      await look(page, `${state}-${device}-${colorScheme}`, found);
      expect(complaints).toEqual([]);
      await page.context().close();
    }
    expect(found).toEqual([]);
  }, 240_000);
});

async function look(page: Page, name: string, found: string[]): Promise<void> {
  if (shots !== undefined) {
    await page.screenshot({ path: `${shots}/${name}.png`, fullPage: false });
    if (!name.includes('television')) {
      await page.screenshot({ path: `${shots}/${name}-full.png`, fullPage: true });
    }
  }
  found.push(...(await barriers(page)).map((barrier) => `${name} ${barrier}`));
}

void words;
