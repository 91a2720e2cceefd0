import { useCallback, useEffect, useRef, useState } from 'react';
import { Problem, sentenceOf } from '@/api/problem';
import type { Test } from '@/api/stages';
import { type TestRun, advance, begun, broken } from './testRun';

export interface TrialHandle {
  /** `null` before the first test, and when what was tested has changed. */
  readonly testRun: TestRun | null;
  /** Resolves when it is over, with the service's refusal where it refused. */
  readonly run: (test: Test) => Promise<Problem | null>;
  /** Ends the test and forgets it. */
  readonly forget: () => void;
}

/** One test at a time; it ends with the component. */
export function useTestRun(): TrialHandle {
  const [testRun, setTrial] = useState<TestRun | null>(null);
  const running = useRef<AbortController | null>(null);
  const stop = useCallback(() => {
    running.current?.abort();
    running.current = null;
  }, []);
  useEffect(() => stop, [stop]);

  const run = useCallback(
    async (test: Test): Promise<Problem | null> => {
      stop();
      const mine = new AbortController();
      running.current = mine;
      const change = (how: (testRun: TestRun) => TestRun) => {
        if (!mine.signal.aborted) {
          setTrial((before) => how(before ?? begun));
        }
      };
      setTrial(begun);
      try {
        await test((event) => change((before) => advance(before, event)), mine.signal);
        return null;
      } catch (thrown) {
        change((before) => broken(before, sentenceOf(thrown)));
        return thrown instanceof Problem && !mine.signal.aborted ? thrown : null;
      }
    },
    [stop],
  );
  const forget = useCallback(() => {
    stop();
    setTrial(null);
  }, [stop]);
  return { testRun, run, forget };
}
