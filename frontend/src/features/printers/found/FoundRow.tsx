import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { FoundPrinter } from '@/api/found';
import type { Printer } from '@/api/schemas';
import { useSpoken } from '@/base/speech';
import { paths } from '@/browser/paths';
import { modelOf } from '@/fleet/models';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import { Field } from '@/ui/Field';
import { Icon } from '@/ui/Icon';
import styles from './FoundPrinters.module.css';

export type RowState = { readonly kind: 'idle' | 'testing' | 'added' } | { readonly kind: 'failed'; readonly sentence: string };

interface Props {
  readonly found: FoundPrinter;
  /** The registered printer with its serial number. */
  readonly saved: Printer | null;
  readonly isChosen: boolean;
  readonly isBusy: boolean;
  readonly state: RowState;
  readonly onChoose: (isChosen: boolean) => void;
}

const words = texts.found;

/** One printer that was found: added already, or to be chosen, with its code and what became of it. */
export function FoundRow({ found, saved, isChosen, isBusy, state, onChoose }: Props) {
  const { serial, host } = found;
  const printerId = saved?.id ?? found.printerId;
  const model = found.model ?? modelOf(serial) ?? texts.printers.unknownModel;
  const name = saved?.name ?? found.name ?? model;
  const facts = [...(name === model ? [] : [model]), host, serial].join(' · ');
  const outcome = state.kind === 'testing' ? words.testing : state.kind === 'added' ? words.addedNow : null;
  useSpoken(outcome === null ? (state.kind === 'failed' ? words.of(name, state.sentence) : null) : words.of(name, outcome));
  if (printerId !== null) {
    return (
      <li className={styles.row} data-added="true">
        <span className={styles.sign}>
          <Icon name="check" size={18} />
        </span>
        <span className={styles.who}>
          <Link href={paths.printer(printerId)} className={styles.name}>
            <bdi>{name}</bdi>
          </Link>
          <span className={styles.facts}>{facts}</span>
        </span>
        <span className={styles.outcome}>{outcome ?? words.already}</span>
      </li>
    );
  }
  return (
    <li className={styles.row} data-chosen={isChosen} data-state={state.kind}>
      <label className={styles.choice}>
        <input type="checkbox" checked={isChosen} disabled={isBusy} onChange={({ target }) => onChoose(target.checked)} />
        <span className={styles.who}>
          <span className={styles.name}>
            <bdi>{name}</bdi>
          </span>
          <span className={styles.facts}>{facts}</span>
        </span>
        <span className={styles.outcome}>{outcome}</span>
      </label>
      {isChosen ? <Code serial={serial} name={name} isBusy={isBusy} error={state.kind === 'failed' ? state.sentence : undefined} /> : null}
    </li>
  );
}

function Code({ serial, name, isBusy, error }: { readonly serial: string; readonly name: string; readonly isBusy: boolean; readonly error: string | undefined }) {
  const input = useRef<HTMLInputElement>(null);
  const [isShown, setIsShown] = useState(false);
  useEffect(() => input.current?.focus(), []);
  return (
    <div className={styles.code}>
      <Field
        ref={input}
        name={serial}
        label={words.codeOf(name)}
        hint={words.codeHint}
        error={error}
        readOnly={isBusy}
        type={isShown ? 'text' : 'password'}
        autoComplete="one-time-code"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        end={
          <Button look="quiet" aria-pressed={isShown} aria-label={words.showCodeOf(name)} onClick={() => setIsShown(!isShown)}>
            {isShown ? texts.form.hide : texts.form.show}
          </Button>
        }
      />
    </div>
  );
}
