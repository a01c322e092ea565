#!/usr/bin/env node
// npm test [-- --lint | --types | --unit | --e2e] [path pattern …]: all checks, then one line that counts them.
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDisplay } from './lib/display.mjs';
import { explain } from './lib/errors.mjs';
import { readJson } from './lib/files.mjs';
import { say } from './lib/log.mjs';
import { childEnvironment } from './lib/manifest.mjs';
import { modulesDir, root } from './lib/paths.mjs';
import { runInherited } from './lib/run.mjs';
import { add, closingLine, countVitest, exitCodeOf, nothing, oneCheck } from './lib/test-summary.mjs';
import { build } from './build.mjs';
import { setup } from './setup.mjs';

const flags = process.argv.slice(2).filter((arg) => arg.startsWith('--'));
const patterns = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const kinds = ['--lint', '--types', '--unit', '--e2e'];

async function main() {
  const unknown = flags.filter((flag) => !kinds.includes(flag));
  if (unknown.length > 0)
    throw new Error(`unknown option ${unknown.join(' ')}; there are ${kinds.join(', ')} and path patterns`);
  const manifest = await setup({ withBuild: false });
  let total = await buildCheck();
  for (const [kind, check] of [
    ['--lint', checkLint],
    ['--types', checkTypes],
    ['--unit', unitTests],
    ['--e2e', endToEndTests],
  ]) {
    // With a pattern and no kind, everything the pattern can match runs; code style and types have no paths to match.
    if (flags.length > 0 ? !flags.includes(kind) : patterns.length > 0 && (kind === '--types' || kind === '--lint'))
      continue;
    total = add(total, await check(manifest));
  }
  return total;
}

/** A page that does not build must not hide what the other tests have to say. */
async function buildCheck() {
  try {
    say(`Build: ${await build()}`);
    return nothing;
  } catch (error) {
    say(`Build failed: ${error.message}`);
    return oneCheck(false);
  }
}

/** Format and lint (biome.jsonc; `npm run format` mends what can be mended), and what nobody uses (knip.jsonc). */
async function checkLint() {
  const checks = [
    ['Format and lint', 'npm run format mends what can be mended', ['@biomejs', 'biome', 'bin', 'biome'], biomeFlags],
    ['Unused files, exports and packages', 'remove them, or say in knip.jsonc why not', ['knip', 'bin', 'knip.js'], []],
  ];
  let total = nothing;
  for (const [what, hint, script, args] of checks) {
    const code = await runInherited(process.execPath, [join(modulesDir, ...script), ...args], { cwd: root });
    say(`${what}: ${code === 0 ? 'passed' : `failed; ${hint}`}`);
    total = add(total, oneCheck(code === 0));
  }
  return total;
}
const biomeFlags = ['check', '--error-on-warnings', '.'];

async function checkTypes() {
  const tsc = join(modulesDir, 'typescript', 'bin', 'tsc');
  const projects = ['tsconfig.main.json', 'tsconfig.renderer.json'].filter((file) => existsSync(join(root, file)));
  const codes = await Promise.all(
    projects.map((project) => runInherited(process.execPath, [tsc, '--noEmit', '-p', project], { cwd: root })),
  );
  codes.forEach((code, k) => say(`Types: ${projects[k]} ${code === 0 ? 'passed' : 'failed'}`));
  return codes.map((code) => oneCheck(code === 0)).reduce(add, nothing);
}

/** On the app's runtime: Electron as Node, so that SQLite and TensorFlow are the very modules the app loads. */
function unitTests(manifest) {
  return vitest('unit', manifest.electron, { ...childEnvironment(manifest), ELECTRON_RUN_AS_NODE: '1' });
}

/** On plain Node: Playwright starts the app itself, and ELECTRON_RUN_AS_NODE in its environment would stop that. */
async function endToEndTests(manifest) {
  const folder = join(root, 'test', 'e2e');
  if (!existsSync(folder) || !readdirSync(folder, { recursive: true }).some((file) => String(file).endsWith('.e2e.ts')))
    return nothing;
  return withDisplay((env) => vitest('e2e', process.execPath, env), { env: childEnvironment(manifest) });
}

async function vitest(project, executable, env) {
  // A folder of its own: two runs in one checkout must not read each other's report.
  const reports = await mkdtemp(join(tmpdir(), 'sampo-test-'));
  const report = join(reports, `${project}.json`);
  const args = [
    join(modulesDir, 'vitest', 'vitest.mjs'),
    'run',
    '--project',
    project,
    '--passWithNoTests',
    ...patterns,
  ];
  args.push('--reporter=default', '--reporter=json', `--outputFile.json=${report}`);
  const code = await runInherited(executable, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const counts = countVitest(await readJson(report), code);
  await rm(reports, { recursive: true, force: true });
  return counts;
}

main().then(
  (total) => {
    if (total.passed + total.failed === 0) say('No test ran.');
    say(closingLine(total));
    process.exit(exitCodeOf(total));
  },
  (error) => {
    console.error(explain(error));
    console.log(closingLine({ passed: 0, failed: 1, skipped: 0 }));
    process.exit(1);
  },
);
