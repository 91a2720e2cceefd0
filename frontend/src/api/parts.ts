/**
 * Code that comes after the page: every `import()` goes through here. None of them fails for good. A part that could not
 * be fetched is fetched again when the service answers, and where that does not help, the page is loaded again.
 */
import { address } from './address';
import { isPageServed, outdatedBy } from './build';

type Load<Module> = () => Promise<Module>;

const retryMs = 2_000;
/** After more failures than these, the service being there, a new page is the only way. */
const hopeless = 3;
/** Those that are to be fetched ahead; `null` once that has begun. */
let waitingAhead: Part<unknown>[] | null = [];
/** Those that somebody waits for without hope. */
const missing = new Set<Part<unknown>>();

export class Part<Module> {
  /** `null` until it is here. */
  module: Module | null = null;
  readonly #load: Load<Module>;
  #loading: Promise<Module> | null = null;
  #isAwaited = false;

  /** `load` is nothing but an `import()`. `isAhead`: it is small, and may be needed while the service is away. */
  constructor(load: Load<Module>, isAhead = true) {
    this.#load = load;
    if (isAhead && waitingAhead === null) {
      this.fetchAhead();
    } else if (isAhead) {
      waitingAhead?.push(this);
    }
  }

  /** Waits for as long as it takes. */
  readonly get: Load<Module> = () => {
    this.#isAwaited = true;
    return (this.#loading ??= this.#fetch());
  };

  /** Nobody waits for it yet: while it does not come, the page is good enough. */
  fetchAhead(): void {
    this.#loading ??= this.#fetch();
  }

  async #fetch(): Promise<Module> {
    let load = this.#load;
    for (let failures = 0; ; ) {
      let failure: unknown = null;
      try {
        const module = await load();
        if (brokenStyles.size === 0) {
          this.module = module;
          // It came after all.
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

/** Fetches now what will be needed later, and from now on also what that will need. */
export function fetchAhead(): void {
  const parts = waitingAhead ?? [];
  waitingAhead = null;
  for (const part of parts) {
    part.fetchAhead();
  }
}

/** Some browsers remember that a module could not be fetched, as Chromium did (issue 534781954): another address is another module. */
function again<Module>(load: Load<Module>, thrown: unknown, turn: number): Load<Module> {
  const script = /https?:[^\s?]+\.js/u.exec(String(thrown))?.[0];
  return script === undefined ? load : () => import(/* @vite-ignore */ `${script}?again=${turn}`) as Promise<Module>;
}

/** Style sheets that did not come: the element itself does not tell, and Vite links each sheet only once. */
const brokenStyles = new Set<HTMLLinkElement>();
const ownAssets = new URL(address('/assets/'), location.href).href;
// From the start on: who listens after an error has missed it. Browser extensions have style sheets of their own.
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

/** Once for all parts that wait: the service answers, and has been asked again for the styles that did not come. */
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
