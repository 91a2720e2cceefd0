import { type ComponentType, lazy, useState } from 'react';

interface Part<Module> {
  readonly module: Module | null;
  readonly get: () => Promise<Module>;
}

/**
 * A component out of a part of the page that comes later. Once that is here, it is drawn at once: React's `lazy` shows
 * nothing first, and for 300 ms, whether the code is here already or not.
 */
export function later<Module, Props extends object>(part: Part<Module>, pick: (module: Module) => ComponentType<Props>): ComponentType<Props> {
  const Waiting = lazy(async () => ({ default: pick(await part.get()) }));
  return function Later(props: Props) {
    // The same for as long as it stands on the page.
    const [Component] = useState<ComponentType<Props>>(() => (part.module === null ? Waiting : pick(part.module)));
    return <Component {...props} />;
  };
}
