/**
 * Where the service and its page are: below one path, which is `/` unless the page was built for another one
 * (`VITE_BASE=/printers/ npm run build`) because a proxy serves it there.
 */

/** Without its last slash: what the router takes, and what an address begins with. */
export const basePath: string = import.meta.env.BASE_URL.replace(/\/$/u, '');

/** The address of something that the service has at `path`. */
export const address = (path: `/${string}`): string => basePath + path;
