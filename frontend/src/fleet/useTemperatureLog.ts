import { useEffect, useState } from 'react';
import { historyOf } from '@/api/history';
import { fleetStore, useConnection } from './fleetStore';
import { freshnessOf, useAtTime } from './freshness';
import { type TemperatureLog, type Readings, continued, isBehind, kept, nothingYet } from './temperatureLog';
import { serverClock } from '@/api/serverClock';

const unknown: Readings = { nozzleC: null, bedC: null, chamberC: null };

/** Returns a printer's temperatures of the last half hour: first the service's history, then each report. */
export function useTemperatureLog(id: number): TemperatureLog {
  const { kind } = useConnection();
  const isHeard = kind === 'live' || kind === 'polling';
  const [history, setHistory] = useState(() => nothingYet(serverClock.now()));
  const second = useAtTime((now) => now);
  useEffect(() => {
    // eslint-disable-next-line react/set-state-in-effect -- time passes outside React
    setHistory((before) => continued(before, second, readingsOf(id, second)));
  }, [id, second]);
  const behind = isBehind(history, second);
  const [times, setTimes] = useState(0);
  const [wasBehind, setWasBehind] = useState(behind);
  if (behind !== wasBehind) {
    setWasBehind(behind);
    setTimes(behind ? times + 1 : times);
  }
  // Requested at the first connection, after each reconnect, and if the service has better values.
  useEffect(() => {
    if (!isHeard) {
      return undefined;
    }
    const asking = new AbortController();
    historyOf(id, asking.signal).then(
      (data) => setHistory(kept(data, serverClock.now())),
      // Then the log begins with the next reports.
      () => undefined,
    );
    return () => asking.abort();
    // eslint-disable-next-line react/exhaustive-effect-dependencies -- each time is another question
  }, [id, isHeard, times]);
  return history;
}

function readingsOf(id: number, nowMs: number): Readings {
  const status = fleetStore.fleet.get(id)?.status;
  return status === undefined || status === null || freshnessOf(status, nowMs) === 'old' ? unknown : status;
}
