import { type RefObject, useCallback, useEffect, useState } from 'react';

/** iPhones let only a video fill the screen, by a name of their own. */
type AppleVideo = HTMLVideoElement & { readonly webkitEnterFullscreen?: () => void };

export function useFullscreen(stage: RefObject<HTMLElement | null>, video: RefObject<HTMLVideoElement | null>): readonly [boolean, () => void] {
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
      (video.current as AppleVideo | null)?.webkitEnterFullscreen?.();
    }
  }, [stage, video]);
  return [isFull, toggle];
}
