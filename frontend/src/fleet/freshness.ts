/** Decides how reliable a value is after some time without reports, and has a clock that checks it each second. */
import { useSyncExternalStore } from 'react';
import type { Display, Link, Status } from '@/api/status';
import { serverClock } from '@/api/serverClock';

export type Freshness = 'fresh' | 'aging' | 'old';

export type Heard = Pick<Status, 'connected' | 'lastUpdate'>;

/** A printer reports every second or two. If only the time of its report has changed, the service says so every five seconds. */
const agingMs = 10_000;
const oldMs = 30_000;
/** The service says “no data” after 90 s. A page without a connection to the service decides this itself. */
export const unbelievableMs = 95_000;

/** Any report counts, because most contain only changes. Without a connection nothing is fresh. */
export function freshnessOf({ connected, lastUpdate }: Heard, nowMs: number): Freshness {
  const ageMs = !connected || lastUpdate === null ? Infinity : nowMs - lastUpdate;
  return ageMs < agingMs ? 'fresh' : ageMs < oldMs ? 'aging' : 'old';
}

export type Believed = Pick<Status, 'display' | 'lastUpdate'> & { readonly link: Pick<Link, 'step'> };

/**
 * Returns what can be shown as the printer's current state: an old “printing” is wrong, wherever the events got stuck. A printer
 * is quiet as long as the service says so; `fleet.ts` clears this when the service itself is silent.
 */
export function believable({ display, lastUpdate, link }: Believed, nowMs: number): Display {
  const { kind, sentence, code, params } = display;
  const isOfThePast = kind === 'needs-you' || kind === 'offline' || kind === 'no-data';
  const tooOld = lastUpdate !== null && nowMs - lastUpdate > unbelievableMs && link.step !== 'quiet';
  return tooOld && !isOfThePast ? { ...display, kind: 'no-data', note: null, before: { kind, sentence, code, params } } : display;
}

/** If the service says that the session is up, neither an old report nor the page's clock is a reason for an alarm. */
export const isVouchedFor = ({ connected, link }: Pick<Status, 'connected'> & { readonly link: Pick<Link, 'step'> }): boolean =>
  connected && (link.step === 'live' || link.step === 'quiet');

const listeners = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** Runs each second while there is a listener. */
export function onTick(listener: () => void): () => void {
  listeners.add(listener);
  ticking ??= setInterval(() => {
    for (const each of listeners) {
      each();
    }
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}

/** Returns a value that depends on the time, checked each second. `read` must return a primitive, or the same object as before. */
export const useAtTime = <T>(read: (nowMs: number) => T): T =>
  useSyncExternalStore(onTick, () => read(Math.floor(serverClock.now() / 1_000) * 1_000));
