import { OnePrinter } from '@/app/printerParts';
import { WithPrinter } from '@/app/WithPrinters';
import type { PageProps } from '@/app/routes';

export function PrinterPage({ params }: PageProps) {
  return <WithPrinter id={Number(params.id)}>{(printer, isOnly) => <OnePrinter printer={printer} isOnly={isOnly} />}</WithPrinter>;
}
