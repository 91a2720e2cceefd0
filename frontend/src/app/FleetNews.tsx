import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { buildIs } from '@/api/build';
import type { FleetEntry, FleetEvent } from '@/api/events';
import { cameraQuery, printersQuery } from '@/api/printers';
import { ConnectionBanner } from '@/features/connection/ConnectionBanner';
import { usePageWatched } from '@/state/attention';
import { fleetStore } from '@/state/fleetStore';
import { FleetStream } from '@/state/fleetStream';
import { onWake } from '@/state/wake';

const brief = (list: readonly Pick<FleetEntry, 'id' | 'name'>[]): string => JSON.stringify(list.map(({ id, name }) => [id, name]).toSorted());

/** Whether printers came, went or were renamed while the page heard nothing. */
function missed(cache: QueryClient, fleet: readonly FleetEntry[]): boolean {
  const known = cache.getQueryData(printersQuery.queryKey);
  return known !== undefined && brief(known) !== brief(fleet);
}

/** Hears the fleet while somebody looks, and says so when it does not. */
export function FleetNews() {
  const cache = useQueryClient();
  const watched = usePageWatched();
  const [stream] = useState(() => {
    const onEvent = (event: FleetEvent) => {
      if (event.type === 'snapshot') {
        buildIs(event.build);
      }
      if (event.type === 'camera') {
        cache.setQueryData(cameraQuery(event.id, false).queryKey, event.camera);
      } else if (event.type === 'added' || event.type === 'removed' || (event.type === 'snapshot' && missed(cache, event.printers))) {
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
    const forget = onWake(() => stream.start());
    return () => {
      forget();
      stream.stop();
    };
  }, [watched, stream]);
  return <ConnectionBanner onTryNow={() => stream.hurry()} />;
}
