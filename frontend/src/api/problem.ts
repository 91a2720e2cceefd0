import { texts } from '@/texts';

/** Why a request failed. `fields` has one sentence for each refused field, by its JSON name. */
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

  /** Whether the same request may succeed when it is repeated. */
  get mayPass(): boolean {
    return this.kind === 'unreachable' || (this.status !== null && this.status >= 500);
  }
}

/** Returns the sentence for anything that was thrown. */
export function sentenceOf(thrown: unknown): string {
  return thrown instanceof Problem ? thrown.message : texts.errors.unreachable;
}
