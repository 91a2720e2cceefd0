import { WithPrinters } from '@/app/WithPrinters';
import { usePageTitle } from '@/app/usePageTitle';
import { PrinterList } from '@/features/printers/PrinterList';
import { FirstRun } from '@/features/wall/FirstRun';
import { texts } from '@/texts';

export function PrintersPage() {
  usePageTitle(texts.printers.title);
  return <WithPrinters>{(printers) => (printers.length === 0 ? <FirstRun /> : <PrinterList printers={printers} />)}</WithPrinters>;
}
