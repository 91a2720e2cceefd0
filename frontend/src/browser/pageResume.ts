/** When a page comes back from where time stood still for it: a phone's pocket, a closed lid, the browser's cache. */

/** Away for longer than this, a page was perhaps asleep: then its stream may be dead without knowing. */
const nappedMs = 5_000;
const beatMs = 2_000;

/** Calls `listener` once for each awakening, however many signs of it there are. */
export function onPageResume(listener: () => void): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  let leftMs = Infinity;
  let beatAtMs = Date.now();
  let soon: ReturnType<typeof setTimeout> | undefined;
  const wake = () => {
    clearTimeout(soon);
    soon = setTimeout(listener, 0);
  };
  const looked = () => {
    const nowMs = Date.now();
    if (document.visibilityState === 'hidden') {
      leftMs = nowMs;
    } else if (nowMs - leftMs > nappedMs) {
      wake();
    }
    beatAtMs = nowMs;
  };
  // A laptop that sleeps hides no page; its timers stand still.
  const beat = setInterval(() => {
    const sleptMs = Date.now() - beatAtMs - beatMs;
    beatAtMs = Date.now();
    if (sleptMs > nappedMs && document.visibilityState === 'visible') {
      wake();
    }
  }, beatMs);
  document.addEventListener('visibilitychange', looked, { signal });
  // Frozen by the browser, and thawed.
  document.addEventListener('resume', wake, { signal });
  addEventListener('online', wake, { signal });
  addEventListener('pageshow', ({ persisted }) => persisted && wake(), { signal });
  return () => {
    clearTimeout(soon);
    clearInterval(beat);
    listening.abort();
  };
}
