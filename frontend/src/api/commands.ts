/** What a person may tell a printer. */
import * as v from 'valibot';
import { orElse } from './fields';
import { request } from './request';

export type Command = { readonly type: 'pause' | 'resume' | 'stop' } | { readonly type: 'light'; readonly on: boolean };

/** The printer's own answer: it took the command, and perhaps its state shows already that it is done. */
const outcomeSchema = v.object({ ok: v.literal(true), happened: orElse(v.boolean(), false) });
export type Outcome = v.InferOutput<typeof outcomeSchema>;

/** `jobId`: the job the person saw; on any other the service refuses. */
export const sendCommand = (printer: number, command: Command, jobId: string | null): Promise<Outcome> =>
  request('POST', `/api/printers/${printer}/command`, outcomeSchema, { body: jobId === null ? command : { ...command, jobId } });
