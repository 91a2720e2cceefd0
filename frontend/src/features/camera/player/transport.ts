import type { Fault } from './machine';

/** What a transport knows beyond what the `<video>` tells. */
export interface Reading {
  /** Rises with each playlist that brought something new. */
  readonly playlistUpdates: number;
  readonly heardAtMs: number;
  readonly cadenceMs: number;
  /** The camera's wall clock at the playhead, by the service's clock. */
  readonly playingDateMs: number | null;
  /** Of media loaded so far; `null` where the browser does not say. */
  readonly bytes: number | null;
  /** How far behind the live edge it means to play. */
  readonly targetLatencyMs: number | null;
  /** How far ahead of the playhead `goLive` would land. */
  readonly toLiveMs: number;
}

/** One way of getting the stream into the `<video>`; used once, from its making to `close`. */
export interface Transport {
  /** Once for each look at it: takes in what has changed, and acts on it. */
  tick(nowMs: number): void;
  /** Changes nothing, however often it is asked. */
  read(): Reading;
  startLoad(): void;
  recoverMedia(): void;
  goLive(): void;
  close(): void;
}

export type OnFault = (fault: Fault) => void;

export type MakeTransport = (video: HTMLVideoElement, onFault: OnFault) => Transport;
