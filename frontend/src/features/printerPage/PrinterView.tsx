import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Printer } from '@/api/schemas';
import { backTo } from '@/browser/backTo';
import { paths } from '@/browser/paths';
import { texts } from '@/texts';
import { Button, buttonClass } from '@/ui/Button';
import { Icon } from '@/ui/Icon';
import styles from './PrinterView.module.css';

interface Props {
  readonly printer: Printer;
  /** True for the only printer. There is no wall to go back to. */
  readonly isOnly: boolean;
  readonly onDiagnose: () => void;
  readonly stage: ReactNode;
  /** What has to be decided before anything else works. */
  readonly warning: ReactNode;
  /** The print and its figures. They stand beside the picture, or below it on a phone. */
  readonly status: ReactNode;
  readonly controls: ReactNode;
  /** Temperatures and filament. They stand below the status. */
  readonly beside: ReactNode;
  /** Facts that are rarely needed. They stand below the picture. */
  readonly facts: ReactNode;
}

/** One printer: its camera large, what it does, what one can do, and what is known about it. */
export function PrinterView({ printer, isOnly, onDiagnose, stage, warning, status, controls, beside, facts }: Props) {
  return (
    <article className={styles.view}>
      <header className={styles.head}>
        {isOnly ? null : (
          <Link href={paths.wall} className={`${buttonClass('quiet')} ${styles.back}`} aria-label={texts.app.home} onClick={(event) => backTo(paths.wall) && event.preventDefault()}>
            <Icon name="back" />
          </Link>
        )}
        <h1 className={styles.name}>
          <bdi>{printer.name}</bdi>
        </h1>
        <Button look="quiet" className={styles.action} onClick={onDiagnose}>
          <Icon name="test" size={18} />
          <span className={styles.word}>{texts.diagnose.open}</span>
        </Button>
        <Link href={paths.editPrinter(printer.id)} className={`${buttonClass('quiet')} ${styles.action}`}>
          <Icon name="edit" size={18} />
          <span className={styles.word}>{texts.printer.edit}</span>
        </Link>
      </header>
      <div className={styles.stage}>{stage}</div>
      <div className={styles.side}>
        <div className={styles.status}>{warning}</div>
        <div className={styles.status}>{status}</div>
        <div className={styles.controls}>{controls}</div>
        <div className={styles.beside}>{beside}</div>
      </div>
      <div className={styles.facts}>{facts}</div>
    </article>
  );
}
