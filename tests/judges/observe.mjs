// What reaches the screen of a <video>: shared by play.mjs and players.mjs, and run in the browser, so it names nothing
// outside itself.

// In the browser. Where the strip is and how it reads: footage.py.
export function observe(pressed = Date.now()) {
  const CELL = 40, BORDER = 8, CELLS = 18, SAMPLE_EVERY_MS = 150, GAP_S = 0.5;
  const canvas = document.createElement('canvas');
  canvas.width = CELLS;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  const seen = { first_frame_ms: null, gaps: [], waits: [], errors: [], samples: [] };
  let video = null, lastShown = null, lastSample = 0;

  function readStrip() {
    // One row through the middle of the cells, shrunk without smoothing to one pixel each.
    context.drawImage(video, BORDER, BORDER + CELL / 2, CELL * CELLS, 1, 0, 0, CELLS, 1);
    const pixels = context.getImageData(0, 0, CELLS, 1).data;
    const bits = Array.from({ length: CELLS }, (_, cell) => Number(pixels[4 * cell + 1] > 127));
    const value = (from, to) => bits.slice(from, to).reduce((sum, bit) => 2 * sum + bit, 0);
    const number = value(2, 14);
    const check = ~((number >> 8) + (number >> 4 & 15) + (number & 15)) & 15;
    return bits[0] === 1 && bits[1] === 0 && value(14, 18) === check ? number : null;
  }

  function onFrame(now, facts) {
    const wall = Date.now() - performance.now() + Math.max(facts.expectedDisplayTime, now);
    seen.first_frame_ms ??= Math.round(wall - pressed);
    if (lastShown !== null && wall - lastShown > 1000 * GAP_S) seen.gaps.push([Math.round(wall), (wall - lastShown) / 1000]);
    lastShown = wall;
    if (wall - lastSample >= SAMPLE_EVERY_MS) {
      lastSample = wall;
      seen.samples.push([Math.round(wall), readStrip(), facts.width]);
    }
    video.requestVideoFrameCallback(onFrame);
  }

  // A page may replace its <video> when it rebuilds its player.
  function adopt() {
    const found = document.querySelector('video');
    if (!found || found === video) return;
    video = found;
    video.requestVideoFrameCallback(onFrame);
    video.addEventListener('waiting', () => seen.first_frame_ms !== null && seen.waits.push(Date.now()));
  }
  adopt();
  setInterval(adopt, 100);

  window.trial = {
    seen,
    report() {
      const wall = Date.now();
      if (lastShown !== null && wall - lastShown > 1000 * GAP_S) seen.gaps.push([wall, (wall - lastShown) / 1000]);
      const quality = video?.getVideoPlaybackQuality();
      const targets = window.hls ? { latency: window.hls.targetLatency, behind: window.hls.latency, rate: video.playbackRate } : {};
      return { ...seen, frames: quality?.totalVideoFrames ?? 0, dropped: quality?.droppedVideoFrames ?? 0, targets };
    },
  };
}
