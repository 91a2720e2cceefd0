/** Two pages speak of the same camera, and features do not know each other: here they are held to one meaning. */
import { cleanup, render } from '@testing-library/react';
import * as v from 'valibot';
import { afterEach, expect, it } from 'vitest';
import { cameraSchema } from '@/api/schemas';
import { PrinterLinks } from '@/features/printers/PrinterLinks';
import { connectionsOf } from '@/features/status/links';
import { fleetStore } from '@/fleet/fleetStore';

afterEach(cleanup);

it.each([
  ['live', 'well', 'good'],
  ['connecting', 'waiting', 'unknown'],
  ['retrying', 'broken', 'bad'],
  ['switched-off', 'absent', 'absent'],
  ['no-camera', 'absent', 'absent'],
])('a camera that is %s is the same under Connections and on the page of the printers', (step, mood, tone) => {
  const camera = v.parse(cameraSchema, { step, sentence: 'So it is.' });
  fleetStore.dispatch({ type: 'snapshot', build: null, printers: [{ id: 1, name: 'Garage', status: null, camera }] });
  const { container } = render(<PrinterLinks id={1} />);
  expect([...container.querySelectorAll('[data-tone]')].map((link) => link.getAttribute('data-tone'))[1]).toBe(tone);
  expect(connectionsOf('live', null, camera, Date.now())[2].mood).toBe(mood);
});
