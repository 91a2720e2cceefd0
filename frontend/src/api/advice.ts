/**
 * What the service says of one thing: a code that stays the same, what differs from one time to the next, and the sentence
 * in English. A catalogue may have words of its own for a code; a service from before the codes has its sentences only.
 */
import * as v from 'valibot';
import { texts } from '@/texts';
import { orElse } from './fields';

const code = orElse(v.string(), null);
const params = orElse(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {});

/** The fields beside a sentence. */
export const adviceFields = { code, params };
/** Of a sentence that has a field of its own: `lastErrorAdvice` beside `lastError`. */
export const adviceSchema = orElse(v.object({ code: v.string(), params, sentence: v.string() }), null);

export interface Advice<Sentence extends string | null = string> {
  readonly code: string | null;
  readonly params: v.InferOutput<typeof params>;
  readonly sentence: Sentence;
}

/** The sentence in the language of the page. */
export function inWords<Sentence extends string | null>(advice: Advice<Sentence>): Sentence | string {
  const say = advice.code !== null && Object.hasOwn(texts.failures, advice.code) ? texts.failures[advice.code] : undefined;
  return say?.(advice.params) ?? advice.sentence;
}

/** What is read of the service has its sentence in the language of the page. */
export const said = <Read extends Advice<string | null>>(read: Read): Read => ({ ...read, sentence: inWords(read) });

/** The same of a field that is no `sentence`. */
export const wordsOf = (text: string | null, advice: Advice | null): string | null => (advice === null ? text : inWords(advice));

/** Two that say the same thing have the same key. Of a service without codes, only its sentence tells. */
export const keyOf = (advice: Advice): string => (advice.code === null ? advice.sentence : `${advice.code} ${JSON.stringify(advice.params)}`);
