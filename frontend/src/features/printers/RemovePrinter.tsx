import { removePrinter } from '@/api/printers';
import { sentenceOf } from '@/api/problem';
import type { Printer } from '@/api/schemas';
import { useAction } from '@/base/useAction';
import { changePrinters } from '@/fleet/printerList';
import { texts } from '@/texts';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { Notice } from '@/ui/Notice';

const words = texts.remove;

interface Props {
  readonly printer: Printer;
  readonly onKeep: () => void;
  readonly onRemoved: () => void;
}

/** Asks, then removes the printer. */
export function RemovePrinter({ printer, onKeep, onRemoved }: Props) {
  const removal = useAction(async () => {
    await removePrinter(printer.id);
    onRemoved();
    changePrinters((before) => before.filter(({ id }) => id !== printer.id));
  });
  return (
    <ConfirmDialog
      title={words.title(printer.name)}
      keep={words.keep}
      confirm={removal.isPending ? words.removing : words.confirm}
      busy={removal.isPending}
      onKeep={onKeep}
      onConfirm={() => removal.start()}
    >
      <p>{words.text}</p>
      {removal.error === null ? null : <Notice>{sentenceOf(removal.error)}</Notice>}
    </ConfirmDialog>
  );
}
