/** The test of a printer: the service reports each stage while it runs. The test saves nothing. */
import * as v from 'valibot';
import { endpoints } from './address';
import { adviceFields, inWords } from './advice';
import { orElse } from './fields';
import { Problem } from './problem';
import type { Draft } from './printers';
import { type Path, openStream } from './request';
import { EventReader, chunksOf } from './sse';
import { texts } from '@/texts';

export const stageNames = [
  'address',
  'mqtt-port',
  'certificate',
  'access-code',
  'first-report',
  'commands',
  'camera-port',
  'key-frame',
] as const;
export type StageName = (typeof stageNames)[number];

export const outcomes = ['passed', 'warned', 'failed'] as const;
export type TestOutcome = (typeof outcomes)[number];

/** The service ends a test after 60 s; a test that is silent for longer is lost. */
const longestMs = 75_000;

const stageName = v.picklist(stageNames);

export const testEventSchemas = {
  /** A newer service may know further stages; they are not shown. */
  stages: v.object({ stages: v.array(v.string()) }),
  stage: v.pipe(
    v.object({
      stage: stageName,
      state: v.picklist(['running', 'skipped', ...outcomes]),
      ms: orElse(v.number(), null),
      /** What was found and, if something is wrong, what to do. */
      sentence: orElse(v.string(), null),
      /** The serial number in the certificate, if it differs from the one that was typed. */
      foundSerial: orElse(v.string(), null),
      ...adviceFields,
    }),
    v.transform(({ code, params, ...stage }) => ({ ...stage, sentence: inWords({ code, params, sentence: stage.sentence }) })),
  ),
  done: v.object({ state: v.picklist(outcomes) }),
};

type Schemas = typeof testEventSchemas;
export type TestEvent = { [K in keyof Schemas]: { readonly type: K } & v.InferOutput<Schemas[K]> }[keyof Schemas];
export type StageEvent = Extract<TestEvent, { type: 'stage' }>;

/** Runs one test to its end, or throws a `Problem`. */
export type Test = (onEvent: (event: TestEvent) => void, signal: AbortSignal) => Promise<void>;

/** The typed fields. `id` names the saved printer whose access code is used if none was typed. */
export type TestedDraft = Draft & { readonly id: number | null };

export const testOfDraft =
  (draft: TestedDraft): Test =>
  (onEvent, signal) =>
    // The form requires a name only when the printer is saved.
    run(endpoints.testDraft, { ...draft, name: draft.name || undefined }, onEvent, signal);

/** Tests a printer as it is saved. */
export const testOfPrinter =
  (id: number): Test =>
  (onEvent, signal) =>
    run(endpoints.test(id), undefined, onEvent, signal);

async function run(path: Path, body: unknown, onEvent: (event: TestEvent) => void, outer: AbortSignal): Promise<void> {
  // Not every browser can join two signals.
  const ours = new AbortController();
  const stop = () => ours.abort();
  const timer = setTimeout(stop, longestMs);
  outer.addEventListener('abort', stop);
  const reader = new EventReader();
  try {
    for await (const chunk of chunksOf(await openStream(path, ours.signal, 'POST', body))) {
      for (const { type, data } of reader.push(chunk)) {
        const event = parsed(type, data);
        if (event !== null) {
          onEvent(event);
        }
        if (event?.type === 'done') {
          return;
        }
      }
    }
  } catch (thrown) {
    throw thrown instanceof Problem || outer.aborted ? thrown : new Problem('unreachable', texts.stages.cut);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', stop);
    ours.abort();
  }
  throw new Problem('unreachable', texts.stages.cut);
}

function parsed(type: string, data: string): TestEvent | null {
  if (!Object.hasOwn(testEventSchemas, type)) {
    return null;
  }
  const schema: v.GenericSchema = testEventSchemas[type as keyof Schemas];
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), data);
  return result.success ? ({ type, ...(result.output as object) } as TestEvent) : null;
}
