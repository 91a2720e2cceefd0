import { useState } from 'react';
import { useLocation } from 'wouter';
import { type Draft, editPrinter } from '@/api/printers';
import type { Printer } from '@/api/schemas';
import { changePrinters, usePrinters } from '@/fleet/printerList';
import { backTo } from '@/browser/backTo';
import { paths } from '@/browser/paths';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import { Icon } from '@/ui/Icon';
import { FormCard } from './FormCard';
import { NewCertificate } from './NewCertificate';
import { PrinterForm } from './PrinterForm';
import { RemovePrinter } from './RemovePrinter';

/** Edits a printer, or removes it. */
export function EditPrinter({ printer }: { readonly printer: Printer }) {
  const [, navigate] = useLocation();
  const [removing, setRemoving] = useState(false);
  const printers = usePrinters();
  const leave = () => {
    const path = paths.printer(printer.id);
    if (!backTo(path)) {
      navigate(path, { replace: true });
    }
  };
  const save = async (draft: Draft) => {
    const saved = await editPrinter(printer.id, draft);
    changePrinters((before) => before.map((other) => (other.id === saved.id ? saved : other)));
    leave();
  };
  return (
    <FormCard title={texts.form.editTitle(printer.name)}>
      <NewCertificate printer={printer} />
      <PrinterForm
        saved={printer}
        others={printers.filter(({ id }) => id !== printer.id)}
        onSubmit={save}
        onCancel={leave}
        end={
          <Button look="quiet" onClick={() => setRemoving(true)}>
            <Icon name="trash" size={18} />
            {texts.form.remove}
          </Button>
        }
      />
      {removing ? <RemovePrinter printer={printer} onKeep={() => setRemoving(false)} onRemoved={() => navigate(paths.wall, { replace: true })} /> : null}
    </FormCard>
  );
}
