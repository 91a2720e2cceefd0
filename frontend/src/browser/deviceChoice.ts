/** A person's choices for this device. Only the browser stores them. */
import { useSyncExternalStore } from 'react';
import { Signal } from '@/base/signal';

/** The number of choices made on this page. */
const choices = new Signal(0);
/** Replaces the browser's storage if it stores nothing, for example in a private window. */
const unkept = new Map<string, string>();

const keyOf = (name: string): string => `platecast.${name}`;

function readFrom(key: string): string | null {
  try {
    return localStorage.getItem(key) ?? unkept.get(key) ?? null;
  } catch {
    return unkept.get(key) ?? null;
  }
}

/** A choice among a few words. The stored word may be from another version of the page: an unknown one counts as none. */
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
      // Then the choice lasts until the page is closed.
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
