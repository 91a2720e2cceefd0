/** Fields as an answer may have them: missing, null, or of another type than one would think. */
import * as v from 'valibot';

/** It takes anything; its type says what the field should be, so that `agreed.ts` can hold it to the service's document. */
type Tolerant<S extends v.GenericSchema, T> = v.GenericSchema<v.InferInput<S> | null | undefined, v.InferOutput<S> | T>;

/** The field where it makes sense, `otherwise` where it does not. */
export function orElse<S extends v.GenericSchema, const T>(schema: S, otherwise: T): Tolerant<S, T> {
  const tolerant: v.GenericSchema = v.pipe(
    v.nullable(schema),
    v.transform((value) => value ?? otherwise),
  );
  // A missing field falls back, too.
  return v.fallback(tolerant, otherwise) as Tolerant<S, T>;
}

/** RFC 3339 or Unix milliseconds, as Unix milliseconds. */
export const moment = orElse(
  v.pipe(
    v.union([v.string(), v.number()]),
    v.transform((at) => (typeof at === 'number' ? at : Date.parse(at))),
    v.finite(),
  ),
  null,
);
