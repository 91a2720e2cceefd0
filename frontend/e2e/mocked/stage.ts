/** What a file of tests with a mocked service stands on. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { desktop, launch, openPage } from '../browser';
import { MockService } from '../mock';

/** A service that says what a test wants, and a browser before it. */
export class Stage {
  readonly service = new MockService();
  baseURL = '';
  #browser: Browser | undefined;

  constructor() {
    beforeAll(async () => {
      this.baseURL = await this.service.start();
      this.#browser = await launch();
    });
    // Also of a test that failed: its page would go on asking.
    afterEach(() => this.clear());
    afterAll(async () => {
      await this.#browser?.close();
      this.service.stop();
    });
  }

  /** A page on a device of its own, prepared by `before`; where `path` leads to has its heading. */
  async open(path = '/', options: BrowserContextOptions = desktop, before: (page: Page) => Promise<unknown> = async () => null) {
    if (this.#browser === undefined) {
      throw new Error('Only a test can open a page.');
    }
    const opened = await openPage(this.#browser, { baseURL: this.baseURL, ...options });
    await before(opened.page);
    await opened.page.goto(path);
    await opened.page.getByRole('heading', { level: 1 }).waitFor();
    return opened;
  }

  /** Closes all pages. */
  async clear(): Promise<void> {
    await Promise.all(this.#browser?.contexts().map((context) => context.close()) ?? []);
  }
}
