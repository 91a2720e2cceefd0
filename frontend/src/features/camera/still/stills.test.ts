import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AskStill, Still, StillAnswer } from '@/api/still';
import { type Place, Stills } from './stills';

const still: Still = { file: new Blob(), tag: '"1"', pictureMs: 0 };

let asked: { readonly id: number; readonly tag: string | null; readonly signal: AbortSignal; readonly answer: (answer: StillAnswer) => void }[];
let stills: Stills;

const ask: AskStill = (id, tag, signal) =>
  new Promise((resolve, reject) => {
    asked.push({ id, tag, signal, answer: resolve });
    signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
  });

const place = (id: number, againMs: Place['againMs'] = null): Place & { shown: number } => {
  const made = { id, ask, againMs, tag: null as string | null, shown: 0, show: async (given: Still) => void ((made.shown += 1), (made.tag = given.tag)) };
  return made;
};

/** Answers what was asked last, and lets the rota see it. */
async function answer(with_: StillAnswer): Promise<void> {
  asked.at(-1)?.answer(with_);
  await vi.advanceTimersByTimeAsync(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  asked = [];
  stills = new Stills();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('over HTTP/1.1', () => {
  it('one still is asked for at a time, and everybody gets a turn', async () => {
    const places = [place(1), place(2), place(3)];
    for (const each of places) {
      stills.supply(each);
    }
    for (let turn = 1; turn <= 3; turn += 1) {
      expect(asked.map(({ id }) => id)).toEqual([1, 2, 3].slice(0, turn));
      // eslint-disable-next-line no-await-in-loop -- turns come one after another
      await answer(still);
    }
    expect(places.map(({ shown }) => shown)).toEqual([1, 1, 1]);
    expect(asked).toHaveLength(3);
  });
});

describe('a place', () => {
  it('is asked for again after some seconds, by the tag of what it has', async () => {
    stills.supply(place(1));
    await answer(still);
    await vi.advanceTimersByTimeAsync(3_999);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_001);
    expect(asked.map(({ tag }) => tag)).toEqual([null, '"1"']);
  });

  it('that has gone is not waited for', async () => {
    const { stop } = stills.supply(place(1));
    stills.supply(place(2));
    stop();
    expect(asked[0]?.signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.map(({ id }) => id)).toEqual([1, 2]);
    await answer('same');
    await vi.advanceTimersByTimeAsync(6_000);
    expect(asked.map(({ id }) => id)).toEqual([1, 2, 2]);
  });

  it('whose answer does not come holds the others up for eight seconds, and has its turn again', async () => {
    stills.supply(place(1));
    stills.supply(place(2));
    await vi.advanceTimersByTimeAsync(8_000);
    expect(asked.map(({ id }) => id)).toEqual([1, 2]);
    await answer('none');
    await vi.advanceTimersByTimeAsync(6_000);
    expect(asked.map(({ id }) => id)).toEqual([1, 2, 1]);
    expect(asked[2]?.signal.aborted).toBe(false);
  });

  it('is asked for at once when there is news of it, and once more for news that come meanwhile', async () => {
    const { hurry } = stills.supply(place(1, () => 15_000));
    await answer(still);
    expect(asked).toHaveLength(1);
    hurry();
    expect(asked).toHaveLength(2);
    hurry();
    hurry();
    await answer('same');
    expect(asked).toHaveLength(3);
    await answer('same');
    await vi.advanceTimersByTimeAsync(14_999);
    expect(asked).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(4);
  });

  it('of which there is much news leaves the others their turn', async () => {
    const { hurry } = stills.supply(place(1));
    stills.supply(place(2));
    hurry();
    await answer(still);
    expect(asked.map(({ id }) => id)).toEqual([1, 2]);
  });
});
