import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const page = '<head><meta name="build" content="two" /></head>';

let Part: typeof import('./parts').Part;
let fetchAhead: typeof import('./parts').fetchAhead;
let outdatedBy: typeof import('./build').outdatedBy;
let isServed: boolean;
let asked: number;

beforeEach(async () => {
  vi.resetModules();
  ({ outdatedBy } = await import('./build'));
  ({ Part, fetchAhead } = await import('./parts'));
  vi.useFakeTimers();
  isServed = false;
  asked = 0;
  vi.stubGlobal('fetch', async () => {
    asked += 1;
    if (!isServed) {
      throw new TypeError('Failed to fetch');
    }
    return new Response(page);
  });
});
afterEach(() => vi.useRealTimers());

/** Returns an import that fails this many times. */
function failing(times: number) {
  const load = vi.fn<() => Promise<{ word: string }>>(async () => {
    if (load.mock.calls.length <= times) {
      throw new TypeError('Importing a module script failed.');
    }
    return { word: 'here' };
  });
  return load;
}

describe('a part of the page', () => {
  it('is fetched once, however many ask for it', async () => {
    const load = failing(0);
    const part = new Part(load);
    expect(part.module).toBeNull();
    expect(await Promise.all([part.get(), part.get()])).toEqual([{ word: 'here' }, { word: 'here' }]);
    expect(part.module).toEqual({ word: 'here' });
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('that could not be fetched is fetched again when the service answers, and not before', async () => {
    const load = failing(1);
    const got = new Part(load).get();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(1);
    isServed = true;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await got).toEqual({ word: 'here' });
    expect(outdatedBy.value).toBeNull();
  });

  it('asks the service one question for all that wait', async () => {
    const parts = [new Part(failing(1)), new Part(failing(1))];
    const got = Promise.all(parts.map((part) => part.get()));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked).toBeLessThan(12);
    isServed = true;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await got).toHaveLength(2);
  });

  it('that never comes, though the service answers, asks for a new page', async () => {
    isServed = true;
    void new Part(failing(Infinity)).get();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(outdatedBy.value).toBe('part');
  });

  it('that comes late after all needs no new page', async () => {
    isServed = true;
    const got = new Part(failing(5)).get();
    await vi.advanceTimersByTimeAsync(7_000);
    expect(outdatedBy.value).toBe('part');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await got).toEqual({ word: 'here' });
    expect(outdatedBy.value).toBeNull();
  });

  it('that comes takes back nothing for another one that does not', async () => {
    isServed = true;
    void new Part(failing(Infinity)).get();
    const got = new Part(failing(5)).get();
    const values: (string | null)[] = [];
    outdatedBy.subscribe(() => values.push(outdatedBy.value));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await got).toEqual({ word: 'here' });
    expect(values).toEqual(['part']);
  });

  it('that nobody waits for yet needs no new page', async () => {
    isServed = true;
    const part = new Part(failing(Infinity));
    void fetchAhead();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(outdatedBy.value).toBeNull();
    void part.get();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(outdatedBy.value).toBe('part');
  });

  it.each([
    ['/assets/Stage.css', true],
    ['https://elsewhere.example/extension.css', false],
  ])('waits for a style sheet that failed where that is its own: %s', async (href, waits) => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet' });
    document.body.append(link);
    Object.defineProperty(link, 'href', { value: new URL(href, location.href).href });
    link.dispatchEvent(new Event('error'));
    const part = new Part(failing(0));
    void part.get();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(part.module === null).toBe(waits);
    // The page answers, and the sheet comes.
    isServed = true;
    await vi.advanceTimersByTimeAsync(5_000);
    document.querySelectorAll('link').forEach((fresh) => fresh.dispatchEvent(new Event('load')));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(part.module).toEqual({ word: 'here' });
    document.querySelectorAll('link').forEach((fresh) => fresh.remove());
  });
});

/** How often each of three parts was fetched: `soon`, `on hover` and `never`. */
async function fetched(act: (parts: readonly InstanceType<typeof Part>[]) => void): Promise<readonly number[]> {
  const loads = [failing(0), failing(0), failing(0)] as const;
  act([new Part(loads[0], 'soon'), new Part(loads[1], 'on hover'), new Part(loads[2], 'never')]);
  await vi.advanceTimersByTimeAsync(10);
  return loads.map((load) => load.mock.calls.length);
}

const savesData = () => Object.defineProperty(navigator, 'connection', { configurable: true, value: { saveData: true } });

describe('code that nobody waits for yet', () => {
  afterEach(() => Reflect.deleteProperty(navigator, 'connection'));

  it('is fetched soon, where it is needed soon', async () => {
    expect(await fetched(() => void fetchAhead())).toEqual([1, 0, 0]);
  });

  it('comes after the parts that the page needs now', async () => {
    const arrivals: ((module: object) => void)[] = [];
    const needed = new Part(() => new Promise<object>((resolve) => arrivals.push(resolve)));
    const ahead = failing(0);
    const other = new Part(ahead);
    needed.fetchAhead();
    void fetchAhead();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ahead).not.toHaveBeenCalled();
    arrivals.forEach((arrive) => arrive({}));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(other.module).toEqual({ word: 'here' });
  });

  it('is fetched when somebody points at a link to it, unless it is never to be', async () => {
    expect(await fetched((parts) => parts.forEach((part) => part.fetchOnHover()))).toEqual([1, 1, 0]);
  });

  it('is not fetched where data is saved', async () => {
    savesData();
    expect(
      await fetched((parts) => {
        void fetchAhead();
        parts.forEach((part) => part.fetchOnHover());
      }),
    ).toEqual([0, 0, 0]);
  });
});
