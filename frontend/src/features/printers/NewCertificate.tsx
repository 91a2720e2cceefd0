import { Suspense, useState } from 'react';
import { Part } from '@/api/parts';
import type { Printer } from '@/api/schemas';
import { useCameraReport, useField } from '@/fleet/fleetStore';
import { later } from '@/ui/later';

/** Most printers never need it. */
const CertificateNotice = later(new Part(() => import('./CertificateNotice')), (part) => part.CertificateNotice);

/** Where a printer or its camera shows another certificate than the first one: what that means, and the way to accept it. */
export function NewCertificate({ printer }: { readonly printer: Printer }) {
  const link = useField(printer.id, 'link');
  const camera = useCameraReport(printer.id);
  const whose = link?.certificateChanged === true ? 'printer' : camera?.certificateChanged === true ? 'camera' : null;
  const isNew = whose !== null;
  const [was, setWas] = useState(isNew);
  const [times, setTimes] = useState(isNew ? 1 : 0);
  if (isNew !== was) {
    setWas(isNew);
    setTimes(isNew ? times + 1 : times);
  }
  // The notice stays to say what happened, until the certificate changes again.
  return times === 0 ? null : (
    <Suspense>
      <CertificateNotice key={times} printer={printer} whose={whose} />
    </Suspense>
  );
}
