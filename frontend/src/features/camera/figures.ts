/** What can be told of a camera and of how this browser plays it, in words. Pure. */
import { texts } from '@/texts';
import { count } from '@/texts/format';
import type { Fact } from '@/ui/Facts';
import { latencySeconds, rate } from './format';
import type { PictureView, Stats } from './source';

const words = texts.camera;
const seconds = (ms: number): string => texts.time.seconds(latencySeconds(ms));
const kilobytes = (bytes: number): string => words.kilobytes(count(bytes / 1_000));

const known = <T,>(label: string, value: T | null, say: (value: T) => string): readonly Fact[] =>
  value === null ? [] : [{ label, value: say(value) }];

/** What is not known is not listed. */
export function playerFigures({ state, delivery }: PictureView, stats: Stats): readonly Fact[] {
  const { total, dropped } = stats.frames;
  const streams = state.kind !== 'idle' && state.kind !== 'stills';
  return [
    { label: words.delivery, value: words.deliveries[streams ? delivery : 'stills'] },
    ...known(words.latencyFact, stats.latencyMs, seconds),
    ...known(words.target, stats.targetLatencyMs, seconds),
    ...known(words.buffered, streams ? stats.bufferedMs : null, seconds),
    ...known(words.shownRate, stats.framesPerSecond, rate),
    ...known(words.loadRate, stats.bytesPerSecond, kilobytes),
    ...known(words.dropped, total > 0 ? dropped : null, (n) => words.droppedOf(count(n), count(total))),
    ...known(words.stalls, stats.stalls, count),
    ...known(words.rebuilt, stats.reconnects, count),
  ];
}

/** For a message to whoever helps. */
export const asText = (title: string, lists: readonly (readonly Fact[])[]): string =>
  [title, ...lists.flat().map(({ label, value }) => `${label}: ${typeof value === 'string' ? value : ''}`)].join('\n');
