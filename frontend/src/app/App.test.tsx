import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { texts } from '@/texts';
import { App } from './App';
import type { ShellProps } from './routes';

/** A page of another shell, as one for a television would be. */
vi.mock('./routes', async (original) => {
  const { routes, ...rest } = await original<typeof import('./routes')>();
  const tv = { path: '/tv', Page: () => <h1>All of them</h1>, Shell: ({ children }: ShellProps) => <main>{children}</main> };
  return { ...rest, routes: [tv, ...routes] };
});

beforeEach(() => vi.stubGlobal('fetch', () => new Promise(() => undefined)));
afterEach(() => {
  cleanup();
  history.replaceState(null, '', '/');
});

it('the app has its bars around a page', () => {
  history.replaceState(null, '', '/nowhere');
  render(<App />);
  screen.getByRole('heading', { name: texts.app.notFound });
  for (const bar of screen.getAllByRole('navigation', { hidden: true })) {
    expect(bar.textContent).toContain(texts.app.printers);
  }
});

it('a page may have another shell, without bars and without controls', () => {
  history.replaceState(null, '', '/tv');
  render(<App />);
  screen.getByRole('heading', { name: 'All of them' });
  expect(screen.queryByRole('navigation', { hidden: true })).toBeNull();
  expect(screen.queryByRole('button', { hidden: true })).toBeNull();
});
