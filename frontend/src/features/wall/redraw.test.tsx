import { act, cleanup, render } from '@testing-library/react';
import { Profiler } from 'react';
import * as v from 'valibot';
import { afterEach, describe, expect, it } from 'vitest';
import { statusSchema } from '@/api/status';
import { fleetStore, useField } from '@/fleet/fleetStore';
import type { TileParts } from './Tile';
import { Wall } from './Wall';

const status = (percent: number, kind = 'printing') =>
  v.parse(statusSchema, {
    connected: true,
    jobState: null,
    percent,
    remainingMinutes: 10,
    nozzleC: 200 + percent,
    bedC: null,
    chamberC: null,
    light: null,
    lastUpdate: Date.now(),
    display: { kind, sentence: 'So it is.', wasPrinting: true },
    job: { phase: 'running', finishTime: Date.now() + 60_000 },
  });

const printers = Array.from({ length: 64 }, (_, index) => ({ id: index + 1, name: `P${index + 1}`, host: '', serial: '', rtspUrl: null, cameraFingerprint: null, cameraUser: null }));

const drawn: number[] = [];

const Percent = ({ id }: { readonly id: number }) => <>{useField(id, 'percent')}</>;

/** Each tile is counted, whenever something in it is drawn. */
const parts: TileParts = {
  picture: ({ id }) => (
    <Profiler id={`picture ${id}`} onRender={() => drawn.push(id)}>
      <i />
    </Profiler>
  ),
  badge: ({ id }) => (
    <Profiler id={`badge ${id}`} onRender={() => drawn.push(id)}>
      <Percent id={id} />
    </Profiler>
  ),
  status: () => null,
  remedy: () => null,
  controls: () => null,
};

const tell = (id: number, percent: number, kind?: string) => act(() => fleetStore.dispatch({ type: 'printer', id, status: status(percent, kind) }));

function mount(): void {
  fleetStore.dispatch({ type: 'snapshot', build: null, printers: printers.map(({ id, name }) => ({ id, name, status: status(1), camera: null })) });
  render(<Wall printers={printers} parts={parts} />);
}

afterEach(() => {
  cleanup();
  drawn.length = 0;
});

describe('of 64 tiles', () => {
  it('only that is drawn anew of which something shown has changed', () => {
    mount();
    expect(new Set(drawn).size).toBe(64);
    drawn.length = 0;
    for (const { id } of printers) {
      tell(id, 2);
    }
    expect(drawn.toSorted((a, b) => a - b)).toEqual(printers.map(({ id }) => id));
    drawn.length = 0;
    // The same again, and a change of what no tile shows.
    tell(7, 2);
    act(() => fleetStore.dispatch({ type: 'printer', id: 7, status: { ...status(2), firmware: '2' } }));
    expect(drawn).toEqual([]);
  });

  it('none is drawn anew while another one’s state waits for its place', () => {
    mount();
    drawn.length = 0;
    tell(64, 1, 'paused');
    expect(drawn).toEqual([]);
  });
});
