import { useCallback, useEffect, useState } from 'react';
import { hearBuild, isPageServed } from '@/api/build';
import type { FleetEvent } from '@/api/events';
import { usePageWatched } from '@/browser/attention';
import { fleetStore, useConnection } from '@/fleet/fleetStore';
import { FleetStream } from '@/fleet/fleetStream';
import { tellPicture } from '@/fleet/pictureNews';
import { isListOf, refreshPrinters, refreshPrintersNow } from '@/fleet/printerList';
import { onPageResume } from '@/browser/pageResume';

/** Hears the fleet while somebody looks. What it returns tries again at once. */
export function useFleetFeed(): () => void {
  const watched = usePageWatched();
  const [stream] = useState(() => {
    let streams = 0;
    const onEvent = (event: FleetEvent, isStreamed: boolean) => {
      if (event.type === 'picture') {
        tellPicture(event.id);
        return;
      }
      const begins = event.type === 'snapshot' && isStreamed;
      if (begins) {
        streams += 1;
        hearBuild(event.build);
      }
      // Between two streams printers may have been edited in ways that no snapshot tells, such as a new address.
      if ((begins && streams > 1) || event.type === 'added' || event.type === 'removed' || (event.type === 'snapshot' && !isListOf(event.printers))) {
        void refreshPrinters();
      }
    };
    return new FleetStream(fleetStore, onEvent);
  });
  useEffect(() => {
    if (!watched) {
      return undefined;
    }
    stream.start();
    const forget = onPageResume(() => {
      stream.start();
      void refreshPrintersNow();
    });
    return () => {
      forget();
      stream.stop();
    };
  }, [watched, stream]);
  const isPolling = useConnection().kind === 'polling';
  useEffect(() => {
    // Where the stream is held back, its first event does not say which build is served.
    if (isPolling) {
      void isPageServed();
    }
  }, [isPolling]);
  return useCallback(() => stream.hurry(), [stream]);
}
