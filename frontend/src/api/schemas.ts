/**
 * What the service says, parsed once. Everything else in the page holds the outcome types.
 *
 * Unknown fields are dropped, which is a rule and not an accident: a printer's `accessCode` is in the answer,
 * and perhaps its camera's password. Nothing behind this file ever sees them.
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

/** How the camera is. Figures that are missing or odd become `null`: the sentence is what counts. */
export const cameraSchema = v.object({
  /** `null`: a word that only a newer service knows. What each means is `cameraCondition`'s to say. */
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

/** The service has pictures of this camera right now. */
export const isLive = (camera: Camera): boolean => camera.step === 'live';

/** `{"ok":false,"error":"…","fields":{…}}`, the shape of every refusal. */
export const refusalSchema = v.object({
  error: text,
  fields: orElse(v.record(text, text), {}),
});
