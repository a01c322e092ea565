#!/usr/bin/env node
// npm start: set-up, then the window; without a display the sample comparison in the terminal.
import { join } from 'node:path';
import { explain } from './lib/errors.mjs';
import { say } from './lib/log.mjs';
import { childEnvironment } from './lib/manifest.mjs';
import { root } from './lib/paths.mjs';
import { runInherited } from './lib/run.mjs';
import { setup } from './setup.mjs';

async function main() {
  const manifest = await setup();
  const env = childEnvironment(manifest);
  if (!hasDisplay()) {
    say('No display here, so the sample comparison runs in the terminal (npx sampo sample).');
    return runInherited(manifest.electron, [join(root, 'dist', 'cli.cjs'), 'sample', ...process.argv.slice(2)], {
      env: { ...env, ELECTRON_RUN_AS_NODE: '1' },
    });
  }
  // Chromium refuses to run its sandbox as root.
  const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return runInherited(manifest.electron, [...flags, root, ...process.argv.slice(2)], { env });
}

const hasDisplay = () => process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(explain(error));
    process.exit(1);
  },
);
