import type { TestProject } from 'vitest/node';

/**
 * Tests run on what `npm test` starts: unit tests on the app's own Electron (as Node), because SQLite and TensorFlow
 * are built for it and end another Node without a word; end-to-end tests with its environment and a display.
 */
export default function needsRuntime({ name }: TestProject): void {
  const isThere =
    name === 'unit' ? process.versions['electron'] !== undefined : process.env['SAMPO_RUNTIME'] !== undefined;
  if (isThere) return;
  process.stderr.write(
    `These tests need the app's own runtime: run them with npm test, npm test -- --unit PATTERN or npm test -- ` +
      `--e2e PATTERN.\n`,
  );
  process.exit(1);
}
