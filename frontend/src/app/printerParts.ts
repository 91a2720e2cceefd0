/** What the wall and a printer's page share, and need only after the first tile. */
import { Part } from '@/api/parts';
import { later } from '@/ui/later';
import { onePrinterBeside } from './onePrinter';

const onePrinter = onePrinterBeside ?? new Part(() => import('./OnePrinter'));
export const OnePrinter = later(onePrinter, (part) => part.OnePrinter);
export const WallControls = later(new Part(() => import('./WallControls')), (part) => part.WallControls);
