import { useEffect, useReducer } from 'react';
import { type Command, sendCommand } from '@/api/commands';
import type { Status } from '@/api/status';
import { type Story, isDone, nothing, patienceMs, tell } from './commandState';

export interface CommandHandle {
  readonly story: Story;
  readonly send: (command: Command, jobId: string | null) => void;
  readonly moot: (sentence: string) => void;
  readonly dismiss: () => void;
}

/** Sends commands to one printer, one after another, and follows what becomes of each. */
export function useCommand(printer: number, status: Status): CommandHandle {
  const [story, turn] = useReducer(tell, nothing);
  const waits = story.kind === 'accepted' || story.kind === 'unanswered';
  const seen = waits && isDone(story.command, status);
  useEffect(() => {
    if (seen) {
      turn({ type: 'seen' });
    }
  }, [seen]);
  useEffect(() => {
    const patience = patienceMs(story);
    if (patience === null) {
      return undefined;
    }
    const timer = setTimeout(() => turn({ type: 'timeout' }), patience);
    return () => clearTimeout(timer);
  }, [story]);
  return {
    story,
    send: (command, jobId) => {
      turn({ type: 'sent', command });
      sendCommand(printer, command, jobId).then(
        ({ happened }) => turn({ type: 'accepted', happened }),
        (thrown: unknown) => turn({ type: 'failed', thrown }),
      );
    },
    moot: (sentence) => turn({ type: 'moot', sentence }),
    dismiss: () => turn({ type: 'dismissed' }),
  };
}
