import { act, cleanup, render } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { say } from '@/base/speech';
import { Announcer } from './Announcer';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  act(() => vi.runOnlyPendingTimers());
  cleanup();
  Reflect.deleteProperty(document, 'fullscreenElement');
  vi.useRealTimers();
});

const heard = (within: ParentNode = document) => [...within.querySelectorAll('[aria-live] p')].map((paragraph) => paragraph.textContent);

/** The element fills the screen, or none does any more. */
const fill = (element: Element | null) =>
  act(() => {
    Object.defineProperty(document, 'fullscreenElement', { configurable: true, value: element });
    document.dispatchEvent(new Event('fullscreenchange'));
  });

describe('what the page says', () => {
  it('is all heard, also what is said in one moment, and goes', () => {
    render(<Announcer />);
    act(() => {
      say('Garage has finished.');
      say('The light is on.');
    });
    expect(heard()).toEqual(['Garage has finished.', 'The light is on.']);
    act(() => vi.advanceTimersByTime(10_000));
    expect(heard()).toEqual([]);
  });

  it('is only so much', () => {
    render(<Announcer />);
    act(() => 'abcdefgh'.split('').forEach(say));
    expect(heard()).toEqual(['d', 'e', 'f', 'g', 'h']);
  });

  it('is said where somebody hears it while an element fills the screen', () => {
    const { container } = render(
      <>
        <Announcer />
        <section />
      </>,
    );
    const stage = container.querySelector('section') ?? container;
    fill(stage);
    act(() => say('Connection lost.'));
    expect(heard(stage)).toEqual(['Connection lost.']);
    fill(null);
    expect(stage.childElementCount).toBe(0);
    expect(heard()).toEqual(['Connection lost.']);
  });
});
