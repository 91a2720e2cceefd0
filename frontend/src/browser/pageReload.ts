/** Handles a page that an upgrade has replaced: it reloads while nobody uses it, and offers to reload otherwise. */
import { outdatedBy, servedBuild } from '@/api/build';
import { Signal } from '@/base/signal';

const lookEveryMs = 1_000;
/** A person who has just touched the page is using it. */
const untouchedMs = 5_000;
const hourMs = 3_600_000;
/** The pause between two automatic reloads, whatever their reason: a cache may hold the old page, or two builds may share an address. */
const pausesMs = [hourMs / 6, hourMs, 6 * hourMs] as const;
const key = 'platecast.loadedAgain';
const inHand = 'form, dialog[open], [data-in-hand="true"]';
const touches = ['pointerdown', 'keydown', 'wheel', 'touchmove'] as const;

/** A newer page exists, and this one waits for a person. */
export const offersReload = new Signal(false);

/** Follows the service's build, until the page ends. */
export function followBuild(): void {
  let touchedMs = -Infinity;
  let timer: ReturnType<typeof setInterval> | undefined;
  let isAsking = false;
  let isForgetful = false;
  const isUntouched = () => Date.now() - touchedMs >= untouchedMs;
  const mustStay = () => isForgetful || isInHand() || isTooSoon();
  const isThere = async (by: string) => {
    isAsking = true;
    const served = await servedBuild();
    isAsking = false;
    return by === 'part' ? served !== null && served !== '' : served === by;
  };
  const look = async () => {
    const by = outdatedBy.value;
    const stays = by !== null && mustStay();
    offersReload.set(stays);
    // Without this check, a browser's error page could replace the page for good. Conditions may have changed meanwhile.
    if (by !== null && !stays && !isAsking && isUntouched() && (await isThere(by)) && outdatedBy.value === by && isUntouched() && !mustStay()) {
      isForgetful = !countReload();
      if (isForgetful) {
        offersReload.set(true);
        return;
      }
      clearInterval(timer);
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

/** A reload would lose or interrupt something: typed text, a dialog, a command, full screen or picture in picture. */
function isInHand(): boolean {
  const videos = [...document.querySelectorAll<HTMLVideoElement & { readonly webkitDisplayingFullscreen?: boolean }>('video')];
  return (
    document.fullscreenElement != null ||
    document.pictureInPictureElement != null ||
    document.querySelector(inHand) !== null ||
    isPopoverOpen() ||
    document.activeElement?.matches('input, textarea, select') === true ||
    videos.some(({ webkitDisplayingFullscreen }) => webkitDisplayingFullscreen === true)
  );
}

function isPopoverOpen(): boolean {
  try {
    return document.querySelector(':popover-open') !== null;
  } catch {
    // A browser that does not know the selector has no such element.
    return false;
  }
}

/** Each automatic reload makes the next pause longer. */
function isTooSoon(): boolean {
  try {
    const { count, atMs } = reloads();
    return count > 0 && Date.now() - atMs < (pausesMs[count - 1] ?? pausesMs[2]);
  } catch {
    // A page that cannot store it would reload endlessly.
    return true;
  }
}

function reloads(): { readonly count: number; readonly atMs: number } {
  const [count = 0, atMs = 0] = sessionStorage.getItem(key)?.split(' ').map(Number) ?? [];
  return { count, atMs };
}

/** `false`: the browser does not store it. */
function countReload(): boolean {
  try {
    sessionStorage.setItem(key, `${reloads().count + 1} ${Date.now()}`);
    return true;
  } catch {
    return false;
  }
}
