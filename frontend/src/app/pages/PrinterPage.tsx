import { useEffect } from 'react';
import { OnePrinter, onePrinter } from '@/app/printerParts';
import { WithPrinter } from '@/app/WithPrinters';
import type { PageProps } from '@/app/routes';

export function PrinterPage({ params }: PageProps) {
  // The code need not wait for the list of printers.
  useEffect(() => onePrinter.fetchAhead(), []);
  return <WithPrinter id={Number(params.id)}>{(printer, isOnly) => <OnePrinter printer={printer} isOnly={isOnly} />}</WithPrinter>;
}
