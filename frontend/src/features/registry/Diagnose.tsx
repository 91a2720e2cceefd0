import { Suspense, lazy } from 'react';
import { useDiagnosed } from './diagnosing';

const load = () => import('./DiagnoseSheet');
const DiagnoseSheet = lazy(async () => ({ default: (await load()).DiagnoseSheet }));

/** Stands once in the page, around everything that can fail; the sheet is loaded when it is asked for. */
export function Diagnose() {
  const printer = useDiagnosed();
  return printer === null ? null : (
    <Suspense>
      <DiagnoseSheet key={printer.id} printer={printer} />
    </Suspense>
  );
}
