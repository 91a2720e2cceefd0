import { type RefObject, useEffect, useState } from 'react';

const idleAfterMs = 3_000;
const signs = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;

/** `true` once nobody has touched the element for a while; only where `enabled`. */
export function useIdle(ref: RefObject<HTMLElement | null>, enabled: boolean): boolean {
  const [idle, setIdle] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!enabled || element === null) {
      return undefined;
    }
    const listening = new AbortController();
    const sleep = () => setIdle(true);
    let timer = setTimeout(sleep, idleAfterMs);
    const wake = () => {
      clearTimeout(timer);
      timer = setTimeout(sleep, idleAfterMs);
      setIdle(false);
    };
    for (const sign of signs) {
      element.addEventListener(sign, wake, { signal: listening.signal });
    }
    return () => {
      clearTimeout(timer);
      listening.abort();
      setIdle(false);
    };
  }, [ref, enabled]);
  return enabled && idle;
}
