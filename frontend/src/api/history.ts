/** The last half hour of a printer's temperatures, as the service has kept it. */
import * as v from 'valibot';
import { moment, orElse } from './fields';
import { request } from './request';

const values = orElse(v.array(v.nullable(v.number())), []);
export const historySchema = v.object({
  everySeconds: v.pipe(v.number(), v.minValue(1)),
  /** When the last of the values was taken. */
  until: moment,
  nozzleC: values,
  bedC: values,
  chamberC: values,
});
export type KeptHistory = v.InferOutput<typeof historySchema>;

export const historyOf = (id: number, signal: AbortSignal): Promise<KeptHistory> =>
  request('GET', `/api/printers/${id}/history`, historySchema, { signal });
