import { cleanup, fireEvent, render } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { shortcutsChoice, useShortcut, useShortcuts } from './shortcuts';

const Keys = ({ run, heard = true }: { readonly run: () => void; readonly heard?: boolean }) => {
  useShortcut('f', 'Fill the screen', run, heard);
  useShortcut('ArrowUp', 'Move', null);
  return (
    <>
      <input aria-label="name" />
      <ul>
        {useShortcuts().map(({ key }) => (
          <li key={key}>{key}</li>
        ))}
      </ul>
    </>
  );
};

const listed = (container: Element): readonly (string | null)[] => [...container.querySelectorAll('li')].map((line) => line.textContent);

afterEach(() => {
  cleanup();
  shortcutsChoice.choose('on');
});

describe('a key', () => {
  it('runs what was declared, in both cases, and is listed', () => {
    const run = vi.fn<() => void>();
    const { container } = render(<Keys run={run} />);
    fireEvent.keyDown(document.body, { key: 'f' });
    fireEvent.keyDown(document.body, { key: 'F' });
    expect(run).toHaveBeenCalledTimes(2);
    expect(listed(container)).toEqual(['f', 'ArrowUp']);
  });

  it('is let through where somebody types, with a modifier, under a dialog, or switched off', () => {
    const run = vi.fn<() => void>();
    const { getByLabelText } = render(<Keys run={run} />);
    fireEvent.keyDown(getByLabelText('name'), { key: 'f' });
    fireEvent.keyDown(document.body, { key: 'f', ctrlKey: true });
    const dialog = document.body.appendChild(document.createElement('dialog'));
    dialog.setAttribute('open', '');
    fireEvent.keyDown(document.body, { key: 'f' });
    dialog.remove();
    shortcutsChoice.choose('off');
    fireEvent.keyDown(document.body, { key: 'f' });
    expect(run).not.toHaveBeenCalled();
  });

  it('is forgotten with whoever declared it', () => {
    const run = vi.fn<() => void>();
    const { container, rerender } = render(<Keys run={run} />);
    rerender(<Keys run={run} heard={false} />);
    fireEvent.keyDown(document.body, { key: 'f' });
    expect(listed(container)).toEqual(['ArrowUp']);
    expect(run).not.toHaveBeenCalled();
  });
});
