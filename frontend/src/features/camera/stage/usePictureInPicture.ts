import { type RefObject, useCallback } from 'react';

/** The button for a window of the video's own; `null` in browsers that have none (Firefox has one itself). */
export function usePictureInPicture(video: RefObject<HTMLVideoElement | null>): (() => void) | null {
  const toggle = useCallback(() => {
    if (document.pictureInPictureElement === null) {
      // Refused while there is no picture yet.
      video.current?.requestPictureInPicture().catch(() => undefined);
    } else {
      void document.exitPictureInPicture();
    }
  }, [video]);
  return document.pictureInPictureEnabled ? toggle : null;
}
