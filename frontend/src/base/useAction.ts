import { useState } from 'react';

type State = { readonly kind: 'idle' | 'pending' | 'done' } | { readonly kind: 'failed'; readonly error: unknown };

/** An action that a button starts, and its result. */
export function useAction(act: () => Promise<unknown>) {
  const [state, setState] = useState<State>({ kind: 'idle' });
  const start = () => {
    setState({ kind: 'pending' });
    act().then(
      () => setState({ kind: 'done' }),
      (error: unknown) => setState({ kind: 'failed', error }),
    );
  };
  return { start, isPending: state.kind === 'pending', isDone: state.kind === 'done', error: state.kind === 'failed' ? state.error : null };
}
