import { type ComponentType, lazy, useState } from 'react';

const bundles: (() => Promise<unknown>)[] = [];

/**
 * A component from a bundle of its own. Once that has come, it is drawn at once: React's `lazy` shows nothing first, and for
 * 300 ms, whether the bundle is here already or not.
 */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let come: ComponentType<Props> | null = null;
  const bundle = async () => {
    come ??= await load();
    return { default: come };
  };
  bundles.push(bundle);
  const Waiting = lazy(bundle);
  return function Later(props: Props) {
    // The same for as long as it stands on the page.
    const [Component] = useState<ComponentType<Props>>(() => come ?? Waiting);
    return <Component {...props} />;
  };
}

/** Fetches what has not been needed yet, since it could not be fetched while the service is away. */
export const fetchAhead = () => bundles.forEach((bundle) => void bundle().catch(() => undefined));
