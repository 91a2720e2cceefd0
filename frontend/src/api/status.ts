/**
 * The status of a printer as the service reports it. The contract's nine fields are required. Each of the others is unknown
 * if it is not valid, so that a newer or older service costs a line and not the page.
 */
import * as v from 'valibot';
import { adviceFields, adviceSchema, inWords, said, wordsOf } from './advice';
import { moment, orElse } from './fields';

const text = orElse(v.string(), null);
const number = orElse(v.number(), null);
const flag = orElse(v.boolean(), null);
const listOf = <S extends v.GenericSchema>(schema: S) => orElse(v.array(schema), []);

export const displayKinds = ['needs-you', 'offline', 'no-data', 'paused', 'preparing', 'printing', 'finished', 'stopped', 'failed', 'idle'] as const;
/** What to show first of a printer, as the service decided. */
export type DisplayKind = (typeof displayKinds)[number];

export const phases = ['unknown', 'idle', 'preparing', 'running', 'paused', 'finished', 'failed'] as const;
/** The phase of a job. */
export type Phase = (typeof phases)[number];

const beforeSchema = v.pipe(v.object({ kind: v.picklist(displayKinds), sentence: orElse(v.string(), ''), ...adviceFields }), v.transform(said));

const shownSchema = v.object({
  kind: orElse(v.picklist(displayKinds), 'no-data'),
  sentence: orElse(v.string(), ''),
  ...adviceFields,
  /** Whether a print was going on when the printer last reported. */
  wasPrinting: orElse(v.boolean(), false),
  /** A warning that applies while the printer goes on. */
  note: text,
  noteAdvice: adviceSchema,
  /** When the printer was lost. */
  since: moment,
  /** What was shown when the printer last reported. */
  before: orElse<typeof beforeSchema, null>(beforeSchema, null),
});
const displaySchema = v.pipe(
  shownSchema,
  v.transform(({ noteAdvice, ...shown }) => said({ ...shown, note: wordsOf(shown.note, noteAdvice) })),
);
export type Display = v.InferOutput<typeof displaySchema>;

const jobSchema = v.object({
  id: text,
  name: text,
  phase: orElse(v.picklist(phases), 'unknown'),
  layer: number,
  totalLayers: number,
  stage: text,
  startTime: moment,
  finishTime: moment,
});
export type Job = v.InferOutput<typeof jobSchema>;

const slotSchema = v.object({
  id: v.number(),
  content: orElse(v.picklist(['empty', 'unknown', 'known']), 'unknown'),
  feeding: orElse(v.boolean(), false),
  material: text,
  name: text,
  color: orElse(v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/iu)), null),
  remainingPercent: number,
});
export type Slot = v.InferOutput<typeof slotSchema>;

const amsSchema = v.object({
  id: v.number(),
  kind: text,
  /** The extruder that it feeds, on printers with two. */
  extruder: number,
  humidityPercent: number,
  /** A level from 1 (wet) to 5 (dry), for units that measure nothing better. */
  dryness: number,
  temperatureC: number,
  dryingMinutes: number,
  slots: listOf(slotSchema),
});
export type Ams = v.InferOutput<typeof amsSchema>;

const nozzleSchema = v.object({
  id: v.number(),
  place: text,
  active: orElse(v.boolean(), false),
  nowC: number,
  targetC: number,
  diameterMm: number,
  kind: text,
});
export type Nozzle = v.InferOutput<typeof nozzleSchema>;

const problemSchema = v.pipe(
  v.object({
    code: v.string(),
    severity: orElse(v.picklist(['fatal', 'serious', 'common', 'info', 'unknown']), 'unknown'),
    sentence: orElse(v.string(), ''),
    /** What a person can do about it. */
    whatToDo: text,
    // Only a web address becomes a link.
    wiki: orElse(v.pipe(v.string(), v.startsWith('https://')), null),
    needsYou: orElse(v.boolean(), false),
    /** `detail`: a code that no table explains. An older service says only whether somebody is needed. */
    role: orElse(v.picklist(['needs-you', 'note', 'detail']), null),
  }),
  v.transform(({ needsYou, role, ...rest }) => ({ ...rest, role: role ?? (needsYou ? 'needs-you' : 'note') })),
);
export type PrinterProblem = v.InferOutput<typeof problemSchema>;

/** `quiet`: the session is up and the printer answers pings, but reports nothing. That is no fault. */
const linkSteps = ['starting', 'connecting', 'signing-in', 'waiting-for-report', 'live', 'quiet', 'silent', 'retrying', 'refused'] as const;
const wayToPrinterSchema = v.object({
  step: orElse(v.picklist(linkSteps), null),
  sentence: orElse(v.string(), ''),
  ...adviceFields,
  since: moment,
  /** The number of connections that were lost after they had delivered a report. */
  reconnects: number,
  lastError: text,
  lastErrorAdvice: adviceSchema,
  /** Whether the printer shows another certificate than at first. It is sent nothing until a person accepts the new one. */
  certificateChanged: orElse(v.boolean(), false),
});
const linkSchema = v.pipe(
  wayToPrinterSchema,
  v.transform((link) => said({ ...link, lastError: wordsOf(link.lastError, link.lastErrorAdvice) })),
);
/** The connection from the service to the printer. */
export type Link = v.InferOutput<typeof linkSchema>;

const fansSchema = v.object({ part: number, auxiliary: number, secondAuxiliary: number, chamber: number, innerLoop: number, heatbreak: number });
/** The speeds in percent. */
export type Fans = v.InferOutput<typeof fansSchema>;

const lightSchema = v.object({ node: v.string(), mode: orElse(v.picklist(['on', 'off', 'flashing', 'unknown']), 'unknown') });
export type Light = v.InferOutput<typeof lightSchema>;

const networkSchema = v.object({ wired: orElse(v.boolean(), false), wifiDbm: number });

/** Whether the printer accepts pause, resume and stop from here; the light always works. */
const commandsSchema = v.pipe(
  v.object({ taken: orElse(v.picklist(['yes', 'no', 'unknown']), 'unknown'), sentence: text, ...adviceFields }),
  v.transform(({ taken, ...advice }) => ({ taken, sentence: inWords(advice) })),
);

const noWords = { code: null, params: {}, sentence: '' } as const;
const noLink: Link = { ...noWords, step: null, since: null, reconnects: null, lastError: null, lastErrorAdvice: null, certificateChanged: false };
const noDisplay: Display = { ...noWords, kind: 'no-data', wasPrinting: false, note: null, since: null, before: null };
const noFans: Fans = { part: null, auxiliary: null, secondAuxiliary: null, chamber: null, innerLoop: null, heatbreak: null };
const noJob: Job = { id: null, name: null, phase: 'unknown', layer: null, totalLayers: null, stage: null, startTime: null, finishTime: null };

/** It was found at another address by its serial number, and followed there. */
const movedSchema = v.object({ from: v.string(), to: v.string(), time: moment });

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

  /** Data may be missing that the printer has. */
  incomplete: orElse(v.boolean(), false),
  display: orElse<typeof displaySchema, Display>(displaySchema, noDisplay),
  link: orElse<typeof linkSchema, Link>(linkSchema, noLink),
  job: orElse<typeof jobSchema, Job>(jobSchema, noJob),
  nozzleTargetC: number,
  bedTargetC: number,
  chamberTargetC: number,
  nozzles: listOf(nozzleSchema),
  fans: orElse<typeof fansSchema, Fans>(fansSchema, noFans),
  speed: orElse(v.picklist(['silent', 'standard', 'sport', 'ludicrous']), null),
  lights: listOf(lightSchema),
  network: orElse(networkSchema, null),
  doorOpen: flag,
  storage: orElse(v.picklist(['missing', 'good', 'faulty', 'read-only']), null),
  ams: listOf(amsSchema),
  externalSpools: listOf(slotSchema),
  problems: listOf(problemSchema),
  moved: orElse<typeof movedSchema, null>(movedSchema, null),
  model: text,
  firmware: text,
  /** Fields of the printer's report that the service could not read. */
  unreadFields: listOf(v.string()),
  commands: orElse<typeof commandsSchema, v.InferOutput<typeof commandsSchema>>(commandsSchema, { taken: 'unknown', sentence: null }),
});
export type Status = v.InferOutput<typeof statusSchema>;
