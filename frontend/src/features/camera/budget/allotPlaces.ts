/** Who plays live when not all can. Pure. */
import type { Cost } from '@/features/camera/source';
import { type Bound, type Reason, reasonFor } from './capacity';

/** A camera that would like to play, and what speaks for it. */
export interface LiveRequest {
  /** A person asked for this camera in particular. It has a place of its own. */
  readonly insists: boolean;
  /** Somebody is needed at this printer. */
  readonly needsYou: boolean;
  /** A pointer or the focus is on it. */
  readonly attended: boolean;
  /** How much of it is in view, 0 to 1. */
  readonly inView: number;
  /** It has no pictures to play: it may have a place that nobody else wants. */
  readonly away: boolean;
  /** Its place on the page, which decides where nothing else does. */
  readonly order: number;
  /** What it takes while it plays. */
  readonly cost: Cost;
}

/** Who plays, and since when. */
export type Playing = ReadonlyMap<string, number>;

interface Shared {
  readonly playing: Playing;
  /** When to share again although no wish changes: somebody's time to be left alone ends. `null` for never. */
  readonly againMs: number | null;
  /** Why the first of those who may not play may not; `null` where all may. */
  readonly reason: Reason | null;
}

/** A camera that started to play keeps its place for at least this long. */
export const keepMs = 10_000;
/** A camera that plays keeps its place unless another has a clearly higher priority. Otherwise two cameras would take turns. */
const bonus = 0.3;

const weight = ({ insists, needsYou, attended, inView, away }: LiveRequest, plays: boolean): number =>
  (insists ? 100 : 0) + (away ? -10 : 0) + (needsYou ? 4 : 0) + (attended ? 2 : 0) + inView + (plays ? bonus : 0);

/**
 * Shares out what there is within `bounds`: to who was begun just now, then to who needs somebody, is attended to, and is
 * most in view. Who costs less may still fit where a more important one did not.
 */
export function allotPlaces(wishes: ReadonlyMap<string, LiveRequest>, bounds: readonly Bound[], before: Playing, nowMs: number): Shared {
  const isKept = (key: string, { insists, away }: LiveRequest): boolean => insists || (!away && nowMs - (before.get(key) ?? -Infinity) < keepMs);
  const ranked = [...wishes]
    .map(([key, wish]) => ({ key, wish, kept: isKept(key, wish), weight: weight(wish, before.has(key)) }))
    .toSorted((a, b) => Number(b.kept) - Number(a.kept) || b.weight - a.weight || a.wish.order - b.wish.order);
  const playing = new Map<string, number>();
  let taken: Cost = { decoders: 0, connections: 0 };
  let left: Cost | null = null;
  for (const { key, wish } of ranked) {
    const together: Cost = { decoders: taken.decoders + wish.cost.decoders, connections: taken.connections + wish.cost.connections };
    if (wish.insists || bounds.every(({ of, most }) => wish.cost[of] === 0 || together[of] <= most)) {
      playing.set(key, before.get(key) ?? nowMs);
      taken = together;
    } else {
      left ??= wish.cost;
    }
  }
  const keptUntil = [...playing.values()].map((sinceMs) => sinceMs + keepMs).filter((untilMs) => untilMs > nowMs);
  return {
    playing,
    againMs: left !== null && keptUntil.length > 0 ? Math.min(...keptUntil) : null,
    reason: left === null ? null : reasonFor(left, bounds),
  };
}
