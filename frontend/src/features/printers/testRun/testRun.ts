/** What is known of a test while it runs and when it is over. Pure. */
import { type StageEvent, type StageName, type TestEvent, type TestOutcome, stageNames } from '@/api/stages';
import { texts } from '@/texts';

export interface Stage {
  readonly name: StageName;
  readonly state: 'waiting' | StageEvent['state'];
  readonly ms: number | null;
  readonly sentence: string | null;
  readonly foundSerial: string | null;
}

export interface TestRun {
  readonly stages: readonly Stage[];
  /** `null` while it runs. */
  readonly outcome: TestOutcome | null;
  /** Why the test itself, and not the printer, came to nothing. */
  readonly problem: string | null;
}

const waiting = (name: StageName): Stage => ({ name, state: 'waiting', ms: null, sentence: null, foundSerial: null });

export const begun: TestRun = { stages: stageNames.map(waiting), outcome: null, problem: null };

export const isRunning = ({ outcome, problem }: TestRun): boolean => outcome === null && problem === null;

export function advance(testRun: TestRun, event: TestEvent): TestRun {
  switch (event.type) {
    case 'stages':
      return { ...testRun, stages: stageNames.filter((name) => event.stages.includes(name)).map(waiting) };
    case 'stage': {
      const { stage: name, state, ms, sentence, foundSerial } = event;
      return { ...testRun, stages: testRun.stages.map((stage) => (stage.name === name ? { name, state, ms, sentence, foundSerial } : stage)) };
    }
    case 'done':
      return { ...testRun, outcome: event.state };
  }
}

/** A test that ended before its end: what was being tried was not tried. */
export const broken = (testRun: TestRun, problem: string): TestRun => ({
  ...testRun,
  problem,
  stages: testRun.stages.map((stage) => (stage.state === 'running' ? waiting(stage.name) : stage)),
});

/** The whole in one sentence. */
export function summaryOf({ stages, outcome, problem }: TestRun): string {
  const words = texts.stages;
  const named = (state: Stage['state']) => stages.filter((stage) => stage.state === state).map(({ name }) => words.names[name]);
  if (problem !== null) {
    return problem;
  }
  switch (outcome) {
    case null:
      return words.running(stages.filter(({ state }) => state !== 'waiting' && state !== 'running').length, stages.length);
    case 'passed':
      return words.passed;
    case 'warned':
      return words.warned(named('warned').join(', '));
    case 'failed':
      return words.failed(named('failed').join(', '));
  }
}
