import { useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { type Draft, addPrinter } from '@/api/printers';
import type { Printer } from '@/api/schemas';
import { changePrinters, refreshPrinters, usePrinters } from '@/fleet/printerList';
import { backTo } from '@/browser/backTo';
import { paths } from '@/browser/paths';
import { texts } from '@/texts';
import { buttonClass } from '@/ui/Button';
import { FormCard } from './FormCard';
import { FoundPrinters } from './found/FoundPrinters';
import styles from './PrinterForm.module.css';
import { PrinterForm } from './PrinterForm';

const known = (printer: Printer) => changePrinters((before) => [...before.filter(({ id }) => id !== printer.id), printer]);

/** Adds a printer, and goes to its picture; or stays for the next one. */
export function AddPrinter() {
  const [, navigate] = useLocation();
  const [added, setAdded] = useState<Printer | null>(null);
  const printers = usePrinters();
  // This also works if the page was opened at this address.
  useEffect(() => void refreshPrinters(), []);
  const add = async (draft: Draft, next: boolean) => {
    const printer = await addPrinter(draft);
    known(printer);
    if (next) {
      setAdded(printer);
    } else {
      // Replaces the form in the history, so that Back does not return to it.
      navigate(paths.printer(printer.id), { replace: true });
    }
  };
  const goTo = (taken: readonly Printer[]) => {
    const [first, ...others] = taken;
    navigate(first !== undefined && others.length === 0 ? paths.printer(first.id) : paths.wall, { replace: true });
  };
  return (
    <FormCard title={texts.form.addTitle} lead={texts.form.addLead}>
      <FoundPrinters printers={printers} onAdded={known} onDone={goTo} />
      <h2 className={styles.byHand}>{texts.found.byHand}</h2>
      {added === null ? null : <Added key={added.id} printer={added} />}
      <PrinterForm key={added?.id} saved={null} others={printers} onSubmit={add} onCancel={() => backTo(paths.wall) || navigate(paths.wall)} />
    </FormCard>
  );
}

/** The form was replaced by a new one, and the focus was lost with it. This notice takes the focus. */
function Added({ printer }: { readonly printer: Printer }) {
  const news = useRef<HTMLParagraphElement>(null);
  useEffect(() => news.current?.focus(), []);
  return (
    <p ref={news} className={styles.added} tabIndex={-1}>
      {texts.form.added(printer.name)}
      <Link href={paths.printer(printer.id)} className={buttonClass('plain')}>
        {texts.form.look}
      </Link>
    </p>
  );
}
