/** What the page says aloud. One live region speaks for all of it, wherever it is drawn: 64 tiles with one each talk at once. */
import { useEffect } from 'react';
import { Signal } from './signal';

/** The last sentence. The same one said twice has another `turn`, and is heard twice. */
export const spoken = new Signal({ turn: 0, sentence: '' });

export const say = (sentence: string): void => spoken.set({ turn: spoken.value.turn + 1, sentence });

/** Says each new sentence. A modal dialog needs a live region of its own: what is outside of it is inert. */
export function useSpoken(sentence: string | null): void {
  useEffect(() => {
    if (sentence !== null && sentence !== '') {
      say(sentence);
    }
  }, [sentence]);
}
