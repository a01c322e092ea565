import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
// A type only: Electron 33's Node 20.18 cannot require() the ES modules behind 'vitest/config'.
import type { ViteUserConfig } from 'vitest/config';
import { patience } from './test/support/waits';

// Tests run on the app's own runtime (scripts/test.mjs starts vitest with Electron as Node), so native modules are the app's too.
const manifestPath = process.env['SAMPO_RUNTIME'] ?? join(import.meta.dirname, 'node_modules/.sampo/runtime.json');
const manifest = existsSync(manifestPath)
  ? (JSON.parse(readFileSync(manifestPath, 'utf8')) as { sqlite: string | null })
  : null;
const alias = manifest?.sqlite ? { 'better-sqlite3': manifest.sqlite } : {};

const shared = {
  environment: 'node',
  globalSetup: 'test/support/needs-runtime.ts',
  pool: 'forks' as const,
  testTimeout: 2 * patience,
  hookTimeout: 2 * patience,
  expect: { poll: { timeout: patience } },
};

const config: ViteUserConfig = {
  resolve: { alias },
  test: {
    maxWorkers: 2,
    projects: [
      {
        resolve: { alias },
        esbuild: { jsx: 'automatic' },
        test: { ...shared, name: 'unit', include: ['test/unit/**/*.test.{ts,tsx}', 'test/golden/**/*.test.ts'] },
      },
      {
        // One window at a time: they share the display and the two cores.
        test: {
          ...shared,
          name: 'e2e',
          include: ['test/e2e/**/*.e2e.ts'],
          testTimeout: 300_000,
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
    ],
  },
};

export default config;
