import type { HlsConfig, LoadPolicy, LoaderConfig } from 'hls.js';

/** Playback rates other than 1 make WebKit rebuffer. */
const isWebKit = /AppleWebKit/.test(navigator.userAgent) && !/Chrom(e|ium)|Edg\//.test(navigator.userAgent);

/** The first playlist: no retries here. What it answers is for the person, and the machine retries by its own schedule. */
const once: LoadPolicy = { default: { maxTimeToFirstByteMs: 12_000, maxLoadTimeMs: 15_000, timeoutRetry: null, errorRetry: null } };

/** A held playlist answers when the next part is there: three long segments are still no failure. 4xx included, the window moves. */
const playlists: LoaderConfig = {
  maxTimeToFirstByteMs: 12_000,
  maxLoadTimeMs: 15_000,
  timeoutRetry: { maxNumRetry: 6, retryDelayMs: 0, maxRetryDelayMs: 0 },
  errorRetry: {
    maxNumRetry: 10,
    retryDelayMs: 500,
    maxRetryDelayMs: 4_000,
    shouldRetry: (retry, count) => retry != null && count < retry.maxNumRetry,
  },
};

const media: LoaderConfig = {
  maxTimeToFirstByteMs: 5_000,
  maxLoadTimeMs: 20_000,
  timeoutRetry: { maxNumRetry: 6, retryDelayMs: 0, maxRetryDelayMs: 0 },
  errorRetry: { maxNumRetry: 6, retryDelayMs: 500, maxRetryDelayMs: 4_000 },
};

/**
 * hls.js as measured for 2 s segments and 0.333 s parts. Its defaults keep every picture ever played in memory and
 * let a player stay minutes behind.
 *
 * `liveSyncDurationCount` stays unset even though 3 is its default: setting it makes hls.js ignore PART-HOLD-BACK.
 * How far behind a player may fall is therefore set on the running player, which does not insist on the pair.
 *
 * No worker: the worker's script costs 41 KB gzip, and unpacking 4 Mbit/s of MPEG-TS about 1 ms per part.
 */
export const hlsConfig = (lowLatency: boolean): Partial<HlsConfig> => ({
  lowLatencyMode: lowLatency,
  enableWorker: false,
  backBufferLength: 15,
  maxBufferLength: 10,
  maxMaxBufferLength: 20,
  liveDurationInfinity: true,
  liveSyncOnStallIncrease: 0.3,
  maxLiveSyncPlaybackRate: isWebKit ? 1 : 1.2,
  startFragPrefetch: false,
  ignorePlaylistParsingErrors: true,
  manifestLoadPolicy: once,
  playlistLoadPolicy: { default: playlists },
  fragLoadPolicy: { default: media },
});

/**
 * Further behind the end of the playlist than so many seconds, hls.js jumps to where it means to play. With parts it
 * catches up by playing faster, but only to within a target duration of that: what is further away must jump, or it
 * stays there for good.
 */
export const liveMaxLatencyS = (partHoldBack: number, targetDuration: number): number =>
  partHoldBack > 0 ? 2 * partHoldBack + targetDuration : 6 * targetDuration;
