/** The player comes beside the page and not as part of it: a tile with its still is there before one is needed. */
import { Part } from '@/api/parts';
import { savesData } from '@/base/saveData';
import { picturesChoice } from './budget/liveBudget';
import { hlsCode, playsHls } from './player/hlsCode';

const player = new Part(() => import('./player/player'));
// Begun at once, so that it is mostly here when a camera asks. So is what it will ask for: else that is begun a round trip
// later, when the player is here and has a place.
player.fetchAhead();
if (picturesChoice.read() === 'live' && !savesData() && playsHls()) {
  hlsCode.fetchAhead();
}

export const loadPlayer = async () => (await player.get()).Player;
