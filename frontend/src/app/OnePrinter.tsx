import type { Printer } from '@/api/schemas';
import { CameraFacts } from '@/features/camera/CameraFacts';
import { FrozenFrame } from '@/features/camera/LatestPicture';
import { Stage } from '@/features/camera/Stage';
import { useCamera } from '@/features/camera/useCamera';
import { ControlBar } from '@/features/control/ControlBar';
import { PrinterView } from '@/features/printer/PrinterView';
import { DiagnoseButton } from '@/features/registry/DiagnoseButton';
import { diagnose } from '@/features/registry/diagnosing';
import { Filament } from '@/features/status/Filament';
import { Health } from '@/features/status/Health';
import { Machine } from '@/features/status/Machine';
import { StatusFacts } from '@/features/status/StatusFacts';
import { StatusPanel } from '@/features/status/StatusPanel';
import { Temperatures } from '@/features/status/Temperatures';
import { texts } from '@/texts/en';
import { usePrinterTitle } from './usePageTitle';

const factsEveryMs = 4_000;

/** Everything about one printer. */
export function OnePrinter({ printer, isOnly }: { readonly printer: Printer; readonly isOnly: boolean }) {
  const { id, name, host, serial } = printer;
  usePrinterTitle(printer);
  const camera = useCamera(id, { rank: 0, reportEveryMs: factsEveryMs });
  return (
    <PrinterView
      printer={printer}
      isOnly={isOnly}
      onDiagnose={() => diagnose({ id, name })}
      stage={<Stage camera={camera} id={id} name={name} remedy={<DiagnoseButton id={id} name={name} />} />}
      status={<StatusPanel id={id} />}
      controls={<ControlBar id={id} name={name} picture={<FrozenFrame camera={camera} />} />}
      beside={
        <>
          <Temperatures id={id} />
          <Filament id={id} />
        </>
      }
      facts={
        <>
          <Health id={id} />
          <Machine id={id} />
          <StatusFacts
            id={id}
            title={texts.printer.details}
            typed={[
              { label: texts.printer.address, value: host },
              { label: texts.printer.serial, value: serial },
            ]}
          />
          <CameraFacts camera={camera} />
        </>
      }
    />
  );
}
