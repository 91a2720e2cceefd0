import react from '@vitejs/plugin-react';
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** The path below which a proxy serves the page, with a slash at both ends. */
const base = process.env.VITE_BASE ?? '/';

/** Where `npm run dev` finds the service. */
const service = process.env.PLATECAST_URL ?? 'http://127.0.0.1:8080';

const styleSheets = new Map<string, string>();

/** `Tile_caption`: legible in the page, and 0.7 KB gzip less to load than with a hash of each file. */
function classNameOf(local: string, file: string): string {
  const sheet = basename(file, '.module.css');
  if ((styleSheets.get(sheet) ?? file) !== file) {
    throw new Error(`${file} and ${styleSheets.get(sheet)} would share their classes.`);
  }
  styleSheets.set(sheet, file);
  return `${sheet}_${local}`;
}

/** A module's folder is its layer, so that what a feature says of a button stands, in whatever order their files come. */
const layers: Plugin = {
  name: 'layers',
  enforce: 'pre',
  transform: (code, id) => (id.endsWith('.module.css') ? `@layer ${id.includes('/src/ui/') ? 'ui' : 'features'} {\n${code}}\n` : null),
};

/** Names the build in the page itself, so that it is there whoever serves the files. Their names carry their content. */
const buildId: Plugin = {
  name: 'build-id',
  transformIndexHtml: {
    order: 'post',
    handler: (html, { bundle }) => {
      if (bundle === undefined) {
        return [];
      }
      const id = createHash('sha256').update([html, ...Object.keys(bundle).toSorted()].join('\n')).digest('hex').slice(0, 24);
      return [{ tag: 'meta', attrs: { name: 'build', content: id }, injectTo: 'head' }];
    },
  },
};

/** What the first page consists of beside `main`, which chooses the language before it imports the rest. */
const firstModules = ['/src/app/mount.tsx', '/src/texts/en.ts'];

/** Names what `main` imports in the page itself: the browser fetches it all at once, and not one after another. */
const fetchedFirst: Plugin = {
  name: 'fetched-first',
  transformIndexHtml: {
    order: 'post',
    handler: (html, { bundle = {} }) => {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const first = chunks.filter(({ moduleIds }) => moduleIds.some((id) => firstModules.some((module) => id.endsWith(module))));
      const scripts = first.map(({ fileName }) => fileName).filter((file) => !html.includes(file));
      const styles = first.flatMap(({ viteMetadata }) => Array.from(viteMetadata?.importedCss ?? []));
      return [
        ...scripts.map((file) => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: base + file }, injectTo: 'head' as const })),
        ...styles.map((file) => ({ tag: 'link', attrs: { rel: 'stylesheet', crossorigin: true, href: base + file }, injectTo: 'head' as const })),
      ];
    },
  },
};

/**
 * Lets Vite's helper fetch the scripts that a part imports by `preload`. A script that `modulepreload` could not fetch is one
 * that Chromium never imports again; `preload` only fills the cache.
 */
const preloadsScripts: Plugin = {
  name: 'preloads-scripts',
  transform: {
    filter: { id: /vite\/preload-helper/u },
    handler: (code) => {
      const changed = code.replace(/const scriptRel = .*?;\s*const assetsURL/su, "const scriptRel = 'preload'; const assetsURL");
      if (changed === code) {
        throw new Error("Vite's preload helper has no scriptRel any more.");
      }
      return changed;
    },
  },
};

/** Everything that the app needs before its first tile is one file: cut into what other parts share, it is 2.7 KB gzip more. */
function isInApp(id: string, graph: { readonly getModuleInfo: (id: string) => { readonly importedIds: readonly string[] } | null }): boolean {
  if (inApp.size === 0) {
    const add = (module: string) => {
      if (!inApp.has(module)) {
        inApp.add(module);
        graph.getModuleInfo(module)?.importedIds.forEach(add);
      }
    };
    add(fileURLToPath(new URL('./src/app/mount.tsx', import.meta.url)));
  }
  return inApp.has(id);
}
const inApp = new Set<string>();

export default defineConfig({
  base,
  plugins: [layers, react(), fetchedFirst, preloadsScripts, buildId],
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('./src', import.meta.url)),
      // The router brings along what React has had since version 18.
      'use-sync-external-store/shim/index.js': 'react',
    },
  },
  css: { modules: { generateScopedName: classNameOf } },
  server: { proxy: { '/api': service, '/hls': service } },
  build: {
    target: 'es2022',
    // budget.mjs reads it to know what is loaded when.
    manifest: true,
    // Who plays LL-HLS knows modulepreload, or does well without.
    // `main` asks for all scripts of a printer's page at once. Elsewhere some may be here already, and a browser complains
    // about what was preloaded in vain.
    modulePreload: {
      polyfill: false,
      resolveDependencies: (part, files, { hostId, hostType }) =>
        hostType === 'html' || (hostId.includes('/index-') && part.includes('/OnePrinter-')) ? files : files.filter((file) => file.endsWith('.css')),
    },
    // The service's Content-Security-Policy knows no data: URLs for scripts and styles.
    assetsInlineLimit: 0,
    // React has a file of its own, which an upgrade of the page leaves as it is: 68 of 107 KB are not loaded anew.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules.(react|react-dom|scheduler)./u, priority: 2 },
            { name: 'first', tags: ['$initial'], priority: 1 },
            { name: (id, graph) => (isInApp(id, graph) ? 'app' : null), debugName: 'app' },
          ],
        },
      },
    },
    // The largest allowed chunk is budget.mjs's to judge, in gzip.
    chunkSizeWarningLimit: 500,
  },
  test: {
    environment: 'happy-dom',
    environmentOptions: { happyDOM: { settings: { handleDisabledFileLoadingAsSuccess: true } } },
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/texts/english.setup.ts'],
    restoreMocks: true,
    unstubGlobals: true,
  },
});
