// Chromium, as every judge of a screen opens it: videos play by themselves, and SIGTERM closes it with its judge.
import { chromium } from 'playwright-core';

export async function openBrowser(executablePath) {
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required', '--mute-audio'],
  });
  process.once('SIGTERM', () => browser.close().finally(() => process.exit(143)));
  return browser;
}
