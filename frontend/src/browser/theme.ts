/** Light or dark: as the system has it, or as somebody has chosen for this device. */
import { DeviceChoice, subscribe } from './deviceChoice';

export const themeChoice = new DeviceChoice('theme', ['system', 'light', 'dark'], 'system');

/** What surrounds the page, such as a phone's status bar, has the colour of its ground; without a choice as the page's head says. */
function paint(): void {
  const theme = themeChoice.read();
  document.documentElement.dataset.theme = theme;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    meta.dataset.own ??= meta.content;
    meta.content = theme === 'system' ? meta.dataset.own : getComputedStyle(document.documentElement).getPropertyValue('--ground').trim();
  }
}

/** Before the first tile is drawn, and at each choice. */
export function followTheme(): void {
  paint();
  subscribe(paint);
}
