import { useState } from 'react';
import type { Status } from '@/api/status';
import { type Controls, type StopTarget, whyNotStop } from './controls';
import { sentenceFor } from './commandState';
import type { CommandHandle } from './useCommand';

/** A question about stopping, as it stands. */
export interface StopQuestion {
  /** `asked`: not answered. `sent`: stopping, and the printer's answer is awaited. `over`: what was said instead. */
  readonly phase: 'asked' | 'sent' | 'over';
  readonly sentence: string | null;
  readonly onKeep: () => void;
  readonly onStop: () => void;
}

export interface Stopping {
  readonly ask: () => void;
  readonly question: StopQuestion | null;
}

type Asked = StopTarget & { readonly isPressed: boolean };

/** Asks before it stops a print. The question is about one job and closes when that job ends. Once confirmed, it waits for the answer. */
export function useStop(status: Status, controls: Controls, { commandState, send, moot, dismiss }: CommandHandle): Stopping {
  const [asked, setAsked] = useState<Asked | null>(null);
  const ask = () => setAsked({ id: status.job.id, name: status.job.name, isPressed: false });
  if (asked === null) {
    return { ask, question: null };
  }
  const why = asked.isPressed ? null : whyNotStop(asked, status, controls);
  if (why !== null) {
    setAsked(null);
    moot(why);
    return { ask, question: null };
  }
  const isRefused = commandState.kind === 'refused' || commandState.kind === 'unanswered';
  if (asked.isPressed && commandState.kind !== 'sent' && !isRefused) {
    // The command was accepted. `CommandNote` tells what happens next, as for every other command.
    setAsked(null);
    return { ask, question: null };
  }
  const question: StopQuestion = {
    phase: asked.isPressed ? (isRefused ? 'over' : 'sent') : 'asked',
    sentence: asked.isPressed ? sentenceFor(commandState) : null,
    onKeep: () => {
      setAsked(null);
      if (asked.isPressed && commandState.kind === 'refused') {
        dismiss();
      }
    },
    onStop: () => {
      setAsked({ ...asked, isPressed: true });
      send({ type: 'stop' }, asked.id);
    },
  };
  return { ask, question };
}
