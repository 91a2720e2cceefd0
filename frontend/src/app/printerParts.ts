/** What the wall and a printer's page share, and need only after the first tile. */
import { Part } from '@/api/parts';
import { later } from '@/ui/later';

export const OnePrinter = later(new Part(() => import('./OnePrinter')), (part) => part.OnePrinter);
export const WallControls = later(new Part(() => import('./WallControls')), (part) => part.WallControls);
