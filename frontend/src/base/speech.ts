/** What the page says aloud. One live region speaks for all of it, wherever it is drawn: 64 tiles with one each talk at once. */
import { useEffect } from 'react';
import { Signal } from './signal';

interface Said {
  /** The same sentence said twice has another one, and is heard twice. */
  readonly turn: number;
  readonly sentence: string;
}

/** Long enough for a screen reader to notice it, short enough that nobody meets it while reading the page. */
const staysMs = 7_000;
const most = 5;

/** The last sentences: each is a paragraph of its own, so that none takes the place of another one before it was heard. */
export const spoken = new Signal<readonly Said[]>([]);
let turn = 0;

export function say(sentence: string): void {
  turn += 1;
  const said: Said = { turn, sentence };
  spoken.set([...spoken.value, said].slice(-most));
  setTimeout(() => spoken.set(spoken.value.filter((other) => other !== said)), staysMs);
}

/** Says each new sentence. A modal dialog needs a live region of its own: what is outside of it is inert. */
export function useSpoken(sentence: string | null): void {
  useEffect(() => {
    if (sentence !== null && sentence !== '') {
      say(sentence);
    }
  }, [sentence]);
}
