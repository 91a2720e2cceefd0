import { useCallback, useEffect, useRef, useState } from 'react';
import { greet } from '@/api/found';
import { Problem } from '@/api/problem';
import { useSpoken } from '@/base/speech';
import { texts } from '@/texts';
import { modelOf } from '@/fleet/models';

const words = texts.form;

/** What became of asking an address which printer it is, and the asking: the serial number, or `null` where nobody says. */
export function useGreeting(): readonly [string | null, (host: string) => Promise<string | null>] {
  const [sentence, setSentence] = useState<string | null>(null);
  const asking = useRef<AbortController | null>(null);
  useSpoken(sentence);
  useEffect(() => () => asking.current?.abort(), []);
  const ask = useCallback(async (host: string) => {
    asking.current?.abort();
    const mine = new AbortController();
    asking.current = mine;
    setSentence(words.serialIsRead);
    try {
      const { serial, model } = await greet(host, mine.signal);
      setSentence(words.serialWasRead(model ?? modelOf(serial)));
      return mine.signal.aborted ? null : serial;
    } catch (thrown) {
      if (!mine.signal.aborted) {
        // It can still be typed, and the test says more.
        setSentence(thrown instanceof Problem && thrown.kind === 'refused' ? thrown.message : null);
      }
      return null;
    }
  }, []);
  return [sentence, ask];
}
