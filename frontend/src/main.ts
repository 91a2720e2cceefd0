import './styles/index.css';
import { Part, fetchAhead } from './api/parts';
import { followBuild } from './browser/pageReload';
import { followTheme } from './browser/theme';
import { catalogueFor, speak } from './texts';

followTheme();
followBuild();
// Safari has no idle callbacks.
const whenIdle = () => ('requestIdleCallback' in window ? requestIdleCallback(fetchAhead, { timeout: 5_000 }) : fetchAhead());
addEventListener('load', () => setTimeout(whenIdle, 1_000), { once: true });
void start();

/** The words are there before the app is: it may keep them in constants. */
async function start(): Promise<void> {
  const { texts } = await new Part(catalogueFor(navigator.languages)).get();
  speak(texts);
  document.documentElement.lang = texts.locale;
  const { mount } = await new Part(() => import('./app/mount')).get();
  mount();
}
