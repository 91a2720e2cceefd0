import type { Printer } from '@/api/schemas';
import { WithPrinter } from '@/app/WithPrinters';
import type { PageProps } from '@/app/routes';
import { usePageTitle } from '@/app/usePageTitle';
import { EditPrinter } from '@/features/printers/EditPrinter';
import { texts } from '@/texts';

export function EditPage({ params }: PageProps) {
  return <WithPrinter id={Number(params.id)}>{(printer) => <EditOne printer={printer} />}</WithPrinter>;
}

function EditOne({ printer }: { readonly printer: Printer }) {
  usePageTitle(texts.form.editTitle(printer.name));
  return <EditPrinter printer={printer} />;
}
