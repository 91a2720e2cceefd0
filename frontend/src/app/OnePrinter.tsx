import { Suspense } from 'react';
import { Part } from '@/api/parts';
import type { Printer } from '@/api/schemas';
import { FrozenFrame } from '@/features/camera/LatestPicture';
import { Stage } from '@/features/camera/Stage';
import { useCamera } from '@/features/camera/useCamera';
import { ControlBar } from '@/features/control/ControlBar';
import { PrinterView } from '@/features/printerPage/PrinterView';
import { DiagnoseButton } from '@/features/printers/DiagnoseButton';
import { MovedNotice } from '@/features/printers/MovedNotice';
import { NewCertificate } from '@/features/printers/NewCertificate';
import { diagnose } from '@/features/printers/diagnosing';
import { Filament } from '@/features/status/Filament';
import { StatusPanel } from '@/features/status/StatusPanel';
import { Temperatures } from '@/features/status/Temperatures';
import { later } from '@/ui/later';
import { isolated } from './isolated';
import { usePrinterTitle } from './usePageTitle';

const factsEveryMs = 4_000;

/** What stands at the end of the page comes after the picture. */
const PrinterFacts = later(new Part(() => import('./PrinterFacts')), (part) => part.PrinterFacts);

/** Everything about one printer. */
export function OnePrinter({ printer, isOnly }: { readonly printer: Printer; readonly isOnly: boolean }) {
  const { id, name } = printer;
  usePrinterTitle(printer);
  const camera = useCamera(id, { rank: 0, reportEveryMs: factsEveryMs });
  return (
    <PrinterView
      printer={printer}
      isOnly={isOnly}
      onDiagnose={() => diagnose({ id, name })}
      stage={isolated(<Stage camera={camera} id={id} name={name} remedy={<DiagnoseButton id={id} name={name} look="screen" />} />)}
      warning={isolated(
        <>
          <NewCertificate printer={printer} />
          <MovedNotice id={id} name={name} />
        </>,
      )}
      status={isolated(<StatusPanel id={id} />)}
      controls={isolated(<ControlBar id={id} name={name} picture={<FrozenFrame camera={camera} />} />)}
      beside={
        <>
          {isolated(<Temperatures id={id} />)}
          {isolated(<Filament id={id} />)}
        </>
      }
      facts={isolated(
        <Suspense>
          <PrinterFacts printer={printer} camera={camera} />
        </Suspense>,
      )}
    />
  );
}
