import { useId } from 'react';
import styles from './Segments.module.css';

interface Props<Word extends string> {
  readonly title: string;
  readonly choices: readonly Word[];
  readonly words: Readonly<Record<Word, string>>;
  readonly value: Word;
  readonly onChoose: (word: Word) => void;
}

/** A choice among a few visible options: radio buttons in the shape of a switch. */
export function Segments<Word extends string>({ title, choices, words, value, onChoose }: Props<Word>) {
  const name = useId();
  return (
    <fieldset className={styles.segments}>
      <legend>{title}</legend>
      <div className={styles.row}>
        {choices.map((word) => (
          <label key={word} className={styles.segment}>
            <input type="radio" name={name} value={word} checked={value === word} onChange={() => onChoose(word)} />
            <span>{words[word]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
