/** The pages of the cameras: each puts features together, which do not know each other. */
import { Suspense } from 'react';
import { Part } from '@/api/parts';
import type { Printer } from '@/api/schemas';
import { CameraTile } from '@/features/camera/CameraTile';
import { TileDiagnose } from '@/features/printers/TileDiagnose';
import { TileBadge, TileStatus } from '@/features/status/TileStatus';
import { FirstRun } from '@/features/wall/FirstRun';
import type { TileParts } from '@/features/wall/Tile';
import { Wall } from '@/features/wall/Wall';
import { texts } from '@/texts/en';
import { later } from '@/ui/later';
import { WithPrinter, WithPrinters } from '@/app/WithPrinters';
import { isolated } from '@/app/isolated';
import { usePageTitle, useWallTitle } from '@/app/usePageTitle';

/** The page of one printer is no part of what has to be there before the first tile. */
const onePrinter = new Part(() => import('./OnePrinter'));
const OnePrinter = later(onePrinter, (part) => part.OnePrinter);
const WallControls = later(onePrinter, (part) => part.WallControls);

export function WallPage() {
  return (
    <WithPrinters>
      {(printers) => {
        const [first, ...others] = printers;
        if (first === undefined) {
          return <NoPrinter />;
        }
        // One printer needs no wall.
        return others.length === 0 ? <OnePrinter key={first.id} printer={first} isOnly /> : <ManyPrinters printers={printers} />;
      }}
    </WithPrinters>
  );
}

export function PrinterPage({ id }: { readonly id: number }) {
  return <WithPrinter id={id}>{(printer, isOnly) => <OnePrinter printer={printer} isOnly={isOnly} />}</WithPrinter>;
}

function NoPrinter() {
  usePageTitle(texts.wall.emptyTitle);
  return <FirstRun />;
}

/** Made once: a tile is drawn anew when one of them is another. */
const parts: TileParts = {
  picture: ({ id, name }, place) => isolated(<CameraTile id={id} name={name} rank={place} />),
  badge: ({ id }) => isolated(<TileBadge id={id} />),
  status: ({ id }, look) => isolated(<TileStatus id={id} look={look} />),
  remedy: ({ id, name }, look) => isolated(<TileDiagnose id={id} name={name} look={look === 'row' ? 'quiet' : 'screen'} />),
  controls: (printer) =>
    isolated(
      <Suspense>
        <WallControls printer={printer} />
      </Suspense>,
    ),
};

function ManyPrinters({ printers }: { readonly printers: readonly Printer[] }) {
  useWallTitle(printers);
  return <Wall printers={printers} parts={parts} />;
}
