import { useEffect, useRef, useState } from 'react';
import styles from './CopyButton.module.css';
import { Icon } from './Icon';

interface Props {
  readonly text: string;
  readonly label: string;
  readonly words: { readonly copied: string; readonly selected: string };
}

const shownMs = 3_000;

/** A text that can be taken along. Where a page may not write to the clipboard the text is selected, ready to be copied. */
export function CopyButton({ text, label, words }: Props) {
  const shown = useRef<HTMLSpanElement>(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    const timer = said === '' ? undefined : setTimeout(() => setSaid(''), shownMs);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => {
    setSaid((await written(text)) || copiedBySelecting(shown.current) ? words.copied : words.selected);
  };
  return (
    <span className={styles.copy}>
      <span ref={shown} className={styles.text}>
        {text}
      </span>
      <button type="button" className={styles.button} aria-label={label} title={label} onClick={() => void copy()}>
        <Icon name="copy" size={16} />
      </button>
      <output className={styles.said}>{said}</output>
    </span>
  );
}

/** Only where the page came over https, or from this very machine. */
async function written(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** The old way, which a page from the LAN is left with. What is selected stays selected. */
function copiedBySelecting(element: HTMLElement | null): boolean {
  if (element === null) {
    return false;
  }
  getSelection()?.selectAllChildren(element);
  return document.execCommand('copy');
}
