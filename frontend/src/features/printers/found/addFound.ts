/** Adds a printer that was found: its code is tried first, and what comes after that its own page tells. */
import type { FoundPrinter } from '@/api/found';
import { Problem } from '@/api/problem';
import { type Draft, addPrinter } from '@/api/printers';
import type { Printer } from '@/api/schemas';
import { type StageEvent, testOfDraft } from '@/api/stages';
import { nameFor } from '@/fleet/models';

/** The stage that shows that it is this printer, and that it takes this code. A camera may need much longer. */
const enough: StageEvent['stage'] = 'access-code';

export function draftOfFound({ serial, host, name }: FoundPrinter, accessCode: string, taken: readonly string[]): Draft {
  const free = name !== null && !taken.includes(name) ? name : nameFor(serial, taken);
  return { name: free || serial, host, serial, accessCode, rtspUrl: null, cameraFingerprint: null };
}

/** Throws a `Problem` with the sentence of the stage that failed. */
export async function testThenAdd(draft: Draft): Promise<Printer> {
  const testing = new AbortController();
  const end: { failed: string | null; isEnough: boolean } = { failed: null, isEnough: false };
  try {
    await testOfDraft({ ...draft, id: null })((event) => {
      if (event.type === 'stage' && event.state === 'failed') {
        end.failed ??= event.sentence;
      }
      if (event.type === 'stage' && event.stage === enough && (event.state === 'passed' || event.state === 'warned')) {
        end.isEnough = true;
        testing.abort();
      }
    }, testing.signal);
  } catch (thrown) {
    if (!end.isEnough) {
      throw thrown;
    }
  }
  if (!end.isEnough && end.failed !== null) {
    throw new Problem('refused', end.failed);
  }
  return addPrinter(draft);
}

/** Does it for all, a few at a time: the service runs four tests at once. */
export async function inTurns<T>(all: readonly T[], act: (one: T) => Promise<unknown>, atOnce = 3): Promise<void> {
  const rest = [...all];
  const work = async () => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) {
      // eslint-disable-next-line no-await-in-loop -- one after the other is the point
      await act(one);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
