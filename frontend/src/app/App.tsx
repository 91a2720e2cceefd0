import { Route, Switch } from 'wouter';
import { AddPage, EditPage, NotFoundPage, PrinterPage, WallPage } from './pages';
import { ErrorBoundary } from './ErrorBoundary';
import { Providers } from './Providers';
import { Shell } from './Shell';

/** A printer's id in an address: what the service numbers them with. */
const idIn = (params: { readonly id: string }): number => Number(params.id);

export function App() {
  return (
    <Providers>
      <Shell>
        <ErrorBoundary>
          <Switch>
            <Route path="/" component={WallPage} />
            <Route path="/p/:id">{(params) => <PrinterPage key={params.id} id={idIn(params)} />}</Route>
            <Route path="/printers/new" component={AddPage} />
            <Route path="/printers/:id/edit">{(params) => <EditPage key={params.id} id={idIn(params)} />}</Route>
            <Route component={NotFoundPage} />
          </Switch>
        </ErrorBoundary>
      </Shell>
    </Providers>
  );
}
