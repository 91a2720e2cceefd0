/** The theme, light or dark: the system's, or the one chosen for this device. */
import { DeviceChoice, subscribe } from './deviceChoice';

export const themeChoice = new DeviceChoice('theme', ['system', 'light', 'dark'], 'system');

/** Gives the browser's surroundings, such as a phone's status bar, the colour of the page's ground. Without a choice the page's head decides. */
function paint(): void {
  const theme = themeChoice.read();
  document.documentElement.dataset.theme = theme;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    meta.dataset.own ??= meta.content;
    meta.content = theme === 'system' ? meta.dataset.own : getComputedStyle(document.documentElement).getPropertyValue('--ground').trim();
  }
}

/** Runs before the first tile is rendered, and at each choice. */
export function followTheme(): void {
  paint();
  subscribe(paint);
}
