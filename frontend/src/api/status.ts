/**
 * What the service says a printer is doing. The contract's nine fields have to be there; each of the others is taken
 * when it makes sense and is otherwise unknown, so that a newer or older service costs a line and not the page.
 */
import * as v from 'valibot';
import { moment, orElse } from './fields';

const text = orElse(v.string(), null);
const number = orElse(v.number(), null);
const flag = orElse(v.boolean(), null);
const listOf = <S extends v.GenericSchema>(schema: S) => orElse(v.array(schema), []);

export const displayKinds = ['needsYou', 'offline', 'noData', 'paused', 'preparing', 'printing', 'finished', 'idle'] as const;
/** What to show first of a printer; the service decides. */
export type DisplayKind = (typeof displayKinds)[number];

const jobSchema = v.object({
  name: text,
  id: text,
  layer: number,
  totalLayers: number,
  startedAt: moment,
  finishAt: moment,
});
export type Job = v.InferOutput<typeof jobSchema>;

const slotSchema = v.object({
  id: v.number(),
  content: orElse(v.picklist(['empty', 'unknown', 'known']), 'unknown'),
  material: text,
  name: text,
  color: orElse(v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/iu)), null),
  remainingPercent: number,
  feeding: orElse(v.boolean(), false),
});
export type Slot = v.InferOutput<typeof slotSchema>;

const unitSchema = v.object({ id: v.number(), kind: text, humidityPercent: number, slots: listOf(slotSchema) });
export type AmsUnit = v.InferOutput<typeof unitSchema>;

const nozzleSchema = v.object({
  id: v.number(),
  place: text,
  active: orElse(v.boolean(), false),
  nowC: number,
  targetC: number,
});
export type Nozzle = v.InferOutput<typeof nozzleSchema>;

const problemSchema = v.object({
  code: v.string(),
  severity: orElse(v.picklist(['fatal', 'serious', 'common', 'info', 'unknown']), 'unknown'),
  words: text,
  // Nothing but a web page becomes a link.
  wiki: orElse(v.pipe(v.string(), v.startsWith('https://')), null),
});
export type PrinterProblem = v.InferOutput<typeof problemSchema>;

const nobody: Job = { name: null, id: null, layer: null, totalLayers: null, startedAt: null, finishAt: null };

export const statusSchema = v.object({
  connected: v.boolean(),
  jobState: v.nullable(v.string()),
  percent: v.nullable(v.number()),
  remainingMinutes: v.nullable(v.number()),
  nozzleC: v.nullable(v.number()),
  bedC: v.nullable(v.number()),
  chamberC: v.nullable(v.number()),
  light: v.nullable(v.string()),
  lastUpdate: moment,

  display: orElse(v.object({ kind: v.picklist(displayKinds), sentence: orElse(v.string(), '') }), null),
  link: orElse(v.object({ sentence: orElse(v.string(), '') }), { sentence: '' }),
  job: orElse(jobSchema, nobody),
  stage: text,
  nozzleTargetC: number,
  bedTargetC: number,
  chamberTargetC: number,
  nozzles: listOf(nozzleSchema),
  wifiDbm: number,
  doorOpen: flag,
  ams: listOf(unitSchema),
  externalSpool: listOf(slotSchema),
  problems: listOf(problemSchema),
  model: text,
  firmware: text,
  takesCommands: orElse(v.object({ state: v.picklist(['yes', 'no', 'unknown']), sentence: text }), {
    state: 'unknown',
    sentence: null,
  }),
});
export type Status = v.InferOutput<typeof statusSchema>;
