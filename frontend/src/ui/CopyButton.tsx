import { useEffect, useRef, useState } from 'react';
import { useSpoken } from '@/base/speech';
import styles from './CopyButton.module.css';
import { Icon } from './Icon';
import { copyBySelecting, copyText } from './clipboard';

interface Props {
  readonly text: string;
  readonly label: string;
  readonly words: { readonly copied: string; readonly selected: string };
}

const shownMs = 3_000;

/** A button that copies a text. If the page may not write to the clipboard, it selects the text, ready to be copied. */
export function CopyButton({ text, label, words }: Props) {
  const shown = useRef<HTMLSpanElement>(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    const timer = said === '' ? undefined : setTimeout(() => setSaid(''), shownMs);
    return () => clearTimeout(timer);
  }, [said]);
  useSpoken(said);
  const copy = async () => {
    setSaid((await copyText(text)) || copyBySelecting(shown.current) ? words.copied : words.selected);
  };
  return (
    <span className={styles.copy}>
      <span ref={shown} className={styles.text}>
        {text}
      </span>
      <button type="button" className={styles.button} aria-label={label} title={label} onClick={() => void copy()}>
        <Icon name="copy" size={16} />
      </button>
      <span className={styles.said}>{said}</span>
    </span>
  );
}
