import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the service. */
const service = process.env.PLATECAST_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('./src', import.meta.url)),
      // The router brings along what React has had since version 18.
      'use-sync-external-store/shim/index.js': 'react',
    },
  },
  server: { proxy: { '/api': service, '/hls': service } },
  build: {
    target: 'es2022',
    // budget.mjs reads it to know what is loaded when.
    manifest: true,
    // Who plays LL-HLS knows modulepreload, or does well without.
    modulePreload: { polyfill: false },
    // The service's Content-Security-Policy knows no data: URLs for scripts and styles.
    assetsInlineLimit: 0,
    // The largest allowed chunk is budget.mjs's to judge, in gzip.
    chunkSizeWarningLimit: 500,
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    unstubGlobals: true,
  },
});
