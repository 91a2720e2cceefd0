/** Who plays live when not all can. Pure. */

/** A camera that would like to play, and what speaks for it. */
export interface LiveRequest {
  /** A person said: play, whatever else. It has a place of its own. */
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
}

/** Who plays, and since when. */
export type Playing = ReadonlyMap<string, number>;

interface Shared {
  readonly playing: Playing;
  /** When to share again although no wish changes: somebody's time to be left alone ends. `null` for never. */
  readonly againMs: number | null;
}

/** A picture that was begun is left alone for so long. */
export const keepMs = 10_000;
/** Who plays keeps its place against who has little more to say for itself: pictures must not take turns. */
const bonus = 0.3;

const weight = ({ insists, needsYou, attended, inView, away }: LiveRequest, plays: boolean): number =>
  (insists ? 100 : 0) + (away ? -10 : 0) + (needsYou ? 4 : 0) + (attended ? 2 : 0) + inView + (plays ? bonus : 0);

/** Hands out `places`: to who was begun just now, then to who needs somebody, is attended to, and is most in view. */
export function allotPlaces(wishes: ReadonlyMap<string, LiveRequest>, places: number, before: Playing, nowMs: number): Shared {
  const insisting = [...wishes.values()].filter(({ insists }) => insists).length;
  const isKept = (key: string, { insists, away }: LiveRequest): boolean => insists || (!away && nowMs - (before.get(key) ?? -Infinity) < keepMs);
  const ranked = [...wishes]
    .map(([key, wish]) => ({ key, kept: isKept(key, wish), weight: weight(wish, before.has(key)), order: wish.order }))
    .toSorted((a, b) => Number(b.kept) - Number(a.kept) || b.weight - a.weight || a.order - b.order);
  const playing = ranked.slice(0, Math.max(places, insisting));
  const keptUntil = playing.map(({ key }) => (before.get(key) ?? nowMs) + keepMs).filter((untilMs) => untilMs > nowMs);
  return {
    playing: new Map(playing.map(({ key }) => [key, before.get(key) ?? nowMs])),
    againMs: ranked.length > places && keptUntil.length > 0 ? Math.min(...keptUntil) : null,
  };
}
