import { Suspense } from 'react';
import { Route, Router, Switch, useLocation } from 'wouter';
import { basePath } from '@/api/address';
import { Part } from '@/api/parts';
import { paths } from '@/browser/paths';
import { texts } from '@/texts/en';
import { later } from '@/ui/later';
import { ErrorBoundary } from './ErrorBoundary';
import { NotFoundPage } from './pages/NotFoundPage';
import { AppShell } from './shells/AppShell';
import styles from './pages.module.css';
import { PrinterPage, WallPage } from './pages/WallPage';

const registry = new Part(() => import('./pages/PrintersPage'));
const PrintersPage = later(registry, (part) => part.PrintersPage);
const AddPage = later(registry, (part) => part.AddPage);
const EditPage = later(registry, (part) => part.EditPage);

/** A printer's id in an address: what the service numbers them with. */
const idIn = (params: { readonly id: string }): number => Number(params.id);

export function App() {
  return (
    <Router base={basePath}>
      <AppShell>
        <Page />
      </AppShell>
    </Router>
  );
}

function Page() {
  const [path] = useLocation();
  return (
    <ErrorBoundary at={path}>
      {/* Nothing to be seen for the moment that a page takes to load. */}
      <Suspense fallback={<p className={styles.waiting}>{texts.app.partAway}</p>}>
        <Switch>
          <Route path={paths.wall} component={WallPage} />
          <Route path={paths.printer(':id')}>{(params) => <PrinterPage key={params.id} id={idIn(params)} />}</Route>
          <Route path={paths.printers} component={PrintersPage} />
          <Route path={paths.addPrinter} component={AddPage} />
          <Route path={paths.editPrinter(':id')}>{(params) => <EditPage key={params.id} id={idIn(params)} />}</Route>
          <Route component={NotFoundPage} />
        </Switch>
      </Suspense>
    </ErrorBoundary>
  );
}
