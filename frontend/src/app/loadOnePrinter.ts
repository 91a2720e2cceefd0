/**
 * The page of one printer is no part of what has to be there before the first tile. It is fetched right after, since a
 * page cannot be fetched while the service is away.
 */
export const loadOnePrinter = () => import('./OnePrinter');

addEventListener('load', () => setTimeout(() => void loadOnePrinter().catch(() => undefined), 1_000), { once: true });
