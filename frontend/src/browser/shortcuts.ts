/**
 * The keyboard shortcuts, wherever they are declared. One listener handles them all, and the help sheet lists them.
 *
 * A single key can be hit by accident, and by speech input. So no shortcut stops a print, none works while somebody types or a
 * dialog is open, and all can be switched off (WCAG 2.1.4).
 */
import { useEffect, useRef } from 'react';
import { Signal } from '@/base/signal';
import { useSignal } from '@/base/useSignal';
import { DeviceChoice } from './deviceChoice';

export interface Shortcut {
  /** The value of `KeyboardEvent.key`; a letter works in both cases. */
  readonly key: string;
  /** The description for the help sheet. Two keys with the same description share a line. */
  readonly does: string;
}

interface Declared extends Shortcut {
  /** `null`: the component that declared it handles the key itself while it has the focus. */
  readonly run: (() => void) | null;
}

export const shortcutsChoice = new DeviceChoice('shortcuts', ['on', 'off'], 'on');

class Shortcuts {
  readonly #declared = new Signal<readonly Declared[]>([]);

  get all(): Signal<readonly Shortcut[]> {
    return this.#declared;
  }

  declare(shortcut: Declared): () => void {
    if (this.#declared.value.length === 0) {
      document.addEventListener('keydown', this.#pressed);
    }
    this.#declared.set([...this.#declared.value, shortcut]);
    return () => {
      this.#declared.set(this.#declared.value.filter((other) => other !== shortcut));
      if (this.#declared.value.length === 0) {
        document.removeEventListener('keydown', this.#pressed);
      }
    };
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    if (shortcutsChoice.read() === 'off' || event.defaultPrevented || event.repeat || isBusyElsewhere(event)) {
      return;
    }
    const key = event.key.toLowerCase();
    // The newest comes first, so a page's key takes precedence over the shell's.
    const shortcut = this.#declared.value.findLast((each) => each.run !== null && each.key.toLowerCase() === key);
    if (shortcut !== undefined) {
      event.preventDefault();
      shortcut.run?.();
    }
  };
}

function isBusyElsewhere({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  const types = target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
  return types || ctrlKey || metaKey || altKey || document.querySelector('dialog[open]') !== null;
}

const shortcuts = new Shortcuts();

/** While mounted and `enabled`, `key` runs `run`. `null`: the key is only listed, and the component that declares it handles it. */
export function useShortcut(key: string, does: string, run: (() => void) | null, enabled = true): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  }, [run]);
  const isHeard = run !== null;
  useEffect(
    () => (enabled ? shortcuts.declare({ key, does, run: isHeard ? () => latest.current?.() : null }) : undefined),
    [key, does, isHeard, enabled],
  );
}

export const useShortcuts = (): readonly Shortcut[] => useSignal(shortcuts.all);
