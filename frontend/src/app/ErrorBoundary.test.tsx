import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { act } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { texts } from '@/texts';
import { ErrorBoundary } from './ErrorBoundary';

let crashes = true;

function Picture() {
  if (crashes) {
    throw new Error('no such pixel');
  }
  return <p>A picture</p>;
}

const page = (at: string) => (
  <ErrorBoundary at={at}>
    <Picture />
  </ErrorBoundary>
);

const part = (
  <ErrorBoundary isPart>
    <Picture />
  </ErrorBoundary>
);

beforeEach(() => {
  crashes = true;
  vi.useFakeTimers();
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe('a page that crashed', () => {
  it('says so, with what a report can quote', () => {
    render(page('/p/3'));
    expect(screen.getByRole('alert').textContent).toContain(texts.app.crashed);
    screen.getByText('Error: no such pixel');
  });

  it('is another page after a navigation', () => {
    const { rerender } = render(page('/p/3'));
    crashes = false;
    rerender(page('/'));
    screen.getByText('A picture');
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

describe('a part that crashed', () => {
  it('leaves the others, and is drawn again when somebody asks', () => {
    render(
      <>
        {part}
        <p>The tile beside it</p>
      </>,
    );
    screen.getByText('The tile beside it');
    screen.getByText(texts.app.partCrashed);
    crashes = false;
    fireEvent.click(screen.getByRole('button', { name: texts.errors.retry }));
    expect(screen.queryByText('A picture')).not.toBeNull();
  });

  it('is tried again where nobody asks', () => {
    render(part);
    crashes = false;
    act(() => vi.advanceTimersByTime(30_000));
    expect(screen.queryByText('A picture')).not.toBeNull();
  });
});
