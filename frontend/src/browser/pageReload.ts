/** A page that was replaced by an upgrade: it loads itself again while nobody needs it as it is, and offers to otherwise. */
import { outdatedBy, servedBuild } from '@/api/build';
import { Signal } from '@/base/signal';

const lookEveryMs = 1_000;
/** Whoever touched the page just now is looking for something on it. */
const untouchedMs = 5_000;
/** A page that was loaded again and is no newer tries again only after this: a cache on the way may hold the old one. */
const againAfterMs = 600_000;
const key = 'platecast.loadedAgain';
const inHand = 'form, dialog[open], [data-in-hand="true"]';
const touches = ['pointerdown', 'keydown', 'wheel', 'touchmove'] as const;

/** A newer page is there, and this one waits for a person. */
export const offersReload = new Signal(false);

/** Follows the service's build, until the page ends. */
export function followBuild(): void {
  let touchedMs = -Infinity;
  let timer: ReturnType<typeof setInterval> | undefined;
  let isAsking = false;
  const mayReload = async (by: string) => {
    isAsking = true;
    const served = await servedBuild();
    isAsking = false;
    return outdatedBy.value === by && (by === 'part' ? served !== null : served === by);
  };
  const look = async () => {
    const by = outdatedBy.value;
    const stays = by !== null && (isInHand() || wasLoadedFor(by));
    offersReload.set(stays);
    // In place of a page that answers, a browser's error would stand there for good.
    if (by !== null && !stays && !isAsking && Date.now() - touchedMs >= untouchedMs && (await mayReload(by)) && !isInHand()) {
      clearInterval(timer);
      keepLoadedFor(by);
      location.reload();
    }
  };
  for (const touch of touches) {
    addEventListener(
      touch,
      () => {
        touchedMs = Date.now();
      },
      { capture: true, passive: true },
    );
  }
  outdatedBy.subscribe(() => {
    clearInterval(timer);
    timer = outdatedBy.value === null ? undefined : setInterval(() => void look(), lookEveryMs);
    void look();
  });
}

/** Something would be lost or interrupted: what is typed, asked or sent, or a picture in a window or screen of its own. */
function isInHand(): boolean {
  const videos = [...document.querySelectorAll<HTMLVideoElement & { readonly webkitDisplayingFullscreen?: boolean }>('video')];
  return (
    document.fullscreenElement != null ||
    document.pictureInPictureElement != null ||
    document.querySelector(inHand) !== null ||
    document.activeElement?.matches('input, textarea, select') === true ||
    videos.some(({ webkitDisplayingFullscreen }) => webkitDisplayingFullscreen === true)
  );
}

function wasLoadedFor(build: string): boolean {
  try {
    const [last, atMs] = sessionStorage.getItem(key)?.split(' ') ?? [];
    return last === build && Date.now() - Number(atMs) < againAfterMs;
  } catch {
    // A page that cannot remember it would load itself again without end.
    return true;
  }
}

const keepLoadedFor = (build: string) => sessionStorage.setItem(key, `${build} ${Date.now()}`);
