import type Hls from 'hls.js/light';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { speak, texts } from '@/texts';
import { HlsTransport } from './hlsTransport';
import type { OnFault } from './transport';

const Events = { LEVEL_LOADED: 'level', FRAG_LOADED: 'fragment', ERROR: 'error' };

type Listener = (name: string, data: object) => void;

/** As much of hls.js as the transport touches. */
class FakeHls {
  readonly config: { liveMaxLatencyDuration?: number } = {};
  readonly listeners = new Map<string, Listener>();
  targetLatency = 1.2;
  latency = 1.2;
  playingDate = null;
  on(name: string, listener: Listener): void {
    this.listeners.set(name, listener);
  }
  tell(name: string, data: object): void {
    this.listeners.get(name)?.(name, data);
  }
  loadSource(): void {}
  attachMedia(): void {}
  destroy(): void {}
}

let hls: FakeHls;
const video = document.createElement('video');

function transport(delivery: 'lowLatency' | 'standard', onFault: OnFault = () => undefined): HlsTransport {
  // A constructor that returns an object: the transport's own hls.js, in our hands.
  const Observed = Object.assign(
    function observed(): FakeHls {
      hls = new FakeHls();
      return hls;
    },
    { Events, ErrorTypes: {}, ErrorDetails: { BUFFER_STALLED_ERROR: 'stalled' } },
  );
  const made = new HlsTransport(Observed as unknown as typeof Hls, video, '/stream.m3u8', delivery, onFault);
  hls.tell('level', { details: { partHoldBack: 1.2, holdBack: 6, targetduration: 2, partTarget: 0.334 }, stats: {} });
  return made;
}

/** Looks as the player does, four times a second. */
function pass(ms: number, looked: HlsTransport): void {
  for (let passed = 0; passed < ms; passed += 250) {
    vi.advanceTimersByTime(250);
    looked.tick(Date.now());
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  Object.defineProperties(video, { paused: { value: false }, seeking: { value: false, configurable: true }, readyState: { value: 4 } });
  video.playbackRate = 1;
});
afterEach(() => vi.useRealTimers());

it('gives the latency that stalls added back after half a minute without one', () => {
  const reader = transport('lowLatency');
  hls.targetLatency = 1.8;
  hls.latency = 1.8;
  hls.tell('error', { details: 'stalled', fatal: false });
  pass(29_000, reader);
  expect(hls.targetLatency).toBe(1.8);
  pass(2_000, reader);
  expect(hls.targetLatency).toBe(1.2);
});

it('jumps to the live edge from where playing faster does not reach it', () => {
  transport('lowLatency');
  expect(hls.config.liveMaxLatencyDuration).toBeCloseTo(4.4);
  transport('standard');
  expect(hls.config.liveMaxLatencyDuration).toBe(12);
});

it('holds a picture that is right behind the live edge until it is as far behind as it should be', () => {
  const reader = transport('lowLatency');
  hls.latency = 0.5;
  pass(750, reader);
  expect(video.playbackRate).toBe(1);
  pass(250, reader);
  expect(video.playbackRate).toBe(0);
  hls.latency = 1.2;
  pass(750, reader);
  expect(video.playbackRate).toBe(1);
  pass(5_000, reader);
  expect(video.playbackRate).toBe(1);
});

it('changes nothing when it is only read, however often', () => {
  const reader = transport('lowLatency');
  hls.targetLatency = 1.8;
  hls.latency = 0.5;
  hls.tell('error', { details: 'stalled', fatal: false });
  for (let turn = 0; turn < 200; turn += 1) {
    vi.advanceTimersByTime(250);
    reader.read();
  }
  expect([video.playbackRate, hls.targetLatency]).toEqual([1, 1.8]);
});

it('lets go of the picture when it is closed', () => {
  const reader = transport('lowLatency');
  hls.latency = 0.5;
  pass(1_000, reader);
  expect(video.playbackRate).toBe(0);
  reader.close();
  expect(video.playbackRate).toBe(1);
});

it('lets go of the picture for a seek, and before its own', () => {
  const reader = transport('lowLatency');
  hls.latency = 0.5;
  pass(1_000, reader);
  expect(video.playbackRate).toBe(0);
  Object.defineProperty(video, 'seeking', { value: true, configurable: true });
  pass(250, reader);
  expect(video.playbackRate).toBe(1);
  Object.defineProperty(video, 'seeking', { value: false, configurable: true });
  pass(1_250, reader);
  expect(video.playbackRate).toBe(0);
  reader.goLive();
  expect(video.playbackRate).toBe(1);
});

it('says in the language of the page why the service has no playlist', () => {
  const english = texts;
  speak({ ...english, failures: { 'stream.no-picture-yet': () => 'Noch kein Bild.' } });
  const onFault = vi.fn<OnFault>();
  transport('lowLatency', onFault);
  const refusal = { ok: false, error: 'There is no picture yet.', code: 'stream.no-picture-yet', params: {} };
  const refused = Object.create(XMLHttpRequest.prototype, { responseType: { value: 'text' }, responseText: { value: JSON.stringify(refusal) } });
  hls.tell('error', { type: 'network', details: 'manifest', fatal: true, networkDetails: refused });
  expect(onFault).toHaveBeenCalledWith({ kind: 'network', sentence: 'Noch kein Bild.' });
  speak(english);
});
