/** Whether somebody looks: at the page, and at one element of it. */
import { type RefObject, useEffect, useState, useSyncExternalStore } from 'react';

/** A page hidden for so long gives its streams back. */
const hiddenGraceMs = 60_000;
/** A tile scrolled away for so long gives its stream back; scrolling past must not restart a player. */
const awayGraceMs = 5_000;

/** `false` once the page has been hidden for a minute. */
export function usePageWatched(): boolean {
  const visible = useSyncExternalStore(onVisibility, () => document.visibilityState === 'visible');
  return useLagging(visible, hiddenGraceMs);
}

/** `false` once the element has been out of view for a few seconds. */
export function useInView(ref: RefObject<Element | null>): boolean {
  const [inView, setInView] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (element === null) {
      return undefined;
    }
    const observer = new IntersectionObserver(
      (entries) => setInView(entries.at(-1)?.isIntersecting === true),
      { rootMargin: '80px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return useLagging(inView, awayGraceMs);
}

/** Follows `value` up at once and down after a grace. */
function useLagging(value: boolean, graceMs: number): boolean {
  const [lagging, setLagging] = useState(value);
  if (value && !lagging) {
    setLagging(true);
  }
  useEffect(() => {
    if (value) {
      return undefined;
    }
    const timer = setTimeout(() => setLagging(false), graceMs);
    return () => clearTimeout(timer);
  }, [value, graceMs]);
  return value || lagging;
}

function onVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
}
