/**
 * The picture that lies under the video: the newest still, or the last thing the video showed. It lives outside React,
 * like the player, and both draw on it.
 */
import { Signal } from '@/base/signal';
import { type AskStill, type Still, askStill } from '@/api/still';
import { decode } from './decoder';
import { type Supply, stills } from './stills';

export interface StillView {
  readonly hasPicture: boolean;
  /** When it was taken, by the service's clock; `null` where that is not known. */
  readonly pictureMs: number | null;
}

export const bare: StillView = { hasPicture: false, pictureMs: null };

/** Where a layer's stills come from, and what makes a picture of them. */
export interface StillKind {
  readonly ask: AskStill;
  readonly decode: typeof decode;
  /** It is drawn with all its pixels, and not only as wide as it is shown. */
  readonly isWhole?: boolean;
}

/** Key frames of a video. */
export const films: StillKind = { ask: askStill, decode };

/** As wide as a still is ever drawn; a tile takes less. */
const widest = 1_280;

export class StillLayer {
  readonly id: number;
  readonly ask: AskStill;
  readonly againMs: (() => number) | null;
  readonly #canvas: HTMLCanvasElement;
  readonly #decode: typeof decode;
  readonly #isWhole: boolean;
  readonly #view = new Signal<StillView>(bare);
  #tag: string | null = null;
  #file: Blob | null = null;
  #supply: Supply | null = null;

  /** `againMs`: how long to wait for the next still, where nobody tells that there is one. */
  constructor(id: number, canvas: HTMLCanvasElement, kind: StillKind, againMs: (() => number) | null = null) {
    this.id = id;
    this.ask = kind.ask;
    this.againMs = againMs;
    this.#canvas = canvas;
    this.#decode = kind.decode;
    this.#isWhole = kind.isWhole === true;
  }

  get tag(): string | null {
    return this.#tag;
  }

  /** What its picture was made of. */
  get file(): Blob | null {
    return this.#file;
  }

  /** What it shows; another one for each picture. */
  get view(): Signal<StillView> {
    return this.#view;
  }

  /** Keeps it fresh by stills, or leaves it as it is. */
  renew(wanted: boolean): void {
    if (wanted) {
      this.#supply ??= stills.supply(this);
    } else {
      this.#supply?.stop();
      this.#supply = null;
    }
  }

  /** There is a newer still. */
  hurry(): void {
    this.#supply?.hurry();
  }

  async show({ file, tag, pictureMs }: Still, signal: AbortSignal): Promise<void> {
    await this.#decode(
      file,
      (width) => (this.#isWhole ? width : this.#widthFor(width)),
      (picture) => {
        [this.#tag, this.#file] = [tag, file];
        this.#draw(picture, picture.width, picture.height, pictureMs);
      },
      signal,
    );
  }

  /** Copies what the video shows, so that taking it away shows no black. */
  keep(video: HTMLVideoElement, pictureMs: number | null): void {
    const { videoWidth, videoHeight } = video;
    if (videoWidth > 0) {
      const width = this.#widthFor(videoWidth);
      this.#draw(video, width, Math.round((width * videoHeight) / videoWidth), pictureMs);
    }
  }

  #draw(source: CanvasImageSource, width: number, height: number, pictureMs: number | null): void {
    // Setting a size clears: not where it is the same.
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    this.#canvas.getContext('2d')?.drawImage(source, 0, 0, width, height);
    this.#view.set({ hasPicture: true, pictureMs });
  }

  #widthFor(pictureWidth: number): number {
    const shownAt = Math.ceil(this.#canvas.clientWidth * devicePixelRatio);
    return Math.max(1, Math.min(pictureWidth, widest, shownAt || widest));
  }
}
