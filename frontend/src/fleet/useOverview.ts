import { useEffect, useState, useSyncExternalStore } from 'react';
import { say } from '@/base/speech';
import { Announcements } from './announcements';
import type { Headline } from './headline';
import { fleetStore } from './fleetStore';
import { onTick } from './freshness';
import type { Seen } from './overview';
import { serverClock } from '@/api/serverClock';

type Listed = readonly { readonly id: number; readonly name: string }[];

function onChange(listener: () => void): () => void {
  const unsubscribe = fleetStore.subscribe(listener);
  const stop = onTick(listener);
  return () => {
    unsubscribe();
    stop();
  };
}

const seenOf = (printers: Listed): readonly Seen[] =>
  printers.map(({ id, name }) => ({ id, name, status: fleetStore.fleet.get(id)?.status ?? null }));

/** Reads a value from all of these printers at each event and each second. `read` must return a primitive: a render follows only if it differs. */
export const useOverview = <T extends string | number | null>(printers: Listed, read: (seen: readonly Seen[], nowMs: number) => T): T =>
  useSyncExternalStore(onChange, () => read(seenOf(printers), Math.floor(serverClock.now() / 1_000) * 1_000));

/** Returns the tab's title for these printers; the same object as long as the title is the same. */
export function useHeadline(printers: Listed, read: (seen: readonly Seen[], nowMs: number) => Headline): Headline {
  const [steady] = useState(keeping);
  return useSyncExternalStore(onChange, () => steady(read(seenOf(printers), serverClock.now())));
}

function keeping(): (next: Headline) => Headline {
  let last: Headline | null = null;
  return (next) => {
    last = last?.words === next.words && last.isAlarm === next.isAlarm ? last : next;
    return last;
  };
}

/** Announces the printers' changes to screen readers. */
export function useAnnouncements(printers: Listed): void {
  const [announcements] = useState(() => new Announcements());
  useEffect(
    () =>
      onTick(() => {
        const news = announcements.hear(seenOf(printers), serverClock.now());
        if (news !== null) {
          say(news);
        }
      }),
    [announcements, printers],
  );
}
