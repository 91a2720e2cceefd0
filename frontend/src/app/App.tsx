import { Suspense, useEffect } from 'react';
import { Router, matchRoute, useLocation, useRouter } from 'wouter';
import { basePath } from '@/api/address';
import { texts } from '@/texts';
import { ErrorBoundary } from './ErrorBoundary';
import { fetchOnHover } from './fetchOnHover';
import styles from './pages.module.css';
import { navigation, routes } from './routes';

export function App() {
  return (
    <Router base={basePath}>
      <PageInShell />
    </Router>
  );
}

function PageInShell() {
  const [path] = useLocation();
  const { parser } = useRouter();
  useEffect(() => fetchOnHover((to) => routes.find((route) => matchRoute(parser, route.path, to)[0])?.part), [parser]);
  for (const { path: pattern, Page, Shell } of routes) {
    const [isHere, params] = matchRoute(parser, pattern, path);
    if (isHere) {
      return (
        <Shell navigation={navigation}>
          <ErrorBoundary at={path}>
            {/* Nothing to be seen for the moment that a page takes to load. */}
            <Suspense fallback={<p className={styles.waiting}>{texts.app.partAway}</p>}>
              <Page key={path} params={params} />
            </Suspense>
          </ErrorBoundary>
        </Shell>
      );
    }
  }
  return null;
}
