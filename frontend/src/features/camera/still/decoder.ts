/**
 * Makes a picture of a film of one. One `<video>` serves the whole page: a wall of 64 that kept one each would hold 64
 * decoders.
 */

const loadWithinMs = 5_000;
/** A film that is loaded may still have nothing to draw for a moment. */
const triesToDraw = 20;
const tryEveryMs = 25;

let video: HTMLVideoElement | null = null;
let scratch: HTMLCanvasElement | null = null;
let queue: Promise<unknown> = Promise.resolve();

/** Draws the film's picture by `draw`, called once, or not at all when it cannot be decoded or is no longer wanted. */
export function decode(film: Blob, widthFor: (pictureWidth: number) => number, draw: (picture: HTMLCanvasElement) => void, signal: AbortSignal): Promise<void> {
  const turn = queue.then(async () => {
    if (!signal.aborted) {
      const picture = await pictureOf(film, widthFor);
      if (picture !== null && !signal.aborted) {
        draw(picture);
      }
    }
  });
  queue = turn.catch(() => undefined);
  return turn;
}

async function pictureOf(film: Blob, widthFor: (pictureWidth: number) => number): Promise<HTMLCanvasElement | null> {
  video ??= makeVideo();
  scratch ??= document.createElement('canvas');
  const url = URL.createObjectURL(film);
  try {
    if (!(await load(video, url))) {
      return null;
    }
    scratch.width = widthFor(video.videoWidth);
    scratch.height = Math.round((scratch.width * video.videoHeight) / video.videoWidth);
    return (await drawn(video, scratch)) ? scratch : null;
  } finally {
    // Without this the decoder and the film stay until the next one comes.
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(url);
  }
}

function makeVideo(): HTMLVideoElement {
  const made = document.createElement('video');
  made.muted = true;
  made.playsInline = true;
  made.preload = 'auto';
  made.disableRemotePlayback = true;
  return made;
}

async function load(into: HTMLVideoElement, url: string): Promise<boolean> {
  const settled = new AbortController();
  const { signal } = settled;
  return new Promise<boolean>((resolve) => {
    const end = (loaded: boolean) => {
      clearTimeout(timer);
      settled.abort();
      resolve(loaded && into.videoWidth > 0);
    };
    const timer = setTimeout(end, loadWithinMs, false);
    into.addEventListener('loadeddata', () => end(true), { signal });
    into.addEventListener('error', () => end(false), { signal });
    into.src = url;
    // iPhones load nothing before it is to be played.
    into.play().catch(() => undefined);
  });
}

/** `drawImage` of a missing frame draws nothing and raises no error. */
async function drawn(from: HTMLVideoElement, onto: HTMLCanvasElement): Promise<boolean> {
  const context = onto.getContext('2d', { willReadFrequently: true });
  if (context === null) {
    return false;
  }
  for (let tried = 0; tried < triesToDraw; tried += 1) {
    context.drawImage(from, 0, 0, onto.width, onto.height);
    if (context.getImageData(onto.width >> 1, onto.height >> 1, 1, 1).data[3] !== 0) {
      return true;
    }
    // eslint-disable-next-line no-await-in-loop -- one try after another is the point
    await new Promise((resolve) => setTimeout(resolve, tryEveryMs));
  }
  return false;
}
