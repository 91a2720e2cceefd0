import { useEffect, useReducer } from 'react';
import { type Command, sendCommand } from '@/api/commands';
import type { Status } from '@/api/status';
import { type CommandState, isDone, nothing, patienceMs, reduce } from './commandState';

export interface CommandHandle {
  readonly commandState: CommandState;
  readonly send: (command: Command, jobId: string | null) => void;
  readonly moot: (sentence: string) => void;
  readonly dismiss: () => void;
}

/** Sends commands to one printer, one after another, and follows what becomes of each. */
export function useCommand(printer: number, status: Status): CommandHandle {
  const [commandState, turn] = useReducer(reduce, nothing);
  const waits = commandState.kind === 'accepted' || commandState.kind === 'unanswered';
  const seen = waits && isDone(commandState.command, status);
  useEffect(() => {
    if (seen) {
      turn({ type: 'seen' });
    }
  }, [seen]);
  useEffect(() => {
    const patience = patienceMs(commandState);
    if (patience === null) {
      return undefined;
    }
    const timer = setTimeout(() => turn({ type: 'timeout' }), patience);
    return () => clearTimeout(timer);
  }, [commandState]);
  return {
    commandState,
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
