import type { Printer } from '@/api/schemas';
import { CameraFacts } from '@/features/camera/CameraFacts';
import type { CameraHandle } from '@/features/camera/useCamera';
import { Health } from '@/features/status/Health';
import { Machine } from '@/features/status/Machine';
import { StatusFacts } from '@/features/status/StatusFacts';
import { texts } from '@/texts';

/** What is known of a printer and its camera beyond what it is doing. */
export function PrinterFacts({ printer: { id, host, serial }, camera }: { readonly printer: Printer; readonly camera: CameraHandle }) {
  return (
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
  );
}
