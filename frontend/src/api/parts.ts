/**
 * Code that comes after the page: every `import()` goes through here. None of them fails for good. A part that could not
 * be fetched is fetched again when the service answers, and where that does not help, the page is loaded again.
 */
import { savesData } from '@/base/saveData';
import { address, endpoints } from './address';
import { isPageServed, outdatedBy } from './build';

type Load<Module> = () => Promise<Module>;

/** When the code is fetched that nobody waits for yet: in idle time, when somebody points at a link to it, or not at all. */
export type Ahead = 'soon' | 'on hover' | 'never';

const retryMs = 2_000;
/** If an import fails more often than this while the service answers, only a new page helps. */
const hopeless = 3;
/** The parts that are to be fetched ahead; `null` once that has begun. */
let waitingAhead: Part<unknown>[] | null = [];
/** The parts that are being fetched. */
const underWay = new Set<Promise<unknown>>();
/** The parts that somebody waits for and only a new page can fetch. */
const missing = new Set<Part<unknown>>();

export class Part<Module> {
  /** `null` until it is loaded. */
  module: Module | null = null;
  readonly #load: Load<Module>;
  readonly #ahead: Ahead;
  #loading: Promise<Module> | null = null;
  #isAwaited = false;

  /** `load` only calls `import()`. `soon`: the part is small and may be needed while the service is away. */
  constructor(load: Load<Module>, ahead: Ahead = 'soon') {
    this.#load = load;
    this.#ahead = ahead;
    if (ahead === 'soon' && waitingAhead === null) {
      this.fetchAhead();
    } else if (ahead === 'soon') {
      waitingAhead?.push(this);
    }
  }

  /** Waits until the part is loaded. */
  readonly get: Load<Module> = () => {
    this.#isAwaited = true;
    return this.#begin();
  };

  /** Nobody waits for this part yet, so its failure does not make the page outdated. */
  fetchAhead(): void {
    void this.#begin();
  }

  /** Somebody points at what leads here. */
  fetchOnHover(): void {
    if (this.#ahead !== 'never' && !savesData()) {
      this.fetchAhead();
    }
  }

  #begin(): Promise<Module> {
    if (this.#loading === null) {
      const loading = this.#fetch();
      this.#loading = loading;
      underWay.add(loading);
      void loading.then(() => underWay.delete(loading));
    }
    return this.#loading;
  }

  async #fetch(): Promise<Module> {
    let load = this.#load;
    for (let failures = 0; ; ) {
      let failure: unknown = null;
      try {
        const module = await load();
        if (brokenStyles.size === 0) {
          this.module = module;
          // It loaded after all.
          if (missing.delete(this) && missing.size === 0 && outdatedBy.value === 'part') {
            outdatedBy.set(null);
          }
          return module;
        }
      } catch (thrown) {
        failure = thrown;
      }
      failures += 1;
      if (failures > 1) {
        await pause();
      }
      await whenServed();
      if (failures > hopeless && this.#isAwaited) {
        missing.add(this);
        outdatedBy.set(outdatedBy.value ?? 'part');
      }
      if (failures > 1) {
        load = again(this.#load, failure, failures);
      }
    }
  }
}

/** Waits until the browser has nothing to do. Safari has no idle callbacks. */
export const idle = () => new Promise<void>((resolve) => ('requestIdleCallback' in window ? requestIdleCallback(() => resolve(), { timeout: 5_000 }) : setTimeout(resolve)));

/** Fetches all parts that are registered to be fetched ahead, and from now on those that register later. */
export async function fetchAhead(): Promise<void> {
  if (savesData()) {
    return;
  }
  // The page that is being opened comes first: the parts it waits for, their rendering, and what they wait for in turn.
  while (underWay.size > 0) {
    await Promise.all(underWay);
    await idle();
  }
  const parts = waitingAhead ?? [];
  waitingAhead = null;
  for (const part of parts) {
    part.fetchAhead();
  }
}

/** Some browsers remember that a module could not be fetched, as Chromium did (issue 534781954). Another address is another module. */
function again<Module>(load: Load<Module>, thrown: unknown, turn: number): Load<Module> {
  const script = /https?:[^\s?]+\.js/u.exec(String(thrown))?.[0];
  return script === undefined ? load : () => import(/* @vite-ignore */ `${script}?again=${turn}`) as Promise<Module>;
}

/** Style sheets that failed to load. The element itself does not say so, and Vite links each sheet only once. */
const brokenStyles = new Set<HTMLLinkElement>();
const ownAssets = new URL(address(endpoints.assets), location.href).href;
// This listens from the start, because a later listener misses earlier errors. Browser extensions have style sheets of their own.
document.addEventListener(
  'error',
  ({ target }) => target instanceof HTMLLinkElement && target.rel === 'stylesheet' && target.href.startsWith(ownAssets) && brokenStyles.add(target),
  true,
);

async function renewStyles(): Promise<void> {
  const broken = [...brokenStyles];
  brokenStyles.clear();
  await Promise.all(
    broken.map(async (link) => {
      const fresh = link.cloneNode() as HTMLLinkElement;
      const settled = new Promise((settle) => {
        fresh.addEventListener('load', settle);
        fresh.addEventListener('error', settle);
      });
      link.replaceWith(fresh);
      await settled;
    }),
  );
}

let waiting: Promise<void> | null = null;

/** Runs once for all waiting parts: waits until the service answers, and requests again the styles that failed to load. */
function whenServed(): Promise<void> {
  waiting ??= (async () => {
    while (!(await isPageServed())) {
      await pause();
    }
    await renewStyles();
    waiting = null;
  })();
  return waiting;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, retryMs));
