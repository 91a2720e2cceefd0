import { Suspense } from 'react';
import { Part } from '@/api/parts';
import { later } from '@/ui/later';
import { useDiagnosed } from './diagnosing';

const DiagnoseSheet = later(new Part(() => import('./DiagnoseSheet')), (part) => part.DiagnoseSheet);

/** Stands once in the page, around everything that can fail; the sheet is loaded when it is asked for. */
export function Diagnose() {
  const printer = useDiagnosed();
  return printer === null ? null : (
    <Suspense>
      <DiagnoseSheet key={printer.id} printer={printer} />
    </Suspense>
  );
}
