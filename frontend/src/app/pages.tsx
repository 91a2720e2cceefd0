/** The pages: each puts features together, which do not know each other. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';
import { printersQuery } from '@/api/printers';
import { Problem, sentenceOf } from '@/api/problem';
import type { Printer } from '@/api/schemas';
import { CameraFacts } from '@/features/camera/CameraFacts';
import { CameraTile } from '@/features/camera/CameraTile';
import { FrozenFrame } from '@/features/camera/FrozenFrame';
import { Picture } from '@/features/camera/Picture';
import { useCamera } from '@/features/camera/useCamera';
import { ControlBar } from '@/features/control/ControlBar';
import { PrinterView } from '@/features/printer/PrinterView';
import { AddPrinter } from '@/features/registry/AddPrinter';
import { EditPrinter } from '@/features/registry/EditPrinter';
import { Filament } from '@/features/status/Filament';
import { StatusFacts } from '@/features/status/StatusFacts';
import { StatusPanel } from '@/features/status/StatusPanel';
import { TileBadge, TileStatus } from '@/features/status/TileStatus';
import { FirstRun } from '@/features/wall/FirstRun';
import { Wall, WallSkeleton } from '@/features/wall/Wall';
import { texts } from '@/texts/en';
import { Button, buttonClass } from '@/ui/Button';
import { Notice } from '@/ui/Notice';
import styles from './pages.module.css';

const factsEveryMs = 4_000;

export function WallPage() {
  usePageTitle(null);
  return (
    <WithPrinters>
      {(printers) => {
        const [first, ...others] = printers;
        if (first === undefined) {
          return <FirstRun />;
        }
        // One printer needs no wall.
        if (others.length === 0) {
          return <OnePrinter key={first.id} printer={first} isOnly />;
        }
        return (
          <Wall
            printers={printers}
            picture={({ id, name }, place) => <CameraTile id={id} name={name} rank={place} />}
            badge={({ id }) => <TileBadge id={id} />}
            status={({ id }) => <TileStatus id={id} />}
          />
        );
      }}
    </WithPrinters>
  );
}

export function PrinterPage({ id }: { readonly id: number }) {
  return <WithPrinter id={id}>{(printer, isOnly) => <OnePrinter printer={printer} isOnly={isOnly} />}</WithPrinter>;
}

export function AddPage() {
  usePageTitle(texts.form.addTitle);
  return <AddPrinter />;
}

export function EditPage({ id }: { readonly id: number }) {
  return <WithPrinter id={id}>{(printer) => <EditOne printer={printer} />}</WithPrinter>;
}

export function NotFoundPage() {
  usePageTitle(texts.app.notFound);
  return (
    <section className={styles.lost}>
      <h1>{texts.app.notFound}</h1>
      <p>{texts.app.notFoundMore}</p>
      <Link href="/" className={buttonClass('plain')}>
        {texts.app.toHome}
      </Link>
    </section>
  );
}

function OnePrinter({ printer, isOnly }: { readonly printer: Printer; readonly isOnly: boolean }) {
  usePageTitle(printer.name);
  const camera = useCamera(printer.id, { rank: 0, reportEveryMs: factsEveryMs });
  return (
    <PrinterView
      printer={printer}
      isOnly={isOnly}
      stage={<Picture camera={camera} name={printer.name} size="stage" />}
      status={<StatusPanel id={printer.id} name={printer.name} />}
      controls={<ControlBar id={printer.id} name={printer.name} picture={<FrozenFrame camera={camera} />} />}
      facts={
        <>
          <Filament id={printer.id} />
          <StatusFacts
            id={printer.id}
            title={texts.printer.details}
            typed={[
              { label: texts.printer.address, value: printer.host },
              { label: texts.printer.serial, value: printer.serial },
            ]}
          />
          <CameraFacts camera={camera} />
        </>
      }
    />
  );
}

function EditOne({ printer }: { readonly printer: Printer }) {
  usePageTitle(texts.form.editTitle(printer.name));
  return <EditPrinter printer={printer} />;
}

function WithPrinter({ id, children }: { readonly id: number; readonly children: (printer: Printer, isOnly: boolean) => ReactNode }) {
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
function WithPrinters({ children }: { readonly children: (printers: readonly Printer[]) => ReactNode }) {
  const { data, error, refetch } = useQuery(printersQuery);
  return (
    <>
      {error === null || (data !== undefined && isSaidAbove(error)) ? null : <ListProblem error={error} onRetry={() => void refetch()} />}
      {data === undefined ? error === null && <WallSkeleton /> : children(data)}
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

function usePageTitle(page: string | null): void {
  useEffect(() => {
    document.title = texts.app.tabTitle(page);
  }, [page]);
}
