/** Fields of an answer that may be missing, null, or of an unexpected type. */
import * as v from 'valibot';

/** It accepts any value. Its type says what the field should be, so that `agreed.ts` can compare it with the service's document. */
type Tolerant<S extends v.GenericSchema, T> = v.GenericSchema<v.InferInput<S> | null | undefined, v.InferOutput<S> | T>;

/** The field if it is valid, and `otherwise` if it is not. */
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
