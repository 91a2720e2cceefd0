import { useState } from 'react';
import { Link } from 'wouter';
import type { Printer } from '@/api/schemas';
import { paths } from '@/browser/paths';
import { texts } from '@/texts';
import { Button, buttonClass } from '@/ui/Button';
import { Icon } from '@/ui/Icon';
import surface from '@/ui/Surface.module.css';
import { DiagnoseButton } from './DiagnoseButton';
import { MovedNotice } from './MovedNotice';
import styles from './PrinterList.module.css';
import { PrinterLinks, usePrinterModel } from './PrinterLinks';
import { RemovePrinter } from './RemovePrinter';

const words = texts.printers;

/** Every printer with its address, how its links are, and what can be done with it. */
export function PrinterList({ printers }: { readonly printers: readonly Printer[] }) {
  const [removing, setRemoving] = useState<Printer | null>(null);
  return (
    <section className={styles.page}>
      <header className={styles.head}>
        <h1>
          {words.title} <span className={styles.count}>{printers.length}</span>
        </h1>
        <Link href={paths.addPrinter} className={buttonClass('primary')}>
          <Icon name="plus" />
          {texts.app.add}
        </Link>
      </header>
      <ul className={styles.list} aria-label={words.title}>
        {printers.map((printer) => (
          <li key={printer.id} className={`${surface.surface} ${styles.printer}`}>
            <div className={styles.who}>
              <Link href={paths.printer(printer.id)} className={styles.name}>
                <bdi>{printer.name}</bdi>
              </Link>
              <Machine printer={printer} />
              <MovedNotice id={printer.id} name={printer.name} />
            </div>
            <PrinterLinks id={printer.id} />
            <div className={styles.buttons}>
              <DiagnoseButton id={printer.id} name={printer.name} label={words.test} />
              <Link href={paths.editPrinter(printer.id)} className={buttonClass('plain')} aria-label={words.editOf(printer.name)}>
                <Icon name="edit" size={18} />
                {words.edit}
              </Link>
              <Button look="quiet" aria-label={words.removeOf(printer.name)} onClick={() => setRemoving(printer)}>
                <Icon name="trash" size={18} />
                {words.remove}
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {removing === null ? null : <RemovePrinter printer={removing} onKeep={() => setRemoving(null)} onRemoved={() => setRemoving(null)} />}
    </section>
  );
}

function Machine({ printer: { id, host, serial } }: { readonly printer: Printer }) {
  const model = usePrinterModel(id, serial);
  return (
    <p className={styles.machine}>
      {model ?? words.unknownModel} · {host}
    </p>
  );
}
