import { type ComponentProps, type ReactNode, useId } from 'react';
import styles from './Field.module.css';

interface Props extends ComponentProps<'input'> {
  readonly label: string;
  readonly hint: string;
  readonly error: string | undefined;
  /** Stands at the input's end, for example a button that shows a password. */
  readonly end?: ReactNode;
}

/** A labelled input with its hint, and its error in the hint's place. */
export function Field({ label, hint, error, end, ...input }: Props) {
  const id = useId();
  const wrong = error !== undefined;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <div className={styles.box} data-wrong={wrong || undefined}>
        <input id={id} aria-describedby={`${id}-note`} aria-invalid={wrong || undefined} {...input} />
        {end}
      </div>
      <p id={`${id}-note`} className={wrong ? styles.error : styles.hint}>
        {error ?? hint}
      </p>
    </div>
  );
}
