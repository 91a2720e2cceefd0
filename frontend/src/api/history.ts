/** A printer's temperatures of the last half hour, as the service keeps them. */
import * as v from 'valibot';
import { endpoints } from './address';
import { moment, orElse } from './fields';
import { request } from './request';

const values = orElse(v.array(v.nullable(v.number())), []);
export const historySchema = v.object({
  everySeconds: v.pipe(v.number(), v.minValue(1)),
  /** The time of the last value. */
  until: moment,
  nozzleC: values,
  bedC: values,
  chamberC: values,
});
export type KeptHistory = v.InferOutput<typeof historySchema>;

export const historyOf = (id: number, signal: AbortSignal): Promise<KeptHistory> =>
  request('GET', endpoints.history(id), historySchema, { signal });
