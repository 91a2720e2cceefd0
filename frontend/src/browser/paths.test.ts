import { afterEach, expect, it, vi } from 'vitest';
import { isPrinterPath, paths } from './paths';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

/** Each path with its name; what is made for a printer is made for printer 3. */
const listed = (tree: Readonly<Record<string, string | ((id: number) => string)>>, address: (path: `/${string}`) => string = (path) => path): readonly string[] =>
  Object.entries(tree).map(([name, path]) => `${name} ${address((typeof path === 'string' ? path : path(3)) as `/${string}`)}`);

/** The paths of the service in a page that was built for `base`. */
async function endpointsBelow(base: string): Promise<readonly string[]> {
  vi.stubEnv('BASE_URL', base);
  vi.resetModules();
  const { address, endpoints } = await import('@/api/address');
  return listed(endpoints, address);
}

it('the pages are where people have their bookmarks', () => {
  expect(listed(paths as Parameters<typeof listed>[0])).toMatchInlineSnapshot(`
    [
      "wall /",
      "printer /p/3",
      "printers /printers",
      "addPrinter /printers/new",
      "editPrinter /printers/3/edit",
    ]
  `);
});

it('the page of a printer is known by its path', () => {
  expect(Object.values(paths).filter((path) => isPrinterPath(typeof path === 'string' ? path : path(3)))).toEqual([paths.printer]);
});

it('the service is asked at these addresses', async () => {
  expect(await endpointsBelow('/')).toMatchInlineSnapshot(`
    [
      "page /",
      "assets /assets/",
      "icon /favicon.svg",
      "events /api/events",
      "printers /api/printers",
      "printer /api/printers/3",
      "found /api/found",
      "foundStream /api/found/stream",
      "scan /api/found/scan",
      "greet /api/found/greet",
      "testDraft /api/printers/test",
      "test /api/printers/3/test",
      "camera /api/printers/3/camera",
      "status /api/printers/3/status",
      "history /api/printers/3/history",
      "command /api/printers/3/command",
      "still /api/printers/3/still.mp4",
      "picture /api/printers/3/still.jpg",
      "playlist /hls/3/stream.m3u8",
      "lowLatencyPlaylist /hls/3/stream_ll.m3u8",
    ]
  `);
});

it('the service is asked below the base path', async () => {
  expect(await endpointsBelow('/cameras/')).toEqual((await endpointsBelow('/')).map((line) => line.replace(' ', ' /cameras')));
});

it('requests go below the base path', async () => {
  vi.stubEnv('BASE_URL', '/cameras/');
  vi.resetModules();
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    return new Response('[]');
  });
  const { listPrinters, playlists } = await import('@/api/printers');
  await listPrinters(new AbortController().signal);
  expect([...asked, playlists(3).standard]).toEqual(['/cameras/api/printers', '/cameras/hls/3/stream.m3u8']);
});
