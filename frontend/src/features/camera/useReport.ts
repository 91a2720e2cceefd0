import { useEffect, useState } from 'react';
import { cameraOf } from '@/api/printers';
import { sentenceOf } from '@/api/problem';
import { type Camera, isLive } from '@/api/schemas';
import { within } from '@/api/watchdog';
import { fleetStore, useCameraReport, useConnection } from '@/fleet/fleetStore';
import { texts } from '@/texts';

/** How often the camera is asked about while it shows no picture. */
const waitingMs = 2_000;
const answerMs = 10_000;

/** What the service says about the camera: it is told with the fleet, and asked where that does not come or does not say enough. */
export function useReport(id: number, watched: boolean, playing: boolean, everyMs: number | false) {
  const known = useCameraReport(id);
  /** An answer about a printer that the fleet does not know yet, as one that was added a moment ago. */
  const [early, setEarly] = useState<Camera | null>(null);
  const connection = useConnection().kind;
  const asks = everyMs !== false || connection === 'polling';
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (!watched || !asks) {
      return undefined;
    }
    const asking = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      let nextMs: number | false = waitingMs;
      try {
        const camera = await within(answerMs, asking.signal, (signal) => cameraOf(id, signal));
        fleetStore.dispatch({ type: 'camera', id, camera });
        setEarly(fleetStore.fleet.has(id) ? null : camera);
        setError(null);
        // While it is live the picture itself tells most.
        nextMs = isLive(camera) ? everyMs : waitingMs;
      } catch (thrown) {
        if (!asking.signal.aborted) {
          setError(thrown);
        }
      }
      if (nextMs !== false && !asking.signal.aborted) {
        timer = setTimeout(() => void ask(), nextMs);
      }
    };
    void ask();
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
    // eslint-disable-next-line react/exhaustive-effect-dependencies -- a picture that stops is asked about at once, not at the next turn
  }, [id, watched, asks, playing, everyMs]);
  const lost = connection === 'lost' || connection === 'signedOut' ? texts.camera.noConnection : null;
  return { report: known ?? early, unreachable: asks && error !== null ? sentenceOf(error) : lost };
}
