/** What screen readers announce. The whole page has one live region, because 64 tiles with one each would all talk at once. */
import { useEffect } from 'react';
import { Signal } from './signal';

interface Said {
  /** A sentence that is said twice has another turn, so that it is heard twice. */
  readonly turn: number;
  readonly sentence: string;
}

/** Long enough for a screen reader to notice the sentence, and too short to come across it while reading the page. */
const staysMs = 7_000;
const most = 5;

/** The last sentences. Each is a paragraph of its own, so that none replaces another before it was heard. */
export const spoken = new Signal<readonly Said[]>([]);
let turn = 0;

export function say(sentence: string): void {
  turn += 1;
  const said: Said = { turn, sentence };
  spoken.set([...spoken.value, said].slice(-most));
  setTimeout(() => spoken.set(spoken.value.filter((other) => other !== said)), staysMs);
}

/** Announces each new sentence. A modal dialog needs a live region of its own, because everything outside it is inert. */
export function useSpoken(sentence: string | null): void {
  useEffect(() => {
    if (sentence !== null && sentence !== '') {
      say(sentence);
    }
  }, [sentence]);
}
