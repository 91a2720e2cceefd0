import { afterEach, describe, expect, it, vi } from 'vitest';
import { hlsCode } from './hlsCode';
import { ladderHere } from './ladder';

const plays = (types: readonly string[]) => ({ isTypeSupported: (type: string) => types.includes(type) });
const h264 = 'video/mp4;codecs=avc1.42E01E';
const natively = (answer: '' | 'maybe') => vi.spyOn(HTMLVideoElement.prototype, 'canPlayType').mockReturnValue(answer);
const deliveries = () => ladderHere().map(({ delivery }) => delivery);

afterEach(() => vi.unstubAllGlobals());

describe('the ways of delivery are', () => {
  it('both playlists by hls.js, also in a browser that says it plays HLS by itself', () => {
    vi.stubGlobal('MediaSource', plays([h264]));
    natively('maybe');
    expect(deliveries()).toEqual(['lowLatency', 'standard']);
  });

  it('the same by the Media Source of iPhones', () => {
    vi.stubGlobal('MediaSource', undefined);
    vi.stubGlobal('ManagedMediaSource', plays([h264]));
    natively('maybe');
    expect(deliveries()).toEqual(['lowLatency', 'standard']);
  });

  it('the browser’s own player where it has no Media Source, and then hls.js is never fetched', async () => {
    vi.stubGlobal('MediaSource', undefined);
    natively('maybe');
    const fetched = vi.spyOn(hlsCode, 'get');
    expect(deliveries()).toEqual(['native']);
    const [rung] = ladderHere();
    const transport = (await rung?.open(1))?.(document.createElement('video'), () => undefined);
    expect(transport?.read().targetLatencyMs).toBe(6_000);
    expect(fetched).not.toHaveBeenCalled();
  });

  it('none without H.264', () => {
    vi.stubGlobal('MediaSource', plays(['video/mp4;codecs=av01.0.01M.08']));
    natively('');
    expect(deliveries()).toEqual([]);
  });
});
