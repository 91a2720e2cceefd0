/** Which build of the page this is, and whether the service has a newer one. */
import { Signal } from '@/base/signal';
import { address } from './address';
import { signInEnded } from './signIn';

const answerMs = 10_000;

/**
 * What a page says of its build: what the service wrote into it, or else, where nginx serves it, the name of its script,
 * which has the hash of all code in it. Empty for what is not our page, and for the development server's.
 */
const buildOf = (page: Document): string =>
  page.querySelector<HTMLMetaElement>('meta[name="build"]')?.content ??
  page.querySelector(`script[type="module"][src^="${address('/assets/')}"]`)?.getAttribute('src') ??
  '';

const ownBuild = buildOf(document);

/** Why the page should be loaded again: the build that replaced it, or `part` for code that only a new page can fetch. */
export const outdatedBy = new Signal<string | null>(null);

/** A service that begins to speak says which build it serves: `null` where it serves none, as behind nginx. */
export function hearBuild(served: string | null): void {
  if (served !== null && !ownBuild.startsWith('/')) {
    buildIs(served);
  } else if (ownBuild !== '') {
    void isPageServed();
  }
}

function buildIs(served: string): void {
  if (ownBuild !== '' && outdatedBy.value !== 'part') {
    outdatedBy.set(served === ownBuild ? null : served);
  }
}

/** Asks for the page itself. `false`: nobody answers, or not with our page. */
export const isPageServed = async (): Promise<boolean> => (await servedBuild()) !== null;

/** The build of the page that is served now, empty where it does not say. `null`: nobody answers, or not with our page. */
export async function servedBuild(): Promise<string | null> {
  if (signInEnded.value) {
    return null;
  }
  const asking = new AbortController();
  const timer = setTimeout(() => asking.abort(), answerMs);
  try {
    const answer = await fetch(address('/'), { cache: 'no-store', redirect: 'manual', signal: asking.signal });
    const served = answer.ok ? buildOf(new DOMParser().parseFromString(await answer.text(), 'text/html')) : null;
    // Whoever answers in place of the page, such as a captive portal, names no build.
    if (served === null || (served === '' && ownBuild !== '')) {
      return null;
    }
    buildIs(served);
    return served;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
