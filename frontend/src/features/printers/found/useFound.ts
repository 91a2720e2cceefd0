import { useEffect, useState } from 'react';
import { type Found, foundNow, listenForFound } from '@/api/found';
import { usePageVisible } from '@/browser/attention';

/** After a stream that ended. Where none comes through, this is how often the page asks. */
const againMs = 3_000;

/** What has been found, renewed as long as somebody looks; `null` before the first answer. Meanwhile the service asks printers to announce themselves. */
export function useFound(): Found | null {
  const visible = usePageVisible();
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    if (!visible) {
      return undefined;
    }
    const listening = new AbortController();
    const { signal } = listening;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listen = async () => {
      let heard = false;
      const hear = (news: Found) => {
        heard = true;
        if (!signal.aborted) {
          setFound(news);
        }
      };
      await listenForFound(hear, signal).catch(() => undefined);
      if (!heard && !signal.aborted) {
        await foundNow(signal).then(hear, () => undefined);
      }
      if (!signal.aborted) {
        timer = setTimeout(() => void listen(), againMs);
      }
    };
    void listen();
    return () => {
      clearTimeout(timer);
      listening.abort();
    };
  }, [visible]);
  return found;
}
