import type { ReactNode } from 'react';
import type { TestOutcome } from '@/api/stages';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import styles from './PrinterForm.module.css';

interface Props {
  readonly isNew: boolean;
  /** Of the last test of what is typed now. */
  readonly outcome: TestOutcome | null;
  readonly busy: boolean;
  readonly onCancel: () => void;
  readonly end: ReactNode;
}

const words = texts.form;

/** Saving is open at any time: a printer may be switched off now. After a test that did not pass, the button says so. */
export function FormButtons({ isNew, outcome, busy, onCancel, end }: Props) {
  const anyway = outcome === 'warned' || outcome === 'failed';
  const add = busy ? words.adding : anyway ? words.addAnyway : words.add;
  const save = busy ? words.saving : anyway ? words.saveAnyway : words.save;
  const isNextStep = outcome === 'passed' || outcome === 'warned' || (outcome === null && !isNew);
  return (
    <div className={styles.buttons}>
      <Button type="submit" look={isNextStep ? 'primary' : 'plain'} disabled={busy}>
        {isNew ? add : save}
      </Button>
      {isNew ? (
        <Button type="submit" name="then" value="next" disabled={busy}>
          {words.addNext}
        </Button>
      ) : null}
      <Button look="quiet" onClick={onCancel}>
        {words.cancel}
      </Button>
      {end === undefined ? null : <span className={styles.end}>{end}</span>}
    </div>
  );
}
