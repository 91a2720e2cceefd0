import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Rung } from './ladder';
import { Player } from './player';
import type { OnFault, Reading, Transport } from './transport';

/** A stream that a test keeps going, or not. */
class FakeTransport implements Transport {
  ticks = 0;
  isClosed = false;
  readonly onFault: OnFault;

  constructor(onFault: OnFault) {
    this.onFault = onFault;
  }
  tick(): void {
    this.ticks += 1;
  }
  read(): Reading {
    return { playlistUpdates: 0, heardAtMs: Date.now(), cadenceMs: 333, playingDateMs: null, bytes: null, targetLatencyMs: null, toLiveMs: 0 };
  }
  startLoad(): void {}
  recoverMedia(): void {}
  goLive(): void {}
  close(): void {
    this.isClosed = true;
  }
}

let opened: { readonly delivery: string; readonly transport: FakeTransport }[];
let camera = 0;

const rung = (delivery: Rung['delivery']): Rung => ({
  delivery,
  liveWithinMs: 4_000,
  freshWithinMs: 1_500,
  stillAfterMs: 1_200,
  cost: { decoders: 1, connections: delivery === 'lowLatency' ? 2 : 1 },
  isPlayable: () => true,
  open: async () => (_, onFault) => {
    const transport = new FakeTransport(onFault);
    opened.push({ delivery, transport });
    return transport;
  },
});

const ladder = [rung('lowLatency'), rung('standard')];
const player = (place = 'wall') => new Player(document.createElement('video'), { keep: () => undefined }, camera, place, ladder);
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A low-latency playlist that the service does not have. */
async function fallen(): Promise<Player> {
  const made = player();
  made.play();
  await pass(0);
  opened.at(-1)?.transport.onFault({ kind: 'missing', sentence: null });
  await pass(0);
  return made;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(HTMLVideoElement.prototype, 'play').mockResolvedValue();
  opened = [];
  camera += 1;
});
afterEach(() => vi.useRealTimers());

describe('a player', () => {
  it('climbs down its ladder, and says what that costs', async () => {
    const made = await fallen();
    expect(opened.map(({ delivery, transport }) => [delivery, transport.isClosed])).toEqual([
      ['lowLatency', true],
      ['standard', false],
    ]);
    expect(made.view.value).toMatchObject({ delivery: 'standard', isFallen: false, cost: { decoders: 1, connections: 1 } });
    made.close();
  });

  it('lets its transport act once for each look', async () => {
    const made = player();
    made.play();
    await pass(1_000);
    expect(opened[0]?.transport.ticks).toBe(4);
    made.close();
  });

  it('that takes the place of another one goes on by the way that worked there', async () => {
    (await fallen()).close();
    const next = player();
    next.play();
    await pass(0);
    expect(opened.map(({ delivery }) => delivery)).toEqual(['lowLatency', 'standard', 'standard']);
    next.close();
  });

  it('on a page of its own learns for itself', async () => {
    (await fallen()).close();
    const alone = player('page');
    alone.play();
    await pass(0);
    expect(opened.at(-1)?.delivery).toBe('lowLatency');
    alone.close();
  });

  it('in another network tries everything again', async () => {
    (await fallen()).close();
    const next = player();
    dispatchEvent(new Event('online'));
    next.play();
    await pass(0);
    expect(opened.at(-1)?.delivery).toBe('lowLatency');
    next.close();
  });
});
