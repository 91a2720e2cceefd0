import { texts } from '@/texts/en';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const upToTenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const dayAndClock = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** `1.4`: what a latency is worth, no more. */
export const latencySeconds = (ms: number): string => (ms < 10_000 ? tenths : whole).format(ms / 1_000);

export const rate = (fps: number): string => texts.camera.fps(upToTenths.format(fps));

export const bitRate = (kbps: number): string =>
  kbps < 1_000 ? texts.camera.kilobits(whole.format(kbps)) : texts.camera.megabits(tenths.format(kbps / 1_000));

export const seconds = (s: number): string => texts.camera.seconds(upToTenths.format(s));

export const count = (n: number): string => whole.format(n);

/** `just now`, `4 s ago`, `3 min ago`, `2 h ago`. */
export function ago(ms: number): string {
  if (ms < 1_000) {
    return texts.camera.justNow;
  }
  const [value, unit] = ms < 60_000 ? [ms / 1_000, 's'] : ms < 3_600_000 ? [ms / 60_000, 'min'] : [ms / 3_600_000, 'h'];
  return texts.camera.ago(`${whole.format(Math.floor(value))} ${unit}`);
}

/** A time of day, with its date when that is not today's. */
export function moment(unixMs: number, nowMs: number): string {
  const sameDay = new Date(unixMs).toDateString() === new Date(nowMs).toDateString();
  return (sameDay ? clock : dayAndClock).format(unixMs);
}
