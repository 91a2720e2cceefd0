/** Which build of the page this is, and whether the service has a newer one. */
import { Signal } from '@/base/signal';
import { address } from './address';
import { signInEnded } from './signIn';

const answerMs = 10_000;
const inHead = /<meta name="build" content="(\w+)"/u;

/** `null` where the service does not say, as the development server. */
const ownBuild = document.querySelector<HTMLMetaElement>('meta[name="build"]')?.content ?? null;

/** Why the page should be loaded again: the build that replaced it, or `part` for code that only a new page can fetch. */
export const outdatedBy = new Signal<string | null>(null);

/** The service says which build it serves now. */
export function buildIs(served: string | null): void {
  if (ownBuild !== null && served !== null && served !== '' && outdatedBy.value !== 'part') {
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
    const served = answer.ok ? buildIn(await answer.text()) : null;
    // Whoever answers in place of the page, such as a captive portal, names no build.
    if (served === null || (served === '' && ownBuild !== null)) {
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

const buildIn = (html: string): string => inHead.exec(html)?.[1] ?? '';
