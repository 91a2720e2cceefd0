import { Suspense } from 'react';
import type { Printer } from '@/api/schemas';
import { CameraTile } from '@/features/camera/CameraTile';
import { TileDiagnose } from '@/features/printers/TileDiagnose';
import { TileBadge, TileStatus } from '@/features/status/TileStatus';
import { FirstRun } from '@/features/wall/FirstRun';
import type { TileParts } from '@/features/wall/Tile';
import { Wall } from '@/features/wall/Wall';
import { texts } from '@/texts';
import { WithPrinters } from '@/app/WithPrinters';
import { isolated } from '@/app/isolated';
import { OnePrinter, WallControls } from '@/app/printerParts';
import { usePageTitle, useWallTitle } from '@/app/usePageTitle';

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
