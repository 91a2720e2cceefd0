/**
 * The service's answers, parsed once. The rest of the page uses the resulting types.
 *
 * Unknown fields are dropped on purpose: the answer contains a printer's `accessCode`, and perhaps its camera's password.
 * No other file ever sees them.
 */
import * as v from 'valibot';
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
  'live',
  'stalled',
  'retrying',
  'refused',
  'switched-off',
  'not-supported',
] as const;

/** The state of a camera. Missing and invalid figures become `null`, because the sentence is what matters. */
export const cameraSchema = v.object({
  /** `null`: a word that only a newer service knows. `cameraCondition` says what each word means. */
  step: orElse(v.picklist(cameraSteps), null),
  sentence: v.fallback(text, ''),
  lastError: orElse(text, null),
  since: moment,
  framesPerSecond: maybeNumber,
  kilobitsPerSecond: maybeNumber,
  width: maybeNumber,
  height: maybeNumber,
  keyFrameIntervalSeconds: maybeNumber,
  reconnects: maybeNumber,
  /** As with the printer's own link. */
  certificateChanged: orElse(v.boolean(), false),
  lastFrameAgeMs: maybeNumber,
});
export type Camera = v.InferOutput<typeof cameraSchema>;

/** Whether the service receives frames from this camera now. */
export const isLive = (camera: Camera): boolean => camera.step === 'live';

/** `{"ok":false,"error":"…","fields":{…}}`, the shape of every refusal. */
export const refusalSchema = v.object({
  error: text,
  fields: orElse(v.record(text, text), {}),
});
