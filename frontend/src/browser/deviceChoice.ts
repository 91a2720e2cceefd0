/** What a person has chosen for this device: kept in the browser, and nowhere else. */
import { useSyncExternalStore } from 'react';
import { Signal } from '@/base/signal';

/** Counts the choices made on this page. */
const choices = new Signal(0);
/** Stands in where the browser keeps nothing, such as in a private window. */
const unkept = new Map<string, string>();

const keyOf = (name: string): string => `platecast.${name}`;

function readFrom(key: string): string | null {
  try {
    return localStorage.getItem(key) ?? unkept.get(key) ?? null;
  } catch {
    return unkept.get(key) ?? null;
  }
}

/** One choice among a few words. What is kept may be of another version of this page: an unknown word counts as none. */
export class DeviceChoice<Word extends string> {
  readonly #key: string;
  readonly #words: readonly Word[];
  readonly #otherwise: Word;

  constructor(name: string, words: readonly Word[], otherwise: Word) {
    this.#key = keyOf(name);
    this.#words = words;
    this.#otherwise = otherwise;
  }

  get words(): readonly Word[] {
    return this.#words;
  }

  read = (): Word => {
    const kept = readFrom(this.#key);
    return this.#words.find((word) => word === kept) ?? this.#otherwise;
  };

  choose(word: Word): void {
    unkept.set(this.#key, word);
    try {
      localStorage.setItem(this.#key, word);
    } catch {
      // Then it holds until the page is closed.
    }
    choices.set(choices.value + 1);
  }
}

export const useChoice = <Word extends string>(choice: DeviceChoice<Word>): Word => useSyncExternalStore(subscribe, choice.read);

export function subscribe(listener: () => void): () => void {
  const forget = choices.subscribe(listener);
  // Another tab of the same device.
  addEventListener('storage', listener);
  return () => {
    forget();
    removeEventListener('storage', listener);
  };
}
