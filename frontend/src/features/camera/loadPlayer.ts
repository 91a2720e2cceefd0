/** The player is loaded after the page: a tile shows its still before it needs a player. */
import { Part } from '@/api/parts';
import { savesData } from '@/base/saveData';
import { picturesChoice } from './budget/liveBudget';
import { hlsCode, playsHls } from './player/hlsCode';

const player = new Part(() => import('./player/player'));
// Begun at once, so that it is mostly here when a camera asks.
player.fetchAhead();

/** hls.js comes beside the player, or it would begin a round trip later. Before a picture is there, its 111 KB would hold up the page. */
export const loadPlayer = async () => {
  if (picturesChoice.read() === 'live' && !savesData() && playsHls()) {
    hlsCode.fetchAhead();
  }
  return (await player.get()).Player;
};
