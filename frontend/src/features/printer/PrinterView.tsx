import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Printer } from '@/api/schemas';
import { texts } from '@/texts/en';
import { buttonClass } from '@/ui/Button';
import { Icon } from '@/ui/Icon';
import styles from './PrinterView.module.css';

interface Props {
  readonly printer: Printer;
  /** The only printer is the whole installation: there is no wall to go back to. */
  readonly isOnly: boolean;
  readonly stage: ReactNode;
  readonly status: ReactNode;
  readonly controls: ReactNode;
  readonly facts: ReactNode;
}

/** One printer: its camera large, what it does, what one can do, and what is known about it. */
export function PrinterView({ printer, isOnly, stage, status, controls, facts }: Props) {
  return (
    <article className={styles.view}>
      <header className={styles.head}>
        {isOnly ? null : (
          <Link href="/" className={`${buttonClass('quiet')} ${styles.back}`} aria-label={texts.app.home}>
            <Icon name="back" />
          </Link>
        )}
        <h1 className={styles.name}>{printer.name}</h1>
        <Link href={`/printers/${printer.id}/edit`} className={buttonClass('quiet')}>
          <Icon name="edit" size={18} />
          {texts.printer.edit}
        </Link>
      </header>
      <div className={styles.stage}>{stage}</div>
      <div className={styles.status}>{status}</div>
      <div className={styles.controls}>{controls}</div>
      <div className={styles.facts}>{facts}</div>
    </article>
  );
}
