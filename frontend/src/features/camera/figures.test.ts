import { expect, it } from 'vitest';
import { asText, playerFigures } from './figures';
import type { Stats } from './source';
import { videoAtRest } from './videoSource';

const stats: Stats = {
  framesPerSecond: 29.97,
  bytesPerSecond: 512_400,
  bufferedMs: 1_300,
  latencyMs: 1_640,
  targetLatencyMs: 1_200,
  frames: { total: 4_000, dropped: 3 },
  stalls: 1,
  reconnects: 2,
};

it('the figures of a player are one line each, as they would be pasted', () => {
  const figures = playerFigures({ ...videoAtRest, state: { kind: 'live' }, delivery: 'lowLatency' }, stats);
  expect(asText('Garage', [figures])).toBe(
    [
      'Garage',
      'Delivery: Low-latency HLS',
      'Latency: 1.6 s',
      'Aims at: 1.2 s',
      'Buffered: 1.3 s',
      'Shown: 30 fps',
      'Loaded: 512 kB/s',
      'Dropped frames: 3 of 4,000',
      'Stalls: 1',
      'Built anew: 2',
    ].join('\n'),
  );
});

it('what nobody knows is not listed, and stills have no buffer', () => {
  const unknown = { ...stats, framesPerSecond: null, bytesPerSecond: null, latencyMs: null, targetLatencyMs: null, frames: { total: 0, dropped: 0 } };
  expect(playerFigures(videoAtRest, unknown).map(({ label, value }) => [label, value])).toEqual([
    ['Delivery', 'Stills'],
    ['Stalls', '1'],
    ['Built anew', '2'],
  ]);
});
