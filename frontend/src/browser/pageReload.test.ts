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

/** The page at its start. */
async function load() {
  vi.resetModules();
  reload = vi.spyOn(location, 'reload').mockImplementation(() => undefined).mockClear();
  const { hearBuild } = await import('@/api/build');
  const { followBuild, offersReload } = await import('./pageReload');
  followBuild();
  /** The service reports that it serves this build, and time passes. */
  const hears = async (build: string, ms = 3_000) => {
    hearBuild(build);
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

  it('pauses between its own reloads, longer each time, where two builds share an address', async () => {
    const minuteMs = 60_000;
    /** How long a newly loaded page only offers to reload. */
    const offersFor = async (build: string, minutes: number) => {
      served = build;
      const { hears, offersReload } = await load();
      await hears(build, (minutes - 5) * minuteMs);
      expect(reload).not.toHaveBeenCalled();
      expect(offersReload.value).toBe(true);
      await vi.advanceTimersByTimeAsync(6 * minuteMs);
      expect(reload).toHaveBeenCalledTimes(1);
    };
    const { hears } = await load();
    await hears('two');
    expect(reload).toHaveBeenCalledTimes(1);
    await offersFor('three', 10);
    await offersFor('two', 60);
    await offersFor('three', 360);
    await offersFor('two', 360);
  });

  it('stays while a menu is open', async () => {
    const find = document.querySelector.bind(document);
    vi.spyOn(document, 'querySelector').mockImplementation((words: string) => (words === ':popover-open' ? document.body : find(words)));
    const { hears, offersReload } = await load();
    await hears('two');
    expect(reload).not.toHaveBeenCalled();
    expect(offersReload.value).toBe(true);
  });

  it('stays when somebody touches it while it asks for the new one', async () => {
    const questions: ((answer: Response) => void)[] = [];
    vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => questions.push(resolve)));
    const { hears } = await load();
    await hears('two');
    document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }));
    expect(questions).toHaveLength(1);
    questions[0]?.(new Response('<meta name="build" content="two" />'));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(reload).not.toHaveBeenCalled();
  });

  it('only offers it where it could not remember having done it', async () => {
    const setItem = vi.fn<() => void>().mockThrow(new DOMException('full', 'QuotaExceededError'));
    vi.stubGlobal('sessionStorage', { getItem: () => null, setItem });
    const { hears, offersReload } = await load();
    await hears('two', 60_000);
    expect(reload).not.toHaveBeenCalled();
    expect(offersReload.value).toBe(true);
  });
});
