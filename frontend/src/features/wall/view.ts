/** How the wall is looked at: in its address, so that a view can be kept as a bookmark, or as it last was on this device. */
import { type DisplayKind, displayKinds } from '@/api/status';
import { DeviceChoice } from '@/browser/deviceChoice';
import { type Sort, sorts } from '@/fleet/overview';

export const layouts = ['wall', 'list'] as const;
export type Layout = (typeof layouts)[number];
export const sizes = ['s', 'm', 'l'] as const;
export type Size = (typeof sizes)[number];

/** `auto`: what suits so many printers on this screen. */
export const layoutChoice = new DeviceChoice<Layout | 'auto'>('view', ['auto', ...layouts], 'auto');
export const sizeChoice = new DeviceChoice<Size | 'auto'>('size', ['auto', ...sizes], 'auto');
export const sortChoice = new DeviceChoice<Sort>('sort', sorts, 'problem');

export interface View {
  readonly layout: Layout | 'auto';
  readonly size: Size | 'auto';
  readonly sort: Sort;
  readonly filter: DisplayKind | null;
  readonly q: string;
}

type Remembered = Pick<View, 'layout' | 'size' | 'sort'>;

const oneOf = <Word extends string>(words: readonly Word[], asked: string | null): Word | null => words.find((word) => word === asked) ?? null;

/** What the address asks for. Unknown words are ignored. */
export function viewOf(search: string, remembered: Remembered): View {
  const asked = new URLSearchParams(search);
  return {
    layout: oneOf(layouts, asked.get('view')) ?? remembered.layout,
    size: oneOf(sizes, asked.get('size')) ?? remembered.size,
    sort: oneOf(sorts, asked.get('sort')) ?? remembered.sort,
    filter: oneOf(displayKinds, asked.get('filter')),
    q: asked.get('q') ?? '',
  };
}

const named = { layout: 'view', size: 'size', sort: 'sort', filter: 'filter', q: 'q' } as const;

/** The address with the chosen options in it. An option that was taken back is removed. */
export function withChoice(search: string, news: Partial<View>): string {
  const asked = new URLSearchParams(search);
  for (const [key, value] of Object.entries(news)) {
    const name = named[key as keyof View];
    if (value === null || value === '' || value === 'auto') {
      asked.delete(name);
    } else {
      asked.set(name, value);
    }
  }
  return asked.toString();
}
