/** The pages on which printers are kept: loaded when somebody goes there, since most visits are to the cameras. */
import type { Printer } from '@/api/schemas';
import { AddPrinter } from '@/features/printers/AddPrinter';
import { EditPrinter } from '@/features/printers/EditPrinter';
import { PrinterList } from '@/features/printers/PrinterList';
import { FirstRun } from '@/features/wall/FirstRun';
import { texts } from '@/texts/en';
import { WithPrinter, WithPrinters } from '@/app/WithPrinters';
import { usePageTitle } from '@/app/usePageTitle';

export function PrintersPage() {
  usePageTitle(texts.printers.title);
  return <WithPrinters>{(printers) => (printers.length === 0 ? <FirstRun /> : <PrinterList printers={printers} />)}</WithPrinters>;
}

export function AddPage() {
  usePageTitle(texts.form.addTitle);
  return <AddPrinter />;
}

export function EditPage({ id }: { readonly id: number }) {
  return <WithPrinter id={id}>{(printer) => <EditOne printer={printer} />}</WithPrinter>;
}

function EditOne({ printer }: { readonly printer: Printer }) {
  usePageTitle(texts.form.editTitle(printer.name));
  return <EditPrinter printer={printer} />;
}
