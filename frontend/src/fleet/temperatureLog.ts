/** Half an hour of temperatures, continued with each new report. Pure. */
import type { KeptHistory } from '@/api/history';

export const sensors = ['nozzleC', 'bedC', 'chamberC'] as const;
export type Sensor = (typeof sensors)[number];
export type Readings = Readonly<Record<Sensor, number | null>>;

/** The lists have the same length, oldest first; `null` means unknown. */
export interface TemperatureLog extends Readonly<Record<Sensor, readonly (number | null)[]>> {
  readonly everyMs: number;
  readonly untilMs: number;
}

/** Half an hour, with a value every 10 s. */
export const mostValues = 180;
const usualMs = 10_000;
/** If more values than this are missing, the service has better ones. */
const mostMissing = 3;

export const nothingYet = (nowMs: number): TemperatureLog => ({ everyMs: usualMs, untilMs: nowMs, nozzleC: [], bedC: [], chamberC: [] });

const last = (values: readonly (number | null)[]) => values.slice(-mostValues);

export function kept({ everySeconds, until, nozzleC, bedC, chamberC }: KeptHistory, nowMs: number): TemperatureLog {
  return { everyMs: everySeconds * 1_000, untilMs: until ?? nowMs, nozzleC: last(nozzleC), bedC: last(bedC), chamberC: last(chamberC) };
}

/** How many values are due. */
const due = ({ everyMs, untilMs }: TemperatureLog, nowMs: number): number => Math.max(0, Math.floor((nowMs - untilMs) / everyMs));

export const isBehind = (history: TemperatureLog, nowMs: number): boolean => due(history, nowMs) > mostMissing;

/** Returns the log with the current values added, if they are due. Values that were missed in between stay unknown. */
export function continued(history: TemperatureLog, nowMs: number, now: Readings): TemperatureLog {
  const count = Math.min(due(history, nowMs), mostValues);
  if (count === 0) {
    return history;
  }
  const missed = Array.from<null>({ length: count - 1 }).fill(null);
  const longer = (sensor: Sensor) => last([...history[sensor], ...missed, now[sensor]]);
  return {
    everyMs: history.everyMs,
    untilMs: history.untilMs + due(history, nowMs) * history.everyMs,
    nozzleC: longer('nozzleC'),
    bedC: longer('bedC'),
    chamberC: longer('chamberC'),
  };
}
