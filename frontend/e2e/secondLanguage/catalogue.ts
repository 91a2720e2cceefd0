/**
 * A language of the tests: English in full-width letters, which no data has. What the page says in plain letters, it does
 * not have from its catalogue.
 */
import { type Texts } from '@/texts';
import { texts as english } from '@/texts/en';

const wide = (plain: string): string => plain.replaceAll(/[A-Za-z]/gu, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0));

/** Data goes into a sentence as it is. */
function sentence(say: (...data: unknown[]) => string, data: readonly unknown[]): string {
  const marks = data.map((datum, index) => (typeof datum === 'string' && datum !== '' ? `\uE000${index}\uE001` : datum));
  return wide(say(...marks)).replaceAll(/\uE000(\d+)\uE001/gu, (_, index: string) => String(data[Number(index)]));
}

function translated(value: unknown): unknown {
  if (typeof value === 'string') {
    return wide(value);
  }
  if (typeof value === 'function') {
    return (...data: unknown[]) => sentence(value as (...data: unknown[]) => string, data);
  }
  return Array.isArray(value) ? value.map(translated) : Object.fromEntries(Object.entries(value as object).map(([key, part]) => [key, translated(part)]));
}

export const texts: Texts = {
  ...(translated(english) as Texts),
  locale: 'de',
  failures: { 'camera.port-closed': ({ peer }) => wide(`Nothing listens at ${String(peer)}.`) },
};
