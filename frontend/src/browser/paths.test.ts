import { afterEach, describe, expect, it, vi } from 'vitest';
import { paths } from './paths';

describe('the addresses of the pages', () => {
  it('are what people have in their bookmarks', () => {
    expect([paths.wall, paths.printer(3), paths.printers, paths.addPrinter, paths.editPrinter(3)]).toEqual([
      '/',
      '/p/3',
      '/printers',
      '/printers/new',
      '/printers/3/edit',
    ]);
  });
});

describe('the addresses of the service', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.resetModules();
  });

  it.each([
    ['/', '/api/printers'],
    ['/cameras/', '/cameras/api/printers'],
  ])('below %s begin with it', async (base, expected) => {
    vi.stubEnv('BASE_URL', base);
    vi.resetModules();
    const { address } = await import('@/api/address');
    expect(address('/api/printers')).toBe(expected);
  });

  it('are asked for below the base path', async () => {
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
});
