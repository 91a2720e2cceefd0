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
  if (ownBuild !== null && served !== null && outdatedBy.value !== 'part') {
    outdatedBy.set(served === ownBuild ? null : served);
  }
}

/** Asks for the page itself. `false`: nobody answers, or not with our page. */
export async function isPageServed(): Promise<boolean> {
  if (signInEnded.value) {
    return false;
  }
  const asking = new AbortController();
  const timer = setTimeout(() => asking.abort(), answerMs);
  try {
    const answer = await fetch(address('/'), { cache: 'no-store', redirect: 'manual', signal: asking.signal });
    if (!answer.ok) {
      return false;
    }
    buildIs(inHead.exec(await answer.text())?.[1] ?? null);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
