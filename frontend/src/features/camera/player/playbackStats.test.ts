import { expect, it } from 'vitest';
import { Gauge } from './playbackStats';

it('rates are those of the last five seconds, and none before there is a second of them', () => {
  const gauge = new Gauge();
  gauge.mark(0, 0, 0);
  gauge.mark(15, 50_000, 500);
  expect(gauge.framesPerSecond).toBeNull();
  for (let second = 1; second <= 10; second += 1) {
    gauge.mark(30 * second, 100_000 * second, 1_000 * second);
  }
  for (let second = 11; second <= 16; second += 1) {
    gauge.mark(300 + 10 * (second - 10), null, 1_000 * second);
  }
  expect(gauge.framesPerSecond).toBe(10);
  expect(gauge.bytesPerSecond).toBeNull();
});

it('a wait is a stall after a fifth of a second, once, and none when it is over before', () => {
  const gauge = new Gauge();
  gauge.waits(0);
  gauge.plays(199);
  expect(gauge.stalls).toBe(0);
  gauge.waits(1_000);
  gauge.mark(0, 0, 1_250);
  gauge.mark(0, 0, 1_500);
  gauge.plays(2_000);
  expect(gauge.stalls).toBe(1);
});

it('the first build is no reconnect', () => {
  const gauge = new Gauge();
  gauge.built();
  expect(gauge.reconnects).toBe(0);
  gauge.built();
  gauge.built();
  expect(gauge.reconnects).toBe(2);
});
