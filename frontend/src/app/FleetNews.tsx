import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { FleetEvent } from '@/api/events';
import { cameraQuery, printersQuery } from '@/api/printers';
import { ConnectionBanner } from '@/features/connection/ConnectionBanner';
import { usePageWatched } from '@/state/attention';
import { fleetStore } from '@/state/fleetStore';
import { FleetStream } from '@/state/fleetStream';

/** Away for longer than this, a page was perhaps asleep: then its stream may be dead without knowing. */
const nappedMs = 5_000;

/** Hears the fleet while somebody looks, and says so when it does not. */
export function FleetNews() {
  const cache = useQueryClient();
  const watched = usePageWatched();
  const [stream] = useState(() => {
    const onEvent = (event: FleetEvent) => {
      if (event.type === 'camera') {
        cache.setQueryData(cameraQuery(event.id, false).queryKey, event.camera);
      } else if (event.type === 'added' || event.type === 'removed') {
        void cache.invalidateQueries({ ...printersQuery, exact: true });
      }
    };
    return new FleetStream(fleetStore, onEvent);
  });
  useEffect(() => {
    if (!watched) {
      return undefined;
    }
    stream.start();
    let leftMs = Infinity;
    const looked = () => {
      if (document.visibilityState === 'hidden') {
        leftMs = Date.now();
      } else if (Date.now() - leftMs > nappedMs) {
        stream.start();
      }
    };
    const shown = ({ persisted }: PageTransitionEvent) => persisted && stream.start();
    document.addEventListener('visibilitychange', looked);
    addEventListener('pageshow', shown);
    return () => {
      document.removeEventListener('visibilitychange', looked);
      removeEventListener('pageshow', shown);
      stream.stop();
    };
  }, [watched, stream]);
  return <ConnectionBanner onTryNow={() => stream.hurry()} />;
}
