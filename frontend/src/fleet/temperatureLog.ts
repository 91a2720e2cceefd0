/** A half hour of temperatures, gone on with by what is heard now. Pure. */
import type { KeptHistory } from '@/api/history';

export const sensors = ['nozzleC', 'bedC', 'chamberC'] as const;
export type Sensor = (typeof sensors)[number];
export type Readings = Readonly<Record<Sensor, number | null>>;

/** Equally many values of each, oldest first; `null` where nobody knows. */
export interface TemperatureLog extends Readonly<Record<Sensor, readonly (number | null)[]>> {
  readonly everyMs: number;
  readonly untilMs: number;
}

/** A half hour of 10 s each. */
export const mostValues = 180;
const usualMs = 10_000;
/** With more missing than this the service knows better. */
const mostMissing = 3;

export const nothingYet = (nowMs: number): TemperatureLog => ({ everyMs: usualMs, untilMs: nowMs, nozzleC: [], bedC: [], chamberC: [] });

const last = (values: readonly (number | null)[]) => values.slice(-mostValues);

export function kept({ everySeconds, until, nozzleC, bedC, chamberC }: KeptHistory, nowMs: number): TemperatureLog {
  return { everyMs: everySeconds * 1_000, untilMs: until ?? nowMs, nozzleC: last(nozzleC), bedC: last(bedC), chamberC: last(chamberC) };
}

/** How many values are due. */
const due = ({ everyMs, untilMs }: TemperatureLog, nowMs: number): number => Math.max(0, Math.floor((nowMs - untilMs) / everyMs));

export const isBehind = (history: TemperatureLog, nowMs: number): boolean => due(history, nowMs) > mostMissing;

/** The same with what is read now at its end, when it is time; what was missed in between stays unknown. */
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
