import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { historyQuery } from '@/api/history';
import { fleetStore, useConnection } from './fleetStore';
import { freshnessOf, useAtTime } from './freshness';
import { type History, type Readings, continued, isBehind, kept, nothingYet } from './history';
import { serverClock } from './serverClock';

const unknown: Readings = { nozzleC: null, bedC: null, chamberC: null };

/** A printer's temperatures of the last half hour: as the service kept them, then as they are heard. */
export function useHistory(id: number): History {
  const { kind } = useConnection();
  const isHeard = kind === 'live' || kind === 'polling';
  // Asked for when the service is first heard, and again each time that it comes back.
  const { data, refetch } = useQuery({ ...historyQuery(id), enabled: isHeard });
  const [history, setHistory] = useState(() => nothingYet(serverClock.now()));
  const [taken, setTaken] = useState(data);
  if (data !== undefined && data !== taken) {
    setTaken(data);
    setHistory(kept(data, serverClock.now()));
  }
  const second = useAtTime((now) => now);
  useEffect(() => {
    // eslint-disable-next-line react/set-state-in-effect -- time passes outside React
    setHistory((before) => continued(before, second, readingsOf(id, second)));
  }, [id, second]);
  const behind = isBehind(history, second);
  useEffect(() => {
    if (behind && isHeard) {
      void refetch();
    }
  }, [behind, isHeard, refetch]);
  return history;
}

function readingsOf(id: number, nowMs: number): Readings {
  const status = fleetStore.fleet.get(id)?.status;
  return status === undefined || status === null || freshnessOf(status, nowMs) === 'old' ? unknown : status;
}
