import { usePageTitle } from '@/app/usePageTitle';
import { AddPrinter } from '@/features/printers/AddPrinter';
import { texts } from '@/texts';

export function AddPage() {
  usePageTitle(texts.form.addTitle);
  return <AddPrinter />;
}
