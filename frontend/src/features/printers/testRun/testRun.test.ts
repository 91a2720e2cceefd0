import { describe, expect, it } from 'vitest';
import { type StageEvent, stageNames } from '@/api/stages';
import { texts } from '@/texts';
import { type TestRun, advance, begun, broken, isRunning, summaryOf } from './testRun';

const stage = (news: Partial<StageEvent>): StageEvent => ({ type: 'stage', stage: 'address', state: 'passed', ms: 12, sentence: null, foundSerial: null, ...news });
const after = (...events: readonly Parameters<typeof advance>[1][]): TestRun => events.reduce(advance, begun);

describe('a test', () => {
  it('begins with every stage waiting, in order', () => {
    expect(begun.stages.map(({ name, state }) => [name, state])).toEqual(stageNames.map((name) => [name, 'waiting']));
    expect(isRunning(begun)).toBe(true);
  });

  it('shows the stages that the service tries, and none that this page does not know', () => {
    const { stages } = after({ type: 'stages', stages: ['address', 'moon-phase', 'key-frame'] });
    expect(stages.map(({ name }) => name)).toEqual(['address', 'key-frame']);
  });

  it('counts what is over', () => {
    const testRun = after(stage({}), stage({ stage: 'mqtt-port', state: 'skipped' }), stage({ stage: 'certificate', state: 'running' }));
    expect(summaryOf(testRun)).toBe(texts.stages.running(2, 8));
  });

  it.each<[TestRun, string]>([
    [after(stage({}), { type: 'done', state: 'passed' }), texts.stages.passed],
    [after(stage({ stage: 'commands', state: 'warned' }), { type: 'done', state: 'warned' }), texts.stages.warned(texts.stages.names.commands)],
    [after(stage({ stage: 'certificate', state: 'failed' }), { type: 'done', state: 'failed' }), texts.stages.failed(texts.stages.names.certificate)],
  ])('says in one sentence how it ended', (testRun, sentence) => {
    expect(summaryOf(testRun)).toBe(sentence);
    expect(isRunning(testRun)).toBe(false);
  });

  it('that is cut short leaves nothing running', () => {
    const testRun = broken(after(stage({}), stage({ stage: 'mqtt-port', state: 'running' })), 'Cut.');
    expect(testRun.stages.map(({ state }) => state).slice(0, 3)).toEqual(['passed', 'waiting', 'waiting']);
    expect([summaryOf(testRun), isRunning(testRun)]).toEqual(['Cut.', false]);
  });
});
