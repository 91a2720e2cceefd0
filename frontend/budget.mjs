/**
 * Holds what a phone has to load: 120 KB of gzip before the first tile, 250 KB with video, no file above 130 KB.
 * Reads Vite's manifest, so that it counts what is really fetched and not what lies in the folder.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const dist = new URL('./dist/', import.meta.url);
const limits = { page: 120, video: 250, file: 130 };
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const kilobytes = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1024;

/** The files of a chunk and of everything it imports; `lazily` also what it imports later. */
function filesOf(name, lazily, files = new Set()) {
  const chunk = manifest[name];
  if (files.has(chunk.file)) {
    return files;
  }
  files.add(chunk.file);
  for (const css of chunk.css ?? []) {
    files.add(css);
  }
  for (const next of [...(chunk.imports ?? []), ...(lazily ? (chunk.dynamicImports ?? []) : [])]) {
    filesOf(next, lazily, files);
  }
  return files;
}

const sum = (files) => [...files].reduce((total, file) => total + kilobytes(file), 0);
const entry = 'index.html';
const all = filesOf(entry, true);
/** What plays: one printer's page and its player. The pages that somebody goes to now and then are not needed for it. */
const playing = ['src/app/OnePrinter.tsx', 'src/features/camera/player/player.ts', 'node_modules/hls.js/dist/hls.light.mjs'];
const figures = {
  page: kilobytes(entry) + sum(filesOf(entry, false)),
  video: kilobytes(entry) + sum(playing.reduce((files, name) => filesOf(name, false, files), filesOf(entry, false))),
  file: Math.max(...[...all].map(kilobytes)),
};

let over = false;
for (const [what, limit] of Object.entries(limits)) {
  const figure = figures[what];
  over ||= figure > limit;
  console.log(`budget ${what.padEnd(5)} ${figure.toFixed(1).padStart(6)} KB gzip of ${limit}${figure > limit ? '  OVER' : ''}`);
}
process.exit(over ? 1 : 0);
