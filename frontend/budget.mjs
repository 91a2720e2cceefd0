/**
 * Holds what a device has to load, in bytes of gzip: to the first words, from there to the first picture of each way to play,
 * for each part that comes later, and ahead in all. Reads Vite's manifest, so that it counts what is fetched and not what
 * lies in the folder.
 *
 *   node budget.mjs             compares with budget.json, which the last commit left
 *   node budget.mjs --update    writes it: in the commit that grows, which says why
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const KB = 1_024;
const limits = { words: 120 * KB, own: 40 * KB, pictures: { hls: 120 * KB }, newPart: 12 * KB, ahead: 60 * KB, file: 130 * KB };
/** What may grow without a word: the first page by so much, a part by so much of itself. */
const slack = { first: KB, part: 0.1 };
/** What comes after the first words until a picture moves. */
const ways = { stills: [], native: ['src/features/camera/player/player.ts'], hls: ['src/features/camera/player/player.ts', 'node_modules/hls.js/dist/hls.light.mjs'] };
/** Everybody loads English first: another language comes in its place. */
const language = 'src/texts/en.ts';
/** What no part loads by itself. */
const notAhead = new Set(Object.values(ways).flat());

const dist = new URL('./dist/', import.meta.url);
const committed = new URL('./budget.json', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const app = Object.keys(manifest).find((name) => manifest[name].name === 'app' && manifest[name].file.endsWith('.js'));
const sizes = new Map();

function sizeOf(file) {
  if (!sizes.has(file)) {
    sizes.set(file, gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length);
  }
  return sizes.get(file);
}

/** The files of a chunk and of everything it imports. */
function filesOf(name, files = new Set()) {
  const chunk = manifest[name];
  if (chunk === undefined) {
    throw new Error(`The build has no ${name}: budget.mjs names what is gone.`);
  }
  if (!files.has(chunk.file)) {
    files.add(chunk.file);
    chunk.css?.forEach((css) => files.add(css));
    chunk.imports?.forEach((next) => filesOf(next, files));
  }
  return files;
}

const sum = (files) => [...files].reduce((total, file) => total + sizeOf(file), 0);
const without = (files, others) => new Set([...files].filter((file) => !others.has(file)));
const all = (names) => names.reduce((files, name) => filesOf(name, files), new Set());

const first = all(['index.html', app, language]);
const isOf = (pattern) => sum([...first].filter((file) => pattern.test(file)));
const causes = { html: sizeOf('index.html'), css: isOf(/\.css$/u), react: isOf(/\/react-[^/]*\.js$/u), words: sizeOf(manifest[language].file) };
const words = causes.html + sum(first);
const own = words - Object.values(causes).reduce((a, b) => a + b);
const later = Object.keys(manifest).filter((name) => manifest[name].isDynamicEntry && !first.has(manifest[name].file) && !notAhead.has(name) && !name.startsWith('src/texts/'));
const now = {
  words,
  causes: { ...causes, own },
  pictures: Object.fromEntries(Object.entries(ways).map(([way, names]) => [way, sum(without(all(names), first))])),
  parts: Object.fromEntries(later.toSorted().map((name) => [name, sum(without(filesOf(name), first))])),
  ahead: sum(without(all(later), first)),
};

if (process.argv.includes('--update')) {
  writeFileSync(committed, `${JSON.stringify(now, null, 2)}\n`);
}
const before = existsSync(committed) ? JSON.parse(readFileSync(committed, 'utf8')) : { words: 0, parts: {} };

let over = false;
function hold(what, bytes, limit, known = null) {
  const isOver = bytes > limit;
  over ||= isOver;
  const change = known === null || known === undefined || bytes === known ? '' : ` (${bytes > known ? '+' : '−'}${Math.abs(bytes - known)} B)`;
  console.log(`budget ${what.padEnd(44)} ${(bytes / KB).toFixed(1).padStart(6)} KB of ${(limit / KB).toFixed(1)}${change}${isOver ? '  OVER' : ''}`);
}

hold('to the first words', words, Math.min(limits.words, before.words + slack.first), before.words);
hold('  of it our own code', own, limits.own, before.causes?.own);
for (const [way, limit] of Object.entries(limits.pictures)) {
  hold(`  and to a picture by ${way}`, now.pictures[way], limit, before.pictures?.[way]);
}
for (const [name, bytes] of Object.entries(now.parts)) {
  const known = before.parts[name];
  hold(name, bytes, known === undefined ? limits.newPart : Math.round(known * (1 + slack.part)), known);
}
hold('ahead in all', now.ahead, limits.ahead, before.ahead);
hold('the largest file', Math.max(...sizes.values()), limits.file);
const changed = [...later.filter((name) => !(name in before.parts)), ...Object.keys(before.parts).filter((name) => !later.includes(name))];
if (changed.length > 0) {
  over = true;
  console.log(`budget.json does not have these parts as they are: ${changed.join(', ')}`);
}
if (over) {
  console.log('What grows on purpose: node budget.mjs --update, in the same commit, which says why.');
}
process.exit(over ? 1 : 0);
