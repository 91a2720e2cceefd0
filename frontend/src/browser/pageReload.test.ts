import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

let served: string;
let reload: ReturnType<typeof vi.fn>;

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
  served = 'two';
  document.head.innerHTML = '<meta name="build" content="one" />';
  vi.stubGlobal('fetch', async () => new Response(`<meta name="build" content="${served}" />`));
});
afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  document.body.innerHTML = '';
});

/** The page as it begins. */
async function load() {
  vi.resetModules();
  reload = vi.spyOn(location, 'reload').mockImplementation(() => undefined);
  const { buildIs } = await import('@/api/build');
  const { followBuild, offersReload } = await import('./pageReload');
  followBuild();
  /** The service says that it serves this build, and time goes by. */
  const hears = async (build: string, ms = 3_000) => {
    buildIs(build);
    await vi.advanceTimersByTimeAsync(ms);
  };
  return { hears, offersReload };
}

describe('a page that was replaced', () => {
  it('loads itself again', async () => {
    const { hears } = await load();
    await hears('two');
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it('does not while the page that is served is not the build it waits for', async () => {
    served = 'one';
    const { hears } = await load();
    await hears('two');
    expect(reload).not.toHaveBeenCalled();
  });

  it('does not while something else answers in place of the page', async () => {
    vi.stubGlobal('fetch', async () => new Response('Down for maintenance.'));
    const { hears } = await load();
    await hears('two', 60_000);
    expect(reload).not.toHaveBeenCalled();
  });
});
