/** The pages of the cameras: each puts features together, which do not know each other. */
import { lazy } from 'react';
import { CameraTile } from '@/features/camera/CameraTile';
import { LiveNote } from '@/features/camera/LiveNote';
import { TileBadge, TileStatus } from '@/features/status/TileStatus';
import { FirstRun } from '@/features/wall/FirstRun';
import { Wall } from '@/features/wall/Wall';
import { WithPrinter, WithPrinters } from './WithPrinters';
import { loadOnePrinter } from './loadOnePrinter';
import { usePageTitle } from './usePageTitle';

const OnePrinter = lazy(async () => ({ default: (await loadOnePrinter()).OnePrinter }));

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
          <>
            <Wall
              printers={printers}
              picture={({ id, name }, place) => <CameraTile id={id} name={name} rank={place} />}
              badge={({ id }) => <TileBadge id={id} />}
              status={({ id }) => <TileStatus id={id} />}
            />
            <LiveNote />
          </>
        );
      }}
    </WithPrinters>
  );
}

export function PrinterPage({ id }: { readonly id: number }) {
  return <WithPrinter id={id}>{(printer, isOnly) => <OnePrinter printer={printer} isOnly={isOnly} />}</WithPrinter>;
}
