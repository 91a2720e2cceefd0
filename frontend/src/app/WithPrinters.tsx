import { type ReactNode, useEffect } from 'react';
import { Problem, sentenceOf } from '@/api/problem';
import type { Printer } from '@/api/schemas';
import { WallSkeleton } from '@/features/wall/Wall';
import { refreshPrinters, refreshPrintersNow, usePrinterList } from '@/fleet/printerList';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import { Notice } from '@/ui/Notice';
import { NotFoundPage } from '@/app/pages/NotFoundPage';
import styles from './pages.module.css';

/** One printer of the list, or the page that says there is none. */
export function WithPrinter({ id, children }: { readonly id: number; readonly children: (printer: Printer, isOnly: boolean) => ReactNode }) {
  return (
    <WithPrinters>
      {(printers) => {
        const printer = printers.find((other) => other.id === id);
        return printer === undefined ? <NotFoundPage /> : children(printer, printers.length === 1);
      }}
    </WithPrinters>
  );
}

/** The list of printers, or why there is none. A list that is here stays while the service is away. */
export function WithPrinters({ children }: { readonly children: (printers: readonly Printer[]) => ReactNode }) {
  const { printers, error } = usePrinterList();
  useEffect(() => void refreshPrinters(), []);
  return (
    <>
      {error === null || (printers !== null && isSaidAbove(error)) ? null : <ListProblem error={error} onRetry={() => void refreshPrintersNow()} />}
      {printers === null ? error === null && <WallSkeleton /> : children(printers)}
    </>
  );
}

/** What the banner says already: the page does not hear the service. */
const isSaidAbove = (error: Error): boolean => error instanceof Problem && (error.kind === 'unreachable' || error.kind === 'signedOut');

function ListProblem({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  const signedOut = error instanceof Problem && error.kind === 'signedOut';
  // Signing in needs a real navigation: the sign-in page is on another origin.
  const action = signedOut ? (
    <Button onClick={() => location.reload()}>{texts.errors.signIn}</Button>
  ) : (
    <Button onClick={onRetry}>{texts.errors.retry}</Button>
  );
  return (
    <div className={styles.problem}>
      <Notice action={action}>{sentenceOf(error)}</Notice>
    </div>
  );
}
