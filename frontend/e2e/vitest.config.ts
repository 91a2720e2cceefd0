import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** One browser against one running service: in order, one after another. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  resolve: { alias: { '@': fileURLToPath(new URL('../src', import.meta.url)) } },
  test: {
    include: ['mocked/*.e2e.ts', 'real/*.e2e.ts'],
    environment: 'node',
    // Vitest keeps BASE_URL for itself.
    env: { SERVICE_URL: process.env.BASE_URL ?? 'http://127.0.0.1:8080' },
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    bail: 1,
    // A machine that does something else as well misses a deadline now and then; what fails twice is a fault.
    retry: 1,
  },
});
