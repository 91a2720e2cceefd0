import { texts } from '@/texts/en';

/** Why a request came to nothing. `fields` has one sentence per refused field, by its JSON name. */
export type ProblemKind = 'unreachable' | 'signedOut' | 'refused' | 'broken';

export class Problem extends Error {
  override readonly name = 'Problem';
  readonly kind: ProblemKind;
  readonly status: number | null;
  readonly fields: Readonly<Record<string, string>>;

  constructor(kind: ProblemKind, sentence: string, status: number | null = null, fields: Readonly<Record<string, string>> = {}) {
    super(sentence);
    this.kind = kind;
    this.status = status;
    this.fields = fields;
  }

  /** The same request may succeed when simply asked again. */
  get mayPass(): boolean {
    return this.kind === 'unreachable' || (this.status !== null && this.status >= 500);
  }
}

/** The sentence of anything that was thrown. */
export function sentenceOf(thrown: unknown): string {
  return thrown instanceof Problem ? thrown.message : texts.errors.unreachable;
}
