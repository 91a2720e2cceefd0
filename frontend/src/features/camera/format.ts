import { texts } from '@/texts/en';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const upToTenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** `1.4`: what a latency is worth, no more. */
export const latencySeconds = (ms: number): string => (ms < 10_000 ? tenths : whole).format(ms / 1_000);

export const rate = (fps: number): string => texts.camera.fps(upToTenths.format(fps));

export const bitRate = (kbps: number): string =>
  kbps < 1_000 ? texts.camera.kilobits(whole.format(kbps)) : texts.camera.megabits(tenths.format(kbps / 1_000));

export const seconds = (s: number): string => texts.camera.seconds(upToTenths.format(s));
