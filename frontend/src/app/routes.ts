/** All pages. A new one is a path in `browser/paths`, a file in `pages`, and a row here. */
import type { ComponentType, ReactNode } from 'react';
import { type Ahead, Part } from '@/api/parts';
import { paths } from '@/browser/paths';
import { texts } from '@/texts';
import type { IconName } from '@/ui/Icon';
import { later } from '@/ui/later';
import { NotFoundPage } from './pages/NotFoundPage';
import { PrinterPage } from './pages/PrinterPage';
import { WallPage } from './pages/WallPage';
import { AppShell } from './shells/AppShell';

export interface PageProps {
  /** What the path has for the names in its pattern. */
  readonly params: Readonly<Record<string, string | undefined>>;
}

/** A page among those that a shell offers. */
export interface NavigationEntry {
  readonly path: string;
  readonly icon: IconName;
  readonly label: string;
  /** The name of the program leads there as well, on top of the page. */
  readonly isHome?: boolean;
}

export interface ShellProps {
  readonly navigation: readonly NavigationEntry[];
  readonly children: ReactNode;
}

export interface PageRoute {
  /** A pattern of the router's. */
  readonly path: string;
  readonly Page: ComponentType<PageProps>;
  /** Where the page's code is, unless it comes with the first page. */
  readonly part?: Part<unknown>;
  /** What stands around the page. */
  readonly Shell: ComponentType<ShellProps>;
  readonly navigation?: Omit<NavigationEntry, 'path'>;
}

/** A page whose code is loaded when somebody opens it, or before that. */
function opened<Module>(load: () => Promise<Module>, pick: (module: Module) => ComponentType<PageProps>, ahead: Ahead): Pick<PageRoute, 'Page' | 'part'> {
  const part = new Part(load, ahead);
  return { Page: later(part, pick), part };
}

/** The first whose pattern fits. */
export const routes: readonly PageRoute[] = [
  { path: paths.wall, Page: WallPage, Shell: AppShell, navigation: { icon: 'grid', label: texts.app.wall, isHome: true } },
  { path: paths.printer(':id'), Page: PrinterPage, Shell: AppShell },
  {
    path: paths.printers,
    ...opened(() => import('./pages/PrintersPage'), (page) => page.PrintersPage, 'soon'),
    Shell: AppShell,
    navigation: { icon: 'printer', label: texts.app.printers },
  },
  {
    path: paths.addPrinter,
    ...opened(() => import('./pages/AddPage'), (page) => page.AddPage, 'soon'),
    Shell: AppShell,
    navigation: { icon: 'plus', label: texts.app.addShort },
  },
  { path: paths.editPrinter(':id'), ...opened(() => import('./pages/EditPage'), (page) => page.EditPage, 'soon'), Shell: AppShell },
  { path: '*', Page: NotFoundPage, Shell: AppShell },
];

export const navigation: readonly NavigationEntry[] = routes.flatMap((route) =>
  route.navigation === undefined ? [] : [{ path: route.path, ...route.navigation }],
);
