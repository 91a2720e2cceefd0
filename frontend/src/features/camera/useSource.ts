import { type RefCallback, useCallback, useState } from 'react';
import { useSignalOr } from '@/base/useSignal';
import type { PictureSource, PictureView } from './source';
import { openVideo, videoAtRest } from './videoSource';

interface Opened {
  /** For the element that the source draws into. */
  readonly screen: RefCallback<HTMLElement>;
  /** `null` until there is a screen. */
  readonly source: PictureSource | null;
  readonly view: PictureView;
}

/** The source of a camera's pictures, from when its screen is there until that is gone. Here it is chosen: today all have video. */
export function useSource(id: number, place: string): Opened {
  const [source, setSource] = useState<PictureSource | null>(null);
  const screen = useCallback(
    (element: HTMLElement | null) => {
      if (element === null) {
        return undefined;
      }
      const opened = openVideo(id, place, element);
      setSource(opened);
      return opened.close;
    },
    [id, place],
  );
  return { screen, source, view: useSignalOr(source?.view ?? null, videoAtRest) };
}
