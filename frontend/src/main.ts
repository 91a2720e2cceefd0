import './styles/index.css';
import { Part, fetchAhead, idle } from './api/parts';
import { onePrinterBeside } from './app/onePrinter';
import { followBuild } from './browser/pageReload';
import { followTheme } from './browser/theme';
import { catalogueFor, speak } from './texts';

followTheme();
followBuild();
addEventListener('load', () => setTimeout(() => void idle().then(fetchAhead), 1_000), { once: true });
void start();

/** The words are there before the app is: it may keep them in constants. */
async function start(): Promise<void> {
  const { texts } = await new Part(catalogueFor(navigator.languages)).get();
  speak(texts);
  document.documentElement.lang = texts.locale;
  // Its files come while React and the app are on their way.
  onePrinterBeside?.fetchAhead();
  const { mount } = await new Part(() => import('./app/mount')).get();
  mount();
}
