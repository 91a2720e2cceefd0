import { cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '@/api/problem';
import type { Draft } from '@/api/printers';
import type { Printer } from '@/api/schemas';
import { texts } from '@/texts';
import { PrinterForm } from './PrinterForm';

type Submit = (draft: Draft) => Promise<unknown>;

const words = texts.form;
const saved: Printer = { id: 1, name: 'Garage', host: '192.168.1.10', serial: '00M1234ABC', rtspUrl: null, cameraFingerprint: null, cameraUser: null };

const others: readonly Printer[] = [{ ...saved, id: 2, name: 'Right', serial: '01P00A000000002' }];

const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label);
const type = (label: string, value: string) => fireEvent.change(field(label), { target: { value } });
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

function open(printer: Printer | null, onSubmit = vi.fn<Submit>(async () => undefined)) {
  render(<PrinterForm saved={printer} others={others} onSubmit={onSubmit} onCancel={() => undefined} />);
  return onSubmit;
}

function fill() {
  type(words.name, 'Left');
  type(words.host, 'left.local');
  type(words.serial, '00m1234abd');
  type(words.accessCode, '12345678');
}

// A busy machine takes longer than the second that is usual.
configure({ asyncUtilTimeout: 4_000 });
afterEach(cleanup);

describe('adding', () => {
  it('asks the service nothing while fields are missing, marks them and goes to the first', async () => {
    const onSubmit = open(null);
    press(words.add);
    await waitFor(() => expect(document.activeElement).toBe(field(words.host)));
    expect(screen.getByRole('alert').textContent).toBe(words.summary);
    expect(field(words.accessCode).getAttribute('aria-invalid')).toBe('true');
    expect(field(words.serial).getAttribute('aria-invalid'), 'it is read from the certificate').toBeNull();
    expect(onSubmit).not.toHaveBeenCalled();
  });

  it('hands over what was typed', async () => {
    const onSubmit = open(null);
    fill();
    press(words.add);
    await waitFor(() => expect(onSubmit).toHaveBeenCalledOnce());
    expect(onSubmit).toHaveBeenCalledWith(
      {
        name: 'Left',
        host: 'left.local',
        serial: '00M1234ABD',
        accessCode: '12345678',
        rtspUrl: null,
        cameraFingerprint: null,
      },
      false,
    );
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
    expect(screen.queryByText(words.saved)).not.toBeNull();
    type(words.name, 'Cellar');
    press(words.save);
    await waitFor(() => expect(onSubmit).toHaveBeenCalledOnce());
    expect(onSubmit.mock.calls[0]).toEqual([
      { name: 'Cellar', host: '192.168.1.10', serial: '00M1234ABC', rtspUrl: null, cameraFingerprint: null },
      false,
    ]);
  });

  it('replaces the code when asked to', async () => {
    const onSubmit = open(saved);
    press(words.replaceOf(words.accessCode));
    expect(field(words.accessCode).type).toBe('password');
    type(words.accessCode, '87654321');
    press(words.save);
    await waitFor(() => expect(onSubmit).toHaveBeenCalledWith(expect.objectContaining({ accessCode: '87654321' }), false));
  });
});

/** A service that answers tests, one after another, with these events. */
function tests(...answers: readonly (readonly [string, Record<string, unknown>])[][]) {
  const bodies: unknown[] = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    bodies.push([path, JSON.parse(String(init.body))]);
    const events = answers[bodies.length - 1] ?? [];
    return new Response(events.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join(''), {
      headers: { 'Content-Type': 'text/event-stream' },
    });
  });
  return bodies;
}

describe('a test', () => {
  it('asks for what is typed, without a name, and says how it went', async () => {
    const bodies = tests([
      ['stages', { stages: ['address', 'commands'] }],
      ['stage', { stage: 'address', state: 'passed', ms: 12, sentence: null }],
      ['stage', { stage: 'commands', state: 'warned', ms: 3, sentence: 'Turn on Developer Mode.' }],
      ['done', { state: 'warned' }],
    ]);
    open(null);
    fill();
    type(words.name, '');
    press(words.test);
    await screen.findByText('Turn on Developer Mode.');
    expect(bodies).toEqual([['/api/printers/test', expect.objectContaining({ id: null, serial: '00M1234ABD' })]]);
    expect(screen.queryByRole('button', { name: words.addAnyway })).not.toBeNull();
  });

  it('is forgotten when what was tested is changed', async () => {
    tests([['done', { state: 'failed' }]]);
    open(null);
    fill();
    press(words.test);
    await screen.findByRole('button', { name: words.addAnyway });
    fireEvent.input(field(words.host), { target: { value: 'right.local' } });
    expect(screen.queryByRole('list', { name: texts.stages.title })).toBeNull();
    expect(screen.queryByRole('button', { name: words.add })).not.toBeNull();
  });

  it('offers the serial number that was found, and tests again with it', async () => {
    const found = '01P00A000000009';
    const bodies = tests(
      [
        ['stage', { stage: 'certificate', state: 'failed', ms: 9, sentence: 'Another printer.', foundSerial: found }],
        ['done', { state: 'failed' }],
      ],
      [['done', { state: 'passed' }]],
    );
    open(saved);
    press(words.test);
    fireEvent.click(await screen.findByRole('button', { name: words.takeSerial(found) }));
    // The saved code was given for the printer with the other number.
    await screen.findByText(words.codeAgain);
    expect([field(words.serial).value, bodies.length]).toEqual([found, 1]);
    type(words.accessCode, '87654321');
    press(texts.stages.again);
    await screen.findByText(texts.stages.passed);
    expect(bodies[1]).toEqual(['/api/printers/test', expect.objectContaining({ id: 1, serial: found, accessCode: '87654321' })]);
  });

  it('of a serial number that is there already is not made', async () => {
    const bodies = tests();
    open(null);
    fill();
    type(words.serial, '01p00a000000002');
    press(words.test);
    await screen.findByText(words.serialTaken('Right'));
    expect(bodies).toEqual([]);
  });
});

describe('what is typed', () => {
  it('survives a page load, without the access code, and not a cancelled form', () => {
    open(null);
    fill();
    dispatchEvent(new Event('pagehide'));
    expect(JSON.stringify({ ...sessionStorage })).not.toContain('12345678');
    const kept = { ...sessionStorage };
    cleanup();
    expect(sessionStorage.length).toBe(0);
    Object.assign(sessionStorage, kept);
    open(null);
    expect([field(words.host).value, field(words.accessCode).value]).toEqual(['left.local', '']);
    expect(screen.queryByText(`${words.restored} ${words.restoredMore}`)).not.toBeNull();
  });

  it('begins with a name made of the model', () => {
    open(null);
    type(words.serial, '22E09A000000001');
    fireEvent.blur(field(words.serial));
    expect(field(words.name).value).toBe('P2S');
  });
});
