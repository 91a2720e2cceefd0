/** The code of a printer's page, where the address leads there: `main` fetches it before React is there. */
import { basePath } from '@/api/address';
import { Part } from '@/api/parts';
import { isPrinterPath } from '@/browser/paths';

export const onePrinterBeside = isPrinterPath(location.pathname.slice(basePath.length)) ? new Part(() => import('./OnePrinter')) : null;
