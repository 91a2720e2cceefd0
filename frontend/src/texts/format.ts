/** Figures and moments as a person reads them. */
import { texts } from './en';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const exactClock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dayAndClock = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' });
const dayMs = 86_400_000;

export const count = (n: number): string => whole.format(n);

/** `4 s`, `3 min`, `2 h`: how old something is, no more exactly than it matters. */
export function age(ms: number): string {
  const [value, unit] = ms < 60_000 ? [ms / 1_000, 's'] : ms < 3_600_000 ? [ms / 60_000, 'min'] : [ms / 3_600_000, 'h'];
  return `${whole.format(Math.floor(value))} ${unit}`;
}

/** `12 ms`, `1.2 s`: how long something took. */
export const took = (ms: number): string => (ms < 1_000 ? texts.stages.milliseconds(whole.format(ms)) : texts.camera.seconds((ms / 1_000).toFixed(1)));

/** `just now`, `4 s ago`, `3 min ago`, `2 h ago`. */
export const ago = (ms: number): string => (ms < 1_000 ? texts.camera.justNow : texts.camera.ago(age(ms)));

const sameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();

/** A time of day, with its date when that is not today's. */
export const moment = (unixMs: number, nowMs: number): string => (sameDay(unixMs, nowMs) ? clock : dayAndClock).format(unixMs);

const weekday = new Intl.DateTimeFormat('en', { weekday: 'long' });

/** The same for what was: `22:14`, `yesterday 22:14`, `Monday 22:14`. */
export function past(unixMs: number, nowMs: number): string {
  const days = Math.round((midnight(nowMs) - midnight(unixMs)) / dayMs);
  const at = clock.format(unixMs);
  return days === 1 ? texts.status.yesterday(at) : days > 1 && days < 7 ? texts.status.weekday(weekday.format(unixMs), at) : moment(unixMs, nowMs);
}

/** Of its day, where it is read: a day may have 23 hours. */
const midnight = (unixMs: number): number => new Date(unixMs).setHours(0, 0, 0, 0);

/** The same for what is to come: people plan by “tomorrow”. */
export const coming = (unixMs: number, nowMs: number): string =>
  sameDay(unixMs, nowMs + dayMs) && !sameDay(unixMs, nowMs) ? texts.status.tomorrow(clock.format(unixMs)) : moment(unixMs, nowMs);

export const toTheSecond = (unixMs: number): string => exactClock.format(unixMs);

/** `38 min`, `2 h 3 min`, `1 d 4 h`. */
export function duration(minutes: number): string {
  const all = Math.max(0, Math.round(minutes));
  if (all < 60) {
    return texts.status.minutes(all);
  }
  const hours = Math.floor(all / 60);
  return hours < 24 ? texts.status.hours(hours, all % 60) : texts.status.days(Math.floor(hours / 24), hours % 24);
}
