/**
 * The service's answers, parsed once. The rest of the page uses the resulting types.
 *
 * Unknown fields are dropped on purpose: the answer contains a printer's `accessCode`, and perhaps its camera's password.
 * No other file ever sees them.
 */
import * as v from 'valibot';
import { adviceFields, adviceSchema, inWords, wordsOf } from './advice';
import { moment, orElse } from './fields';

const text = v.string();
const maybeText = v.optional(v.nullable(text), null);
const maybeNumber = orElse(v.number(), null);

export const printerSchema = v.object({
  id: v.pipe(v.number(), v.integer()),
  name: text,
  host: text,
  serial: text,
  rtspUrl: maybeText,
  cameraFingerprint: maybeText,
  cameraUser: maybeText,
});
export type Printer = v.InferOutput<typeof printerSchema>;

export const printersSchema = v.array(printerSchema);

const cameraSteps = [
  'starting',
  'connecting',
  'signing-in',
  'setting-up',
  'waiting-for-video',
  'waiting-for-key-frame',
  'waiting-for-picture',
  'live',
  'stalled',
  'retrying',
  'refused',
  'switched-off',
  'no-camera',
  'updating',
] as const;

const reportSchema = v.object({
  /** `null`: a word that only a newer service knows. `cameraCondition` says what each word means. */
  step: orElse(v.picklist(cameraSteps), null),
  sentence: v.fallback(text, ''),
  ...adviceFields,
  lastError: orElse(text, null),
  lastErrorAdvice: adviceSchema,
  since: moment,
  /** What the camera sends: video, or single pictures. `null` while nobody knows. */
  kind: orElse(v.picklist(['video', 'pictures']), null),
  framesPerSecond: maybeNumber,
  kilobitsPerSecond: maybeNumber,
  width: maybeNumber,
  height: maybeNumber,
  keyFrameIntervalSeconds: maybeNumber,
  /** The usual time between two pictures of a camera that sends pictures. */
  pictureIntervalSeconds: maybeNumber,
  reconnects: maybeNumber,
  /** As with the printer's own link. */
  certificateChanged: orElse(v.boolean(), false),
  lastFrameAgeMs: maybeNumber,
});

/** The state of a camera. Missing and invalid figures become `null`, because the sentence is what matters. */
export const cameraSchema = v.pipe(
  reportSchema,
  v.transform(({ code, params, lastErrorAdvice, ...report }) => ({
    ...report,
    sentence: inWords({ code, params, sentence: report.sentence }),
    lastError: wordsOf(report.lastError, lastErrorAdvice),
  })),
);
export type Camera = v.InferOutput<typeof cameraSchema>;

/** Whether the service receives frames or pictures from this camera now. */
export const isLive = (camera: Camera): boolean => camera.step === 'live';

/** `{"ok":false,"error":"…","fields":{…}}`, the shape of every refusal. */
export const refusalSchema = v.pipe(
  v.object({
    error: text,
    ...adviceFields,
    fields: orElse(v.record(text, text), {}),
    fieldsAdvice: orElse(v.record(text, adviceSchema), null),
  }),
  v.transform(({ error, code, params, fields, fieldsAdvice }) => ({
    error: inWords({ code, params, sentence: error }),
    fields: Object.fromEntries(Object.entries(fields).map(([name, sentence]) => [name, inWords(fieldsAdvice?.[name] ?? { code: null, params: {}, sentence })])),
  })),
);
