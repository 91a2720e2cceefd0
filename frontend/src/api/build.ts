/** Which build of the page this is, and whether the service has a newer one. */
import { Signal } from '@/base/signal';
import { address, endpoints } from './address';
import { signInEnded } from './signIn';

const answerMs = 10_000;

/**
 * Returns the build that a page names: the id that the service wrote into it or, if nginx serves it, the name of its script,
 * which contains the hash of all code. Empty for a document that is not our page, and for the development server's.
 */
const buildOf = (page: Document): string =>
  page.querySelector<HTMLMetaElement>('meta[name="build"]')?.content ??
  page.querySelector(`script[type="module"][src^="${address(endpoints.assets)}"]`)?.getAttribute('src') ??
  '';

const ownBuild = buildOf(document);

/** Why the page should reload: the id of the build that replaced it, or `part` if only a new page can fetch some code. */
export const outdatedBy = new Signal<string | null>(null);

/** The service's first event names the build that it serves: `null` if it serves none, as behind nginx. */
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

/** Requests the page itself. `false`: there is no answer, or it is not our page. */
export const isPageServed = async (): Promise<boolean> => (await servedBuild()) !== null;

/** Returns the build of the page that is served now, empty if it names none. `null`: there is no answer, or it is not our page. */
export async function servedBuild(): Promise<string | null> {
  if (signInEnded.value) {
    return null;
  }
  const asking = new AbortController();
  const timer = setTimeout(() => asking.abort(), answerMs);
  try {
    const answer = await fetch(address(endpoints.page), { cache: 'no-store', redirect: 'manual', signal: asking.signal });
    const served = answer.ok ? buildOf(new DOMParser().parseFromString(await answer.text(), 'text/html')) : null;
    // Another page that answers, such as a captive portal's, names no build.
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
