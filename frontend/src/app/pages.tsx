/** The pages of the cameras: each puts features together, which do not know each other. */
import type { Printer } from '@/api/schemas';
import { CameraFacts } from '@/features/camera/CameraFacts';
import { CameraTile } from '@/features/camera/CameraTile';
import { LiveNote } from '@/features/camera/LiveNote';
import { FrozenFrame } from '@/features/camera/FrozenFrame';
import { Picture } from '@/features/camera/Picture';
import { useCamera } from '@/features/camera/useCamera';
import { ControlBar } from '@/features/control/ControlBar';
import { PrinterView } from '@/features/printer/PrinterView';
import { Filament } from '@/features/status/Filament';
import { StatusFacts } from '@/features/status/StatusFacts';
import { StatusPanel } from '@/features/status/StatusPanel';
import { TileBadge, TileStatus } from '@/features/status/TileStatus';
import { FirstRun } from '@/features/wall/FirstRun';
import { Wall } from '@/features/wall/Wall';
import { texts } from '@/texts/en';
import { WithPrinter, WithPrinters } from './WithPrinters';
import { usePageTitle } from './usePageTitle';

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
