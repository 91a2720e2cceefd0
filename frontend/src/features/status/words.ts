/** A status in words. Pure. */
import type { Ams, Nozzle, Slot, Status } from '@/api/status';
import { awaySentence, sinceOf } from '@/fleet/away';
import { type Believed, type Heard, believable, freshnessOf } from '@/fleet/freshness';
import { finishMs, hasJob } from '@/fleet/job';
import { texts } from '@/texts';
import { age, coming, count, duration, past } from '@/texts/format';

const words = texts.status;

/**
 * `Printing 47 %`, `No data 2 min`; `Offline since 09:12` where there is room and no sentence says it, and there the per
 * cent stand by themselves.
 */
export function headline(shown: Believed & Pick<Status, 'percent'>, nowMs: number, hasRoom: boolean): string {
  const { percent, lastUpdate } = shown;
  const display = believable(shown, nowMs);
  const word = words.kinds[display.kind];
  switch (display.kind) {
    case 'printing':
      return percent === null || hasRoom ? word : `${word} ${words.percent(percent)}`;
    case 'no-data':
      return lastUpdate === null ? word : words.noDataFor(age(nowMs - lastUpdate));
    case 'offline': {
      const sinceMs = sinceOf(display, lastUpdate);
      return sinceMs === null || !hasRoom || awaySentence(display, lastUpdate, nowMs) !== null ? word : words.offlineSince(past(sinceMs, nowMs));
    }
    default:
      return word;
  }
}

/** `38 min left`, `14:26`, as far as it is known. A printer that has fallen silent has no estimate. */
export function timeLeft(status: Heard & Pick<Status, 'job' | 'remainingMinutes'>, nowMs: number): readonly string[] {
  const { remainingMinutes } = status;
  const silent = freshnessOf(status, nowMs) === 'old';
  if (silent || !hasJob(status) || remainingMinutes === null || remainingMinutes === 0) {
    return [];
  }
  const finish = finishMs(status);
  const left = words.left(duration(remainingMinutes));
  return finish === null ? [left] : [left, coming(finish, nowMs)];
}

const letter = (n: number): string => String.fromCodePoint(65 + n);

/** `A1` for the first slot of the first unit, as the printer's screen has it; `HT-A` for a unit of one. */
export function slotName({ id, kind }: Pick<Ams, 'id' | 'kind'>, slot: Pick<Slot, 'id'>): string {
  if (kind === 'ht' || (id >= 128 && id < 154)) {
    return `HT-${letter(id % 128)}`;
  }
  return `${letter(id < 26 && id !== 16 ? id : 0)}${slot.id + 1}`;
}

/** `AMS A`, as its slots are called. */
export function unitName(unit: Pick<Ams, 'id' | 'kind'>): string {
  const kind = (words.units as Readonly<Record<string, string>>)[unit.kind ?? ''] ?? words.units.ams;
  const [first = ''] = slotName(unit, { id: 0 }).replace('HT-', '');
  return words.unit(kind, first);
}

/** What is measured in a unit, and which nozzle it feeds where there are two. */
export function unitFacts({ extruder, humidityPercent, dryness, temperatureC, dryingMinutes }: Ams, nozzles: readonly Nozzle[]): readonly string[] {
  const place = nozzles.length > 1 ? nozzles.find(({ id }) => id === extruder)?.place : null;
  const dry = dryness === null ? null : words.dryness(dryness);
  const facts = [
    words.feeds[place ?? ''] ?? null,
    dryingMinutes === null || dryingMinutes === 0 ? null : words.drying(duration(dryingMinutes)),
    temperatureC === null ? null : words.degrees(count(temperatureC)),
    humidityPercent === null ? dry : words.humidity(humidityPercent),
  ];
  return facts.filter((fact) => fact !== null);
}

/** What is in a slot: never a guess. */
export function slotContent({ content, material }: Pick<Slot, 'content' | 'material'>): string {
  if (content === 'empty') {
    return words.empty;
  }
  return content === 'unknown' || material === null ? words.unknownSpool : material;
}
