/**
 * What became of a command, from the click to the printer's having done it. Pure.
 *
 * ```text
 * sent ─► accepted ─► happened
 *   ├───► refused               the service or the printer says why
 *   └───► unanswered ─► happened
 * ```
 */
import type { Command } from '@/api/commands';
import { Problem, sentenceOf } from '@/api/problem';
import type { Status } from '@/api/status';
import { texts } from '@/texts';

const words = texts.control;

export type CommandState =
  | { readonly kind: 'none' }
  /** `late`: it takes longer than one would think. */
  | { readonly kind: 'sent' | 'accepted'; readonly command: Command; readonly late: boolean }
  | { readonly kind: 'happened'; readonly command: Command }
  | { readonly kind: 'unanswered'; readonly command: Command; readonly sentence: string }
  | { readonly kind: 'refused'; readonly sentence: string };

export type CommandEvent =
  | { readonly type: 'sent'; readonly command: Command }
  | { readonly type: 'accepted'; readonly happened: boolean }
  | { readonly type: 'failed'; readonly thrown: unknown }
  | { readonly type: 'moot'; readonly sentence: string }
  /** The printer's own state shows that it is done. */
  | { readonly type: 'seen' }
  | { readonly type: 'timeout' }
  | { readonly type: 'dismissed' };

export const nothing: CommandState = { kind: 'none' };

/** How long each step may take before the words change. */
export function patienceMs(commandState: CommandState): number | null {
  switch (commandState.kind) {
    case 'sent':
      return commandState.late ? null : 3_000;
    case 'accepted':
      return commandState.late ? null : 15_000;
    case 'happened':
      return 4_000;
    default:
      return null;
  }
}

export function reduce(commandState: CommandState, turn: CommandEvent): CommandState {
  switch (turn.type) {
    case 'sent':
      return { kind: 'sent', command: turn.command, late: false };
    case 'accepted':
      return commandState.kind === 'sent' ? afterAnswer(commandState.command, turn.happened) : commandState;
    case 'failed':
      return commandState.kind === 'sent' ? afterFailure(commandState.command, turn.thrown) : commandState;
    case 'moot':
      return { kind: 'refused', sentence: turn.sentence };
    case 'seen':
      return commandState.kind === 'accepted' || commandState.kind === 'unanswered' ? { kind: 'happened', command: commandState.command } : commandState;
    case 'timeout':
      return commandState.kind === 'sent' || commandState.kind === 'accepted' ? { ...commandState, late: true } : commandState.kind === 'happened' ? nothing : commandState;
    case 'dismissed':
      return nothing;
  }
}

const afterAnswer = (command: Command, happened: boolean): CommandState =>
  happened ? { kind: 'happened', command } : { kind: 'accepted', command, late: false };

function afterFailure(command: Command, thrown: unknown): CommandState {
  const sentence = sentenceOf(thrown);
  // 504: it was sent, and nobody knows. An answer that got lost on its way here is no better.
  const unknown = thrown instanceof Problem && (thrown.status === 504 || thrown.kind === 'unreachable' || thrown.kind === 'broken');
  return unknown ? { kind: 'unanswered', command, sentence } : { kind: 'refused', sentence };
}

/** The state in which a command's wish is fulfilled. */
export function isDone(command: Command, { job: { phase }, light }: Pick<Status, 'job' | 'light'>): boolean {
  switch (command.type) {
    case 'pause':
      return phase === 'paused';
    case 'resume':
      return phase === 'running' || phase === 'preparing';
    case 'stop':
      return phase === 'failed' || phase === 'finished' || phase === 'idle';
    case 'light':
      return light === (command.on ? 'on' : 'off');
  }
}

/** One sentence for where the story is. */
export function sentenceFor(commandState: CommandState): string | null {
  switch (commandState.kind) {
    case 'none':
      return null;
    case 'sent':
      return commandState.late ? words.slow : words.sent;
    case 'accepted':
      return commandState.late ? words.late : words.accepted[commandState.command.type];
    case 'happened':
      return commandState.command.type === 'light' ? words.happened[commandState.command.on ? 'lightOn' : 'lightOff'] : words.happened[commandState.command.type];
    case 'unanswered':
    case 'refused':
      return commandState.sentence;
  }
}

interface UnderWay {
  /** Nothing else is sent meanwhile. */
  readonly isSending: boolean;
  /** The command that was sent and has not happened yet. It cannot be sent a second time. */
  readonly type: Command['type'] | null;
}

export function underWay(commandState: CommandState): UnderWay {
  const waits = commandState.kind === 'sent' || (commandState.kind === 'accepted' && !commandState.late);
  return { isSending: commandState.kind === 'sent', type: waits ? commandState.command.type : null };
}
