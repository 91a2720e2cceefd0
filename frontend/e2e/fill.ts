import type { Page } from 'playwright-core';
import { texts } from '@/texts/en';
import type { TestPrinter } from './setting';

const words = texts.form;

/** Types a printer into the form as a person would. */
export async function fillForm(page: Page, { name, host, serial, accessCode, rtspUrl, cameraFingerprint }: TestPrinter): Promise<void> {
  const field = (label: string) => page.getByLabel(label, { exact: true });
  await field(words.host).fill(host);
  await field(words.serial).fill(serial);
  await field(words.accessCode).fill(accessCode);
  await field(words.name).fill(name);
  // What was typed before the page was loaded is there again, and then these are open already.
  if (!(await field(words.rtspUrl).isVisible())) {
    await page.locator('summary', { hasText: words.more }).click();
  }
  await field(words.rtspUrl).fill(rtspUrl ?? '');
  await field(words.fingerprint).fill(cameraFingerprint ?? '');
}
