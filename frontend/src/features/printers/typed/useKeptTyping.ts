import { type RefObject, useEffect, useState } from 'react';
import type { Printer } from '@/api/schemas';
import { type Typed, fieldNames, isSecret, typedFrom, typedIn } from './draft';
import { forgetTyping, keepTyping, keptTyping } from './keptTyping';

interface Kept {
  /** What the form begins with. */
  readonly initial: Typed;
  readonly isRestored: boolean;
  readonly forget: () => void;
}

/** Lets what is typed survive a page load: signing in again is one. Leaving the form within the page forgets it. */
export function useKeptTyping(form: RefObject<HTMLFormElement | null>, saved: Printer | null): Kept {
  const id = saved?.id ?? null;
  const [kept] = useState(() => keptTyping(id));
  const [fresh] = useState(() => typedFrom(saved));
  const [forgotten, setForgotten] = useState(false);
  useEffect(() => {
    const leave = () => {
      const typed = form.current === null ? fresh : typedIn(form.current);
      if (!forgotten && fieldNames.some((name) => !isSecret(name) && typed[name] !== fresh[name])) {
        keepTyping(id, typed);
      }
    };
    addEventListener('pagehide', leave);
    return () => {
      removeEventListener('pagehide', leave);
      forgetTyping(id);
    };
  }, [form, id, fresh, forgotten]);
  return { initial: kept ?? fresh, isRestored: kept !== null, forget: () => setForgotten(true) };
}
