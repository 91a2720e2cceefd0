/** The commands that a person can send to a printer. */
import * as v from 'valibot';
import { endpoints } from './address';
import { orElse } from './fields';
import { request } from './request';

interface JobCommand {
  readonly type: 'pause' | 'resume' | 'stop';
}

interface LightCommand {
  readonly type: 'light';
  readonly on: boolean;
}

export type Command = JobCommand | LightCommand;

/** A command as it is sent. */
export type CommandBody = (JobCommand & { readonly jobId?: string }) | LightCommand;

/** The printer's own answer: it accepted the command, and perhaps its state already shows the effect. */
export const outcomeSchema = v.object({ ok: v.pipe(v.boolean(), v.literal(true)), happened: orElse(v.boolean(), false) });
export type Outcome = v.InferOutput<typeof outcomeSchema>;

/** `jobId` is the job that the person saw; the service refuses the command for any other job. */
export const sendCommand = (printer: number, command: Command, jobId: string | null): Promise<Outcome> => {
  const body: CommandBody = jobId === null || command.type === 'light' ? command : { ...command, jobId };
  return request('POST', endpoints.command(printer), outcomeSchema, { body });
};
