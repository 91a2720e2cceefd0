/** Detects that a page resumes after it was suspended: in a phone's pocket, behind a closed lid, in the browser's cache. */

/** After a longer absence the page was perhaps suspended, and its stream may be dead without an error. */
const nappedMs = 5_000;
const beatMs = 2_000;

/** Calls `listener` once for each resume, however many signs of it there are. */
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
  // A sleeping laptop does not hide the page, but its timers stop.
  const beat = setInterval(() => {
    const sleptMs = Date.now() - beatAtMs - beatMs;
    beatAtMs = Date.now();
    if (sleptMs > nappedMs && document.visibilityState === 'visible') {
      wake();
    }
  }, beatMs);
  document.addEventListener('visibilitychange', looked, { signal });
  // The browser had frozen the page and resumed it.
  document.addEventListener('resume', wake, { signal });
  addEventListener('online', wake, { signal });
  addEventListener('pageshow', ({ persisted }) => persisted && wake(), { signal });
  return () => {
    clearTimeout(soon);
    clearInterval(beat);
    listening.abort();
  };
}
