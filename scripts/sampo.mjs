#!/usr/bin/env node
// The `sampo` command: the app's own CLI (dist/cli.cjs) on the app's own runtime, Electron run as Node.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { asError, exitCodeOf, explain } from './lib/errors.mjs';
import { logToStderr } from './lib/log.mjs';
import { childEnvironment, isUsable, readManifest } from './lib/manifest.mjs';
import { root } from './lib/paths.mjs';
import { runInherited } from './lib/run.mjs';

const cli = join(root, 'dist', 'cli.cjs');

async function main() {
  logToStderr(); // stdout belongs to the command: with --json it carries nothing else
  let manifest = await readManifest();
  if (!isUsable(manifest) || !existsSync(cli)) manifest = await (await import('./setup.mjs')).setup();
  else await rebuild();
  const given = process.argv.slice(2);
  const place = commandPlace(given);
  if (given[place] === 'engine') {
    const { engineCommand } = await import('./lib/engine-command.mjs');
    return engineCommand(given.toSpliced(place, 1), manifest);
  }
  const env = { ...childEnvironment(manifest), ELECTRON_RUN_AS_NODE: '1', SAMPO_COMMAND: String(process.pid) };
  return runInherited(manifest.electron, [cli, ...given], { env });
}

/**
 * After a pull or an edit the command should be the new one; a source in pieces still leaves the last one that was
 * built.
 */
async function rebuild() {
  try {
    await build();
  } catch (error) {
    console.error(`The build failed, so this runs the last one: ${error.message.split('\n')[0]}`);
  }
}

/** Where the command stands: after the flags that all commands take. */
function commandPlace(words) {
  const place = words.findIndex((word, i) => !word.startsWith('-') && words[i - 1] !== '--home');
  return place < 0 ? words.length : place;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: asError(error) })}\n`);
    else console.error(explain(error));
    process.exit(exitCodeOf(error));
  },
);
