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
import { texts } from '@/texts/en';

const words = texts.control;

export type Story =
  | { readonly kind: 'none' }
  /** `late`: it takes longer than one would think. */
  | { readonly kind: 'sent' | 'accepted'; readonly command: Command; readonly late: boolean }
  | { readonly kind: 'happened'; readonly command: Command }
  | { readonly kind: 'unanswered'; readonly command: Command; readonly sentence: string }
  | { readonly kind: 'refused'; readonly sentence: string };

export type Turn =
  | { readonly type: 'sent'; readonly command: Command }
  | { readonly type: 'accepted'; readonly happened: boolean }
  | { readonly type: 'failed'; readonly thrown: unknown }
  | { readonly type: 'moot'; readonly sentence: string }
  /** The printer's own state shows that it is done. */
  | { readonly type: 'seen' }
  | { readonly type: 'timeout' }
  | { readonly type: 'dismissed' };

export const nothing: Story = { kind: 'none' };

/** How long a part of the story may last before it says something else. */
export function patienceMs(story: Story): number | null {
  switch (story.kind) {
    case 'sent':
      return story.late ? null : 3_000;
    case 'accepted':
      return story.late ? null : 15_000;
    case 'happened':
      return 4_000;
    default:
      return null;
  }
}

export function tell(story: Story, turn: Turn): Story {
  switch (turn.type) {
    case 'sent':
      return { kind: 'sent', command: turn.command, late: false };
    case 'accepted':
      return story.kind === 'sent' ? afterAnswer(story.command, turn.happened) : story;
    case 'failed':
      return story.kind === 'sent' ? afterFailure(story.command, turn.thrown) : story;
    case 'moot':
      return { kind: 'refused', sentence: turn.sentence };
    case 'seen':
      return story.kind === 'accepted' || story.kind === 'unanswered' ? { kind: 'happened', command: story.command } : story;
    case 'timeout':
      return story.kind === 'sent' || story.kind === 'accepted' ? { ...story, late: true } : story.kind === 'happened' ? nothing : story;
    case 'dismissed':
      return nothing;
  }
}

const afterAnswer = (command: Command, happened: boolean): Story =>
  happened ? { kind: 'happened', command } : { kind: 'accepted', command, late: false };

function afterFailure(command: Command, thrown: unknown): Story {
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
export function sentenceFor(story: Story): string | null {
  switch (story.kind) {
    case 'none':
      return null;
    case 'sent':
      return story.late ? words.slow : words.sent;
    case 'accepted':
      return story.late ? words.late : words.accepted[story.command.type];
    case 'happened':
      return story.command.type === 'light' ? words.happened[story.command.on ? 'lightOn' : 'lightOff'] : words.happened[story.command.type];
    case 'unanswered':
    case 'refused':
      return story.sentence;
  }
}

interface UnderWay {
  /** Nothing else is sent meanwhile. */
  readonly isSending: boolean;
  /** What is on its way, or taken and not yet done: it is not asked for twice. */
  readonly type: Command['type'] | null;
}

export function underWay(story: Story): UnderWay {
  const waits = story.kind === 'sent' || (story.kind === 'accepted' && !story.late);
  return { isSending: story.kind === 'sent', type: waits ? story.command.type : null };
}
