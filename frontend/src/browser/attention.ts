/** Whether somebody looks: at the page, and at one element of it. */
import { useEffect, useState, useSyncExternalStore } from 'react';

/** A page hidden for so long gives its streams back. */
const hiddenGraceMs = 60_000;
/** A tile scrolled away for so long gives its stream back; scrolling past must not restart a player. */
const awayGraceMs = 5_000;
/** A pointer on its way across the wall attends to nothing. */
const settleMs = 400;

export const usePageVisible = (): boolean => useSyncExternalStore(onVisibility, () => document.visibilityState === 'visible');

/** `false` once the page has been hidden for a minute. */
export function usePageWatched(): boolean {
  return useLagging(usePageVisible(), hiddenGraceMs);
}

export interface View {
  readonly inView: boolean;
  /** In view, or was a few seconds ago. */
  readonly lately: boolean;
  /** How much of it, in quarters. */
  readonly share: number;
}

/** How much of the element is in view. */
export function useView(element: Element | null): View {
  const [share, setShare] = useState<number | null>(null);
  useEffect(() => {
    if (element === null) {
      return undefined;
    }
    const observer = new IntersectionObserver(
      (entries) => {
        const last = entries.at(-1);
        setShare(last?.isIntersecting === true ? Math.round(last.intersectionRatio * 4) / 4 : null);
      },
      { rootMargin: '80px', threshold: [0, 0.125, 0.375, 0.625, 0.875] },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  const inView = share !== null;
  return { inView, lately: useLagging(inView, awayGraceMs), share: share ?? 0 };
}

/** Whether a pointer or the focus rests on the tile that the element belongs to. */
export function useAttended(element: Element | null): boolean {
  const [attended, setAttended] = useState(false);
  useEffect(() => {
    if (element === null) {
      return undefined;
    }
    const tile = element.closest('li') ?? element;
    let settling: ReturnType<typeof setTimeout> | undefined;
    const listening = new AbortController();
    const become = (now: boolean) => () => {
      clearTimeout(settling);
      settling = setTimeout(() => setAttended(now), settleMs);
    };
    for (const [event, now] of [['pointerenter', true], ['focusin', true], ['pointerleave', false], ['focusout', false]] as const) {
      tile.addEventListener(event, become(now), { signal: listening.signal });
    }
    return () => {
      clearTimeout(settling);
      listening.abort();
    };
  }, [element]);
  return attended;
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
