import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '@/api/problem';
import type { Draft } from '@/api/printers';
import type { Printer } from '@/api/schemas';
import { texts } from '@/texts/en';
import { PrinterForm } from './PrinterForm';

type Submit = (draft: Draft) => Promise<unknown>;

const words = texts.form;
const saved: Printer = { id: 1, name: 'Garage', host: '192.168.1.10', serial: '00M1234ABC', rtspUrl: null, cameraFingerprint: null };

const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label);
const type = (label: string, value: string) => fireEvent.change(field(label), { target: { value } });
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

function open(printer: Printer | null, onSubmit = vi.fn<Submit>(async () => undefined)) {
  render(<PrinterForm saved={printer} onSubmit={onSubmit} onCancel={() => undefined} />);
  return onSubmit;
}

function fill() {
  type(words.name, 'Left');
  type(words.host, 'left.local');
  type(words.serial, '00m1234abd');
  type(words.accessCode, '12345678');
}

afterEach(cleanup);

describe('adding', () => {
  it('asks the service nothing while fields are missing, marks them and goes to the first', async () => {
    const onSubmit = open(null);
    press(words.add);
    await waitFor(() => expect(document.activeElement).toBe(field(words.name)));
    expect(screen.getByRole('alert').textContent).toBe(words.summary);
    expect(field(words.serial).getAttribute('aria-invalid')).toBe('true');
    expect(onSubmit).not.toHaveBeenCalled();
  });

  it('hands over what was typed', async () => {
    const onSubmit = open(null);
    fill();
    press(words.add);
    await waitFor(() => expect(onSubmit).toHaveBeenCalledOnce());
    expect(onSubmit).toHaveBeenCalledWith({
      name: 'Left',
      host: 'left.local',
      serial: '00M1234ABD',
      accessCode: '12345678',
      rtspUrl: null,
      cameraFingerprint: null,
    });
  });

  it('shows a refusal beside its field and keeps what was typed', async () => {
    const taken = 'Already added as “Garage”.';
    open(null, vi.fn<Submit>(() => Promise.reject(new Problem('refused', 'This serial number is taken.', 409, { serial: taken }))));
    fill();
    press(words.add);
    await screen.findByText(taken);
    expect(screen.getByRole('alert').textContent).toBe('This serial number is taken.');
    expect(field(words.serial).value).toBe('00m1234abd');
    expect(field(words.accessCode).value).toBe('12345678');
    await waitFor(() => expect(document.activeElement).toBe(field(words.serial)));
  });

  it('says on leaving a field that what it holds is wrong, and takes it back when it is right', () => {
    open(null);
    type(words.serial, 'short');
    fireEvent.blur(field(words.serial));
    expect(screen.queryByText(words.serialShape)).not.toBeNull();
    type(words.serial, '00M1234ABC');
    fireEvent.blur(field(words.serial));
    expect(screen.queryByText(words.serialShape)).toBeNull();
  });
});

describe('editing', () => {
  it('shows that there is a code and not which, and sends none', async () => {
    const onSubmit = open(saved);
    expect(screen.queryByLabelText(words.accessCode)).toBeNull();
    expect(screen.queryByText(words.accessCodeSaved)).not.toBeNull();
    type(words.name, 'Cellar');
    press(words.save);
    await waitFor(() => expect(onSubmit).toHaveBeenCalledOnce());
    expect(onSubmit.mock.calls[0]).toEqual([
      { name: 'Cellar', host: '192.168.1.10', serial: '00M1234ABC', rtspUrl: null, cameraFingerprint: null },
    ]);
  });

  it('replaces the code when asked to', async () => {
    const onSubmit = open(saved);
    press(words.replace);
    expect(field(words.accessCode).type).toBe('password');
    type(words.accessCode, '87654321');
    press(words.save);
    await waitFor(() => expect(onSubmit).toHaveBeenCalledWith(expect.objectContaining({ accessCode: '87654321' })));
  });
});
