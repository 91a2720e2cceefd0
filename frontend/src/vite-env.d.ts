interface ImportMetaEnv {
  /** `false` makes the page ask for the standard playlist only. */
  readonly VITE_HLS_LOW_LATENCY?: string;
}

/** hls.js ships types for its full build only; the light one has the same surface, less audio tracks, subtitles and DRM. */
declare module 'hls.js/light' {
  export * from 'hls.js';
  export { default } from 'hls.js';
}
