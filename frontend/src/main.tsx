import './styles/tokens.css';
import './styles/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { fetchAhead } from './api/parts';
import { followBuild } from './browser/pageReload';
import { followTheme } from './browser/theme';

followTheme();
followBuild();
// Safari has no idle callbacks.
const whenIdle = () => ('requestIdleCallback' in window ? requestIdleCallback(fetchAhead, { timeout: 5_000 }) : fetchAhead());
addEventListener('load', () => setTimeout(whenIdle, 1_000), { once: true });

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
