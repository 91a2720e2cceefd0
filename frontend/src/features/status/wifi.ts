/** How a printer is connected, in words. Pure. */
import type { Status } from '@/api/status';
import type { Flapping } from '@/fleet/reconnects';
import { texts } from '@/texts';
import { duration } from '@/texts/format';

const words = texts.health;

export const signals = ['weak', 'fair', 'good', 'strong'] as const;
export type Signal = (typeof signals)[number];

/** The least of each, in dBm. */
const least: Readonly<Record<Exclude<Signal, 'weak'>, number>> = { strong: -55, good: -67, fair: -75 };

export const signalOf = (dbm: number): Signal => (dbm >= least.strong ? 'strong' : dbm >= least.good ? 'good' : dbm >= least.fair ? 'fair' : 'weak');

interface Wifi {
  readonly words: string;
  /** `null` for a cable. */
  readonly signal: Signal | null;
}

export function networkIn(network: Status['network']): Wifi | null {
  if (network === null || (!network.wired && network.wifiDbm === null)) {
    return null;
  }
  if (network.wired || network.wifiDbm === null) {
    return { words: words.wired, signal: null };
  }
  const signal = signalOf(network.wifiDbm);
  return { words: words.wifi(words.wifiWords[signal], network.wifiDbm), signal };
}

/** Fewer reconnects than this are not worth a word. */
const manyTimes = 3;

/** That a printer comes and goes; its radio is asked about only where it can be at fault. */
export function flappingIn(network: Status['network'], flapping: Flapping | null): string | null {
  if (flapping === null || flapping.times < manyTimes) {
    return null;
  }
  const dbm = network?.wifiDbm ?? null;
  const isBlameless = network !== null && (network.wired || (dbm !== null && dbm >= least.good));
  return (isBlameless ? words.flapping : words.flappingWifi)(flapping.times, duration(Math.max(1, flapping.spanMs / 60_000)));
}
