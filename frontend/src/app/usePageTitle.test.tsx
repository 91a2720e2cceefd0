import { cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { steadyMs } from '@/fleet/damping';
import { texts } from '@/texts';
import { usePageTitle } from './usePageTitle';

const alarm = 'Needs you · Garage';
const calm = (percent: number) => `${percent} % · Garage`;

/** Sets the title as often as it would be heard, and lists what the tab showed. */
function tab(first: string) {
  const shown: string[] = [];
  const { rerender } = renderHook(({ page }) => usePageTitle(page, page === alarm), { initialProps: { page: first } });
  const look = () => {
    if (shown.at(-1) !== document.title) {
      shown.push(document.title);
    }
  };
  look();
  const after = (ms: number) => {
    vi.advanceTimersByTime(ms);
    look();
  };
  const say = (page: string, ms = 1_000) => {
    rerender({ page });
    after(ms);
  };
  return { say, shown };
}

const titles = (...pages: readonly string[]) => pages.map((page) => texts.app.tabTitle(page));

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe('a tab', () => {
  it('shows an alarm at once, and its end at once', () => {
    const { say, shown } = tab(calm(47));
    say(alarm);
    say(calm(48));
    expect(shown).toEqual(titles(calm(47), alarm, calm(48)));
  });

  it('does not blink for one that comes and goes for five minutes, and shows how far the print is meanwhile', () => {
    const { say, shown } = tab(calm(47));
    for (let turn = 0; turn < 150; turn += 1) {
      say(alarm);
      say(calm(turn < 100 ? 48 : 49));
    }
    expect(shown).toEqual(titles(calm(47), alarm, calm(48), calm(49)));
  });

  it('shows one that stays after all', () => {
    const { say, shown } = tab(calm(47));
    say(alarm);
    say(calm(47));
    say(alarm, steadyMs - 1);
    expect(shown.at(-1)).toBe(texts.app.tabTitle(calm(47)));
    say(alarm, 1);
    expect(shown.at(-1)).toBe(texts.app.tabTitle(alarm));
  });

  it('shows another one at once after a calm while', () => {
    const { say, shown } = tab(calm(47));
    say(alarm);
    say(calm(47), steadyMs);
    say(alarm);
    expect(shown).toEqual(titles(calm(47), alarm, calm(47), alarm));
  });
});
