/**
 * Where the service and its page are: below one path, which is `/` unless the page was built for another one
 * (`VITE_BASE=/printers/ npm run build`) because a proxy serves it there.
 */

/** The base path without its last slash, as the router takes it and as an address begins. */
export const basePath: string = import.meta.env.BASE_URL.replace(/\/$/u, '');

/** Returns the address of the service's `path`. */
export const address = (path: `/${string}`): string => basePath + path;
