import { type RefObject, useCallback, useEffect, useState } from 'react';

/** `fillScreen` is for iPhones, which let only a video fill the screen. `null` for who can do nothing. */
export function useFullscreen(stage: RefObject<HTMLElement | null>, fillScreen: (() => void) | null): readonly [boolean, (() => void) | null] {
  const [isFull, setFull] = useState(false);
  useEffect(() => {
    const changed = () => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', changed);
    return () => document.removeEventListener('fullscreenchange', changed);
  }, []);
  const toggle = useCallback(() => {
    if (document.fullscreenElement !== null) {
      void document.exitFullscreen();
    } else if (document.fullscreenEnabled) {
      // Refused where the page is embedded; then nothing happens, and nothing else could.
      stage.current?.requestFullscreen().catch(() => undefined);
    } else {
      fillScreen?.();
    }
  }, [stage, fillScreen]);
  return [isFull, document.fullscreenEnabled || fillScreen !== null ? toggle : null];
}
