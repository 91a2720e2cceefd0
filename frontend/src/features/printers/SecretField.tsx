import { type FocusEvent, useEffect, useRef, useState } from 'react';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import { Field } from '@/ui/Field';
import styles from './PrinterForm.module.css';

interface Props {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** What keeps the saved one, on a button. */
  readonly keep: string;
  /** How many characters it has, said beside those that are typed. */
  readonly lengthOf?: (typed: number) => string;
  readonly error: string | undefined;
  readonly onBlur: (event: FocusEvent<HTMLInputElement>) => void;
  readonly isSaved: boolean;
}

const words = texts.form;

/** Write-only: a saved code or password is never shown, only replaced. */
export function SecretField({ name, label, hint, keep, lengthOf, error, onBlur, isSaved }: Props) {
  const [replacing, setReplacing] = useState(!isSaved);
  const [shown, setShown] = useState(false);
  const [length, setLength] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isSaved && replacing) {
      input.current?.focus();
    }
  }, [isSaved, replacing]);
  if (!replacing && error === undefined) {
    return (
      <div className={styles.saved}>
        <p>
          <span className={styles.label}>{label}</span>
          <span className={styles.savedWord}>{words.saved}</span>
        </p>
        <Button aria-label={words.replaceOf(label)} onClick={() => setReplacing(true)}>
          {words.replace}
        </Button>
      </div>
    );
  }
  const keepSaved = () => {
    setReplacing(false);
    setLength(0);
  };
  return (
    <div className={styles.code}>
      <Field
        ref={input}
        name={name}
        error={error}
        onBlur={onBlur}
        onInput={(event) => setLength(event.currentTarget.value.trim().length)}
        label={label}
        hint={hint}
        type={shown ? 'text' : 'password'}
        // Browsers offer to save and fill in every field of type `password`.
        autoComplete="one-time-code"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        end={
          <>
            {length === 0 || lengthOf === undefined ? null : <span className={styles.count}>{lengthOf(length)}</span>}
            <Button look="quiet" aria-pressed={shown} onClick={() => setShown(!shown)}>
              {shown ? words.hide : words.show}
            </Button>
          </>
        }
      />
      {isSaved && error === undefined ? (
        <Button look="quiet" onClick={keepSaved}>
          {keep}
        </Button>
      ) : null}
    </div>
  );
}
