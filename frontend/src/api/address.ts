/**
 * Where the service and its page are: below one path, which is `/` unless the page was built for another one
 * (`VITE_BASE=/printers/ npm run build`) because a proxy serves it there.
 */

/** The base path without its last slash, as the router takes it and as an address begins. */
export const basePath: string = import.meta.env.BASE_URL.replace(/\/$/u, '');

/** Returns the address of the service's `path`. */
export const address = (path: `/${string}`): string => basePath + path;

const printers = '/api/printers' as const;
const printer = (id: number) => `${printers}/${id}` as const;
const hls = (id: number) => `/hls/${id}` as const;

/** What the service has where, below the base path. Nothing else in the page spells one of its paths. */
export const endpoints = {
  page: '/',
  assets: '/assets/',
  icon: '/favicon.svg',
  events: '/api/events',
  printers,
  printer,
  found: '/api/found',
  foundStream: '/api/found/stream',
  scan: '/api/found/scan',
  greet: '/api/found/greet',
  testDraft: `${printers}/test`,
  test: (id: number) => `${printer(id)}/test` as const,
  camera: (id: number) => `${printer(id)}/camera` as const,
  status: (id: number) => `${printer(id)}/status` as const,
  history: (id: number) => `${printer(id)}/history` as const,
  command: (id: number) => `${printer(id)}/command` as const,
  still: (id: number) => `${printer(id)}/still.mp4` as const,
  picture: (id: number) => `${printer(id)}/still.jpg` as const,
  playlist: (id: number) => `${hls(id)}/stream.m3u8` as const,
  lowLatencyPlaylist: (id: number) => `${hls(id)}/stream_ll.m3u8` as const,
} as const;
