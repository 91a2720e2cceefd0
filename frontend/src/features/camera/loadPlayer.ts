/** The player comes beside the page and not as part of it: a tile with its still is there before one is needed. */
import { Part } from '@/api/parts';

const player = new Part(() => import('./player/player'));
// Begun at once, so that it is mostly here when a camera asks.
player.fetchAhead();

export const loadPlayer = async () => (await player.get()).Player;
