import { type ComponentType, lazy, useState } from 'react';

interface Part<Module> {
  readonly module: Module | null;
  readonly get: () => Promise<Module>;
}

/**
 * A component from a part of the page that is loaded later. Once loaded, it is rendered at once. React's `lazy` would first show
 * nothing for 300 ms, even if the code is already loaded.
 */
export function later<Module, Props extends object>(part: Part<Module>, pick: (module: Module) => ComponentType<Props>): ComponentType<Props> {
  const Waiting = lazy(async () => ({ default: pick(await part.get()) }));
  return function Later(props: Props) {
    // The component stays the same as long as it is mounted.
    const [Component] = useState<ComponentType<Props>>(() => (part.module === null ? Waiting : pick(part.module)));
    return <Component {...props} />;
  };
}
