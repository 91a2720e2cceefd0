/** The fleet's event stream; each event is parsed once. */
import * as v from 'valibot';
import { cameraSchema } from './schemas';
import { moment, orElse } from './fields';
import { statusSchema } from './status';

const id = v.pipe(v.number(), v.integer());
const entrySchema = v.object({ id, name: orElse(v.string(), ''), status: orElse(statusSchema, null), camera: orElse(cameraSchema, null) });
export type FleetEntry = v.InferOutput<typeof entrySchema>;

export const eventSchemas = {
  snapshot: v.object({ build: orElse(v.string(), null), printers: v.array(entrySchema) }),
  printer: v.object({ id, status: statusSchema }),
  camera: v.object({ id, camera: cameraSchema }),
  /** The printer is new or was edited. This replaces all earlier data. */
  added: entrySchema,
  removed: v.object({ id }),
  /** A camera that sends single pictures has sent another one. */
  picture: v.object({ id, time: moment, tag: v.string() }),
};

type Data = typeof eventSchemas;
export type FleetEvent = { [K in keyof Data]: { readonly type: K } & v.InferOutput<Data[K]> }[keyof Data];

/** Parses an event. Returns `null` for one that this page does not know or cannot read. */
export function parseEvent(type: string, json: string): FleetEvent | null {
  if (!Object.hasOwn(eventSchemas, type)) {
    return null;
  }
  const schema: v.GenericSchema = eventSchemas[type as keyof Data];
  const parsed = v.safeParse(schema, jsonOf(json));
  return parsed.success ? ({ type, ...(parsed.output as object) } as FleetEvent) : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
