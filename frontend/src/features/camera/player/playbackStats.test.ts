import { expect, it } from 'vitest';
import { PlaybackStats } from './playbackStats';

it('rates are those of the last five seconds, and none before there is a second of them', () => {
  const stats = new PlaybackStats();
  stats.mark(0, 0, 0);
  stats.mark(15, 50_000, 500);
  expect(stats.framesPerSecond).toBeNull();
  for (let second = 1; second <= 10; second += 1) {
    stats.mark(30 * second, 100_000 * second, 1_000 * second);
  }
  for (let second = 11; second <= 16; second += 1) {
    stats.mark(300 + 10 * (second - 10), null, 1_000 * second);
  }
  expect(stats.framesPerSecond).toBe(10);
  expect(stats.bytesPerSecond).toBeNull();
});

it('a wait is a stall after a fifth of a second, once, and none when it is over before', () => {
  const stats = new PlaybackStats();
  stats.waits(0);
  stats.plays(199);
  expect(stats.stalls).toBe(0);
  stats.waits(1_000);
  stats.mark(0, 0, 1_250);
  stats.mark(0, 0, 1_500);
  stats.plays(2_000);
  expect(stats.stalls).toBe(1);
});

it('the first build is no reconnect', () => {
  const stats = new PlaybackStats();
  stats.built();
  expect(stats.reconnects).toBe(0);
  stats.built();
  stats.built();
  expect(stats.reconnects).toBe(2);
});
