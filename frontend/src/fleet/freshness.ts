/** How much a value is worth after a while without reports, and a clock that asks anew. */
import { useSyncExternalStore } from 'react';
import type { Display, Link, Status } from '@/api/status';
import { serverClock } from '@/api/serverClock';

export type Freshness = 'fresh' | 'aging' | 'old';

export type Heard = Pick<Status, 'connected' | 'lastUpdate'>;

/** A printer reports every second or two, and news of nothing but a report's coming are told every five. */
const agingMs = 10_000;
const oldMs = 30_000;
/** The service says “no data” after 90 s. A page that no longer hears the service says it for itself. */
export const unbelievableMs = 95_000;

/** Any report counts: most bring only what has changed. Without a link nothing is fresh. */
export function freshnessOf({ connected, lastUpdate }: Heard, nowMs: number): Freshness {
  const ageMs = !connected || lastUpdate === null ? Infinity : nowMs - lastUpdate;
  return ageMs < agingMs ? 'fresh' : ageMs < oldMs ? 'aging' : 'old';
}

export type Believed = Pick<Status, 'display' | 'lastUpdate'> & { readonly link: Pick<Link, 'step'> };

/**
 * What may be shown as the printer's state now: an old “printing” is a lie, wherever the news got stuck. That a printer
 * is quiet holds for as long as the service says so; `fleet.ts` takes it back when the service itself is not heard.
 */
export function believable({ display, lastUpdate, link }: Believed, nowMs: number): Display {
  const { kind, sentence } = display;
  const isOfThePast = kind === 'needs-you' || kind === 'offline' || kind === 'no-data';
  const tooOld = lastUpdate !== null && nowMs - lastUpdate > unbelievableMs && link.step !== 'quiet';
  return tooOld && !isOfThePast ? { ...display, kind: 'no-data', note: null, before: { kind, sentence } } : display;
}

/** The service says that the session stands: then an old report is no alarm, and the page's clock alone is none either. */
export const isVouchedFor = ({ connected, link }: Pick<Status, 'connected'> & { readonly link: Pick<Link, 'step'> }): boolean =>
  connected && (link.step === 'live' || link.step === 'quiet');

const listeners = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** Each second, while somebody listens. */
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

/** A value that depends on the time, looked at each second. `read` must return a plain value, or what it returned before. */
export const useAtTime = <T>(read: (nowMs: number) => T): T =>
  useSyncExternalStore(onTick, () => read(Math.floor(serverClock.now() / 1_000) * 1_000));
