import { Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { later } from '@/ui/later';
import { ErrorBoundary } from './ErrorBoundary';
import { NotFoundPage } from './NotFoundPage';
import { Providers } from './Providers';
import { Shell } from './Shell';
import { PrinterPage, WallPage } from './pages';

const PrintersPage = later(async () => (await import('./registryPages')).PrintersPage);
const AddPage = later(async () => (await import('./registryPages')).AddPage);
const EditPage = later(async () => (await import('./registryPages')).EditPage);

/** A printer's id in an address: what the service numbers them with. */
const idIn = (params: { readonly id: string }): number => Number(params.id);

export function App() {
  return (
    <Providers>
      <Shell>
        <ErrorBoundary>
          {/* Nothing for the moment that a page takes to load. */}
          <Suspense>
            <Switch>
              <Route path="/" component={WallPage} />
              <Route path="/p/:id">{(params) => <PrinterPage key={params.id} id={idIn(params)} />}</Route>
              <Route path="/printers" component={PrintersPage} />
              <Route path="/printers/new" component={AddPage} />
              <Route path="/printers/:id/edit">{(params) => <EditPage key={params.id} id={idIn(params)} />}</Route>
              <Route component={NotFoundPage} />
            </Switch>
          </Suspense>
        </ErrorBoundary>
      </Shell>
    </Providers>
  );
}
