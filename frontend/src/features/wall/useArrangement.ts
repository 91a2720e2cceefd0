import { useLayoutEffect, useState, useSyncExternalStore } from 'react';
import type { Printer } from '@/api/schemas';
import { kindOf, matches, sorted } from '@/fleet/overview';
import { useOverview } from '@/fleet/useOverview';
import { OrderHolder } from './orderHolder';
import type { View } from './view';

export interface Placed {
  readonly printer: Printer;
  readonly needsYou: boolean;
}

const mark = '!';

/** The printers that are to be seen, in the order in which they are shown, and who keeps it. */
export function useArrangement(printers: readonly Printer[], { sort, filter, q }: View): readonly [readonly Placed[], OrderHolder] {
  const [holder] = useState(() => new OrderHolder());
  const wanted = useOverview(printers, (seen, now) =>
    sorted(
      seen.filter((each) => matches(each, { filter, q }, now)),
      sort,
      now,
    )
      .map(({ id, status }) => `${id}${kindOf(status, now) === 'needs-you' ? mark : ''}`)
      .join(' '),
  );
  // When the first status arrives, its order is shown at once.
  const known = useOverview(printers, (seen) => (seen.some(({ status }) => status !== null) ? 1 : 0));
  const question = JSON.stringify([sort, filter, q, known]);
  useLayoutEffect(() => holder.want(wanted, question), [holder, wanted, question]);
  const order = useSyncExternalStore(holder.subscribe, holder.order);
  const byId = new Map(printers.map((printer) => [printer.id, printer]));
  const placed = order.split(' ').flatMap((entry) => {
    const printer = byId.get(Number.parseInt(entry, 10));
    return printer === undefined ? [] : [{ printer, needsYou: entry.endsWith(mark) }];
  });
  return [placed, holder];
}
