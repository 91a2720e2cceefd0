/** Figures and moments as a person reads them. */
import { localeOf, texts } from '.';

const words = texts.time;
const locale = localeOf(texts, navigator.languages);
/** Who reads the page in another language than their own still has their own clock, of 12 hours or of 24. */
const { hourCycle } = new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions();
const habits: Intl.DateTimeFormatOptions = hourCycle === undefined ? {} : { hourCycle };
const number = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(texts.locale, options);
const time = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { ...options, ...habits });

const whole = number({ maximumFractionDigits: 0 });
const oneDecimal = number({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
const upToOneDecimal = number({ maximumFractionDigits: 1 });
const exactly = number({ maximumFractionDigits: 3 });
const clock = time({ timeStyle: 'short' });
const exactClock = time({ timeStyle: 'medium' });
const dayAndClock = time({ day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(texts.locale, { weekday: 'long' });
const dayMs = 86_400_000;

export const count = (n: number): string => whole.format(n);

/** `1.0`: always with its decimal, so that it does not jump. */
export const tenths = (n: number): string => oneDecimal.format(n);

/** `1`, `1.5`. */
export const upToTenths = (n: number): string => upToOneDecimal.format(n);

/** A measure as it is: `0.4`, `0.25`. */
export const measure = (n: number): string => exactly.format(n);

/** `4 s`, `3 min`, `2 h`: how old something is, no more exactly than it matters. */
export function age(ms: number): string {
  const [say, unitMs] = ms < 60_000 ? [words.seconds, 1_000] : ms < 3_600_000 ? [words.minutes, 60_000] : [words.hours, 3_600_000];
  return say(count(Math.floor(ms / unitMs)));
}

/** `12 ms`, `1.2 s`: how long something took. */
export const took = (ms: number): string => (ms < 1_000 ? words.milliseconds(count(ms)) : words.seconds(tenths(ms / 1_000)));

/** `just now`, `4 s ago`, `3 min ago`, `2 h ago`. */
export const ago = (ms: number): string => (ms < 1_000 ? words.justNow : words.ago(age(ms)));

const sameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();

/** A time of day, with its date when that is not today's. */
export const moment = (unixMs: number, nowMs: number): string => (sameDay(unixMs, nowMs) ? clock : dayAndClock).format(unixMs);

/** The same for what was: `22:14`, `yesterday 22:14`, `Monday 22:14`. */
export function past(unixMs: number, nowMs: number): string {
  const days = Math.round((midnight(nowMs) - midnight(unixMs)) / dayMs);
  const at = clock.format(unixMs);
  return days === 1 ? words.yesterday(at) : days > 1 && days < 7 ? words.weekday(weekday.format(unixMs), at) : moment(unixMs, nowMs);
}

/** Of its day, where it is read: a day may have 23 hours. */
const midnight = (unixMs: number): number => new Date(unixMs).setHours(0, 0, 0, 0);

/** The same for what is to come: people plan by “tomorrow”. */
export const coming = (unixMs: number, nowMs: number): string =>
  sameDay(unixMs, nowMs + dayMs) && !sameDay(unixMs, nowMs) ? words.tomorrow(clock.format(unixMs)) : moment(unixMs, nowMs);

export const toTheSecond = (unixMs: number): string => exactClock.format(unixMs);

/** `38 min`, `2 h 3 min`, `1 d 4 h`. */
export function duration(minutes: number): string {
  const all = Math.max(0, Math.round(minutes));
  const hours = Math.floor(all / 60);
  if (hours === 0) {
    return words.minutes(String(all));
  }
  return hours < 24
    ? pair(hours, all % 60, words.hours, words.hoursAndMinutes)
    : pair(Math.floor(hours / 24), hours % 24, words.days, words.daysAndHours);
}

const pair = (large: number, small: number, alone: (n: string) => string, both: (large: string, small: string) => string): string =>
  small === 0 ? alone(String(large)) : both(String(large), String(small));
