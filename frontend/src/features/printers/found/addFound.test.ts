import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Test, TestEvent } from '@/api/stages';
import { draftOfFound, inTurns, testThenAdd } from './addFound';

const { addPrinter, tests } = vi.hoisted(() => ({ addPrinter: vi.fn<(draft: unknown) => Promise<unknown>>(), tests: { run: undefined as Test | undefined } }));
vi.mock('@/api/printers', () => ({ addPrinter }));
vi.mock('@/api/stages', () => ({ testOfDraft: () => tests.run }));

const found = { serial: '03900A000000001', model: 'A1', name: null, host: '192.168.1.50', camera: 'pictures', printerId: null } as const;
const draft = draftOfFound(found, '12345678', []);
const stage = (name: 'certificate' | 'access-code', state: 'passed' | 'failed', sentence: string | null = null): TestEvent => ({ type: 'stage', stage: name, state, ms: 1, sentence, foundSerial: null });

beforeEach(() => {
  addPrinter.mockReset().mockResolvedValue({ id: 1, ...draft });
});

describe('a printer that was found', () => {
  it('is called what its owner calls it, or by its model, and never as another one', () => {
    const named = { ...found, name: 'Attic' };
    expect([draftOfFound(named, 'x', []).name, draftOfFound(named, 'x', ['Attic']).name, draftOfFound(found, 'x', ['A1']).name, draftOfFound({ ...found, serial: 'ZZZ' }, 'x', []).name]).toEqual([
      'Attic',
      'A1',
      'A1 2',
      'ZZZ',
    ]);
  });

  it('is added as soon as its code is known to be right, and its camera is not waited for', async () => {
    tests.run = (onEvent, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
        onEvent(stage('access-code', 'passed'));
      });
    await testThenAdd(draft);
    expect(addPrinter).toHaveBeenCalledExactlyOnceWith(draft);
  });

  it('is not added with a wrong code, and the sentence says so', async () => {
    tests.run = async (onEvent) => {
      onEvent(stage('access-code', 'failed', 'The access code is wrong.'));
      onEvent({ type: 'done', state: 'failed' });
    };
    await expect(testThenAdd(draft)).rejects.toThrow('The access code is wrong.');
    expect(addPrinter).not.toHaveBeenCalled();
  });

  it('is not added where the test could not be run', async () => {
    tests.run = async () => {
      throw new Error('Four tests are running.');
    };
    await expect(testThenAdd(draft)).rejects.toThrow('Four tests are running.');
    expect(addPrinter).not.toHaveBeenCalled();
  });
});

it('many are done a few at a time, and each once', async () => {
  let [now, most] = [0, 0];
  const done: number[] = [];
  await inTurns([1, 2, 3, 4, 5, 6, 7], async (one) => {
    now += 1;
    most = Math.max(most, now);
    await Promise.resolve();
    now -= 1;
    done.push(one);
  });
  expect([most, done]).toEqual([3, [1, 2, 3, 4, 5, 6, 7]]);
});
