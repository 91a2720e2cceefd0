/** The player comes beside the page and not as part of it: a tile with its still is there before one is needed. */
import type { Player } from './player/player';

const retryMs = 2_000;

async function load(): Promise<typeof Player> {
  try {
    return (await import('./player/player')).Player;
  } catch {
    // The service went away just now.
    await new Promise((resolve) => {
      setTimeout(resolve, retryMs);
    });
    return load();
  }
}

/** Begun at once, so that it is mostly here when a camera asks. */
export const playerLoading = load();
