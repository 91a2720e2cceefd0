import { type RefCallback, useCallback, useEffect, useState } from 'react';
import { Part } from '@/api/parts';
import { useSignalOr } from '@/base/useSignal';
import { useCameraReport, useConnection } from '@/fleet/fleetStore';
import type { OpenSource, PictureSource, PictureView } from './source';
import { openVideo, videoAtRest } from './videoSource';

interface Opened {
  /** For the element that the source draws into. */
  readonly screen: RefCallback<HTMLElement>;
  /** `null` until there is a screen, and for a moment until it is known what the camera sends. */
  readonly source: PictureSource | null;
  readonly view: PictureView;
}

/** Many have no camera that sends pictures. */
const pictures = new Part(() => import('./pictureSource'));

/** The service's first words are mostly here before a tile is. A player that is fetched in vain is as large as the page. */
const waitForWordsMs = 400;

/** The source of a camera's pictures, from the mounting of its screen to its removal. This hook chooses the kind of source. */
export function useSource(id: number, place: string): Opened {
  const [source, setSource] = useState<PictureSource | null>(null);
  const open = useOpen(id);
  const screen = useCallback(
    (element: HTMLElement | null) => {
      if (element === null || open === null) {
        return undefined;
      }
      const opened = open(id, place, element);
      setSource(opened);
      return () => {
        opened.close();
        setSource(null);
      };
    },
    [id, place, open],
  );
  return { screen, source, view: useSignalOr(source?.view ?? null, videoAtRest) };
}

/** By what the service says the camera sends. Until it knows, video: that shows stills meanwhile. */
function useOpen(id: number): OpenSource | null {
  const report = useCameraReport(id);
  const isOpening = useConnection().kind === 'opening';
  const [isLate, setIsLate] = useState(false);
  const waits = report === null && isOpening && !isLate;
  useEffect(() => {
    if (!waits) {
      return undefined;
    }
    const timer = setTimeout(setIsLate, waitForWordsMs, true);
    return () => clearTimeout(timer);
  }, [waits]);
  const sendsPictures = report?.kind === 'pictures';
  const openPictures = useOpenPictures(sendsPictures);
  return waits ? null : sendsPictures ? openPictures : openVideo;
}

function useOpenPictures(isWanted: boolean): OpenSource | null {
  const [open, setOpen] = useState<OpenSource | null>(() => pictures.module?.openPictures ?? null);
  const isMissing = isWanted && open === null;
  useEffect(() => {
    if (!isMissing) {
      return undefined;
    }
    let isGone = false;
    const load = async () => {
      const { openPictures } = await pictures.get();
      if (!isGone) {
        setOpen(() => openPictures);
      }
    };
    void load();
    return () => {
      isGone = true;
    };
  }, [isMissing]);
  return open;
}
