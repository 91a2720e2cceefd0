/**
 * The picture that lies under the video: the newest still, or the last thing the video showed. It lives outside React,
 * like the player, and both draw on it.
 */
import { Signal } from '@/base/signal';
import type { Still } from '@/api/still';
import { decode } from './decoder';
import { stills } from './stills';

export interface StillView {
  readonly hasPicture: boolean;
  /** When it was taken, by the service's clock; `null` where that is not known. */
  readonly pictureMs: number | null;
}

export const bare: StillView = { hasPicture: false, pictureMs: null };

/** As wide as a still is ever drawn; a tile takes less. */
const widest = 1_280;

export class StillLayer {
  readonly id: number;
  readonly #canvas: HTMLCanvasElement;
  readonly #view = new Signal<StillView>(bare);
  #tag: string | null = null;
  #stop: (() => void) | null = null;

  constructor(id: number, canvas: HTMLCanvasElement) {
    this.id = id;
    this.#canvas = canvas;
  }

  get tag(): string | null {
    return this.#tag;
  }

  /** What it shows; another one for each picture. */
  get view(): Signal<StillView> {
    return this.#view;
  }

  /** Keeps it fresh by stills, or leaves it as it is. */
  renew(wanted: boolean): void {
    if (wanted) {
      this.#stop ??= stills.supply(this);
    } else {
      this.#stop?.();
      this.#stop = null;
    }
  }

  async show({ film, tag, pictureMs }: Still, signal: AbortSignal): Promise<void> {
    await decode(
      film,
      (width) => this.#widthFor(width),
      (picture) => {
        this.#tag = tag;
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
