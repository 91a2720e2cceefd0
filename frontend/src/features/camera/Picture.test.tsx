import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { texts } from '@/texts';
import { Picture } from './Picture';
import type { PictureView } from './source';
import type { CameraHandle } from './useCamera';
import { videoAtRest } from './videoSource';

afterEach(cleanup);

/** A source that has no video: it draws a picture now and then, and costs nothing. */
const pictures: PictureView = {
  ...videoAtRest,
  state: { kind: 'stepwise' },
  liveness: { kind: 'stepwise', everyMs: 2_000, pictureMs: Date.now() },
  cost: { decoders: 0, connections: 0 },
};

const show = (view: PictureView) => {
  const camera: CameraHandle = {
    frame: () => undefined,
    screen: (element) => void element?.append(document.createElement('canvas')),
    view,
    actions: null,
    grant: 'live',
    report: null,
    message: null,
    insist: null,
  };
  return render(<Picture camera={camera} name="Garage" size="stage" />);
};

describe('a picture', () => {
  it('has its name also where its source draws no video', () => {
    show(pictures);
    expect(screen.getByRole('img', { name: /Garage/u }).querySelector('canvas')).not.toBeNull();
  });

  it('that comes every two seconds is called neither live nor a still', () => {
    show(pictures);
    expect(screen.getByText(texts.camera.sendsPictures(texts.time.seconds('2')))).toBeDefined();
    expect([screen.queryByText(texts.camera.live), screen.queryByText(texts.camera.still)]).toEqual([null, null]);
  });
});
