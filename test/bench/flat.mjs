#!/usr/bin/env node
// Memory over a long run: 500 steps of the starter model through the command line, RSS of the engine every 50 steps:
//   node test/bench/flat.mjs [--steps 500] [--method sampo] [--lora]
// Fails where RSS grows more than 3 % after step 100. Tensors left behind in the library are counted in
// train/run.test.ts.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const { values: flags } = parseArgs({
  options: {
    steps: { type: 'string', default: '500' },
    method: { type: 'string', default: 'sampo' },
    lora: { type: 'boolean', default: false },
  },
});
const steps = Number(flags.steps);
const [warmUp, most] = [100, 0.03];
if (!(steps > warmUp))
  throw new Error(`--steps ${flags.steps}: growth is measured from step ${warmUp} on, so give more`);

const work = await mkdtemp(join(tmpdir(), 'sampo-flat-'));
try {
  const starter = join(root, 'resources', 'starter');
  const spec = {
    model: { path: join(starter, 'model') },
    dataset: { path: join(starter, 'pairs.jsonl'), limit: 200 },
    adapter: { kind: flags.lora ? 'lora' : 'none' },
    method: { id: flags.method },
    training: {
      maxSteps: steps,
      pairsPerStep: 4,
      maxLength: 256,
      learningRate: 1e-5,
      checkpointEvery: 100,
      evalEvery: 50,
    },
    probes: { everySteps: 100, maxNewTokens: 24 },
  };
  await writeFile(join(work, 'spec.json'), JSON.stringify(spec));
  const child = spawn(
    process.execPath,
    [
      join(root, 'scripts', 'sampo.mjs'),
      '--home',
      join(work, 'home'),
      '--json',
      'train',
      '--spec',
      join(work, 'spec.json'),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise((done) => child.on('exit', done));
  const resident = new Map();
  console.log('| step | RSS, MB |\n|---|---|');
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue;
    const event = JSON.parse(line);
    const bytes = event.event === 'metrics' ? event.values['perf/rss_bytes'] : undefined;
    if (bytes === undefined) continue;
    resident.set(event.step, bytes);
    if (event.step % 50 === 0) console.log(`| ${event.step} | ${(bytes / 1e6).toFixed(1)} |`);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`sampo train ended with ${code}`);
  if (resident.size < steps) throw new Error(`${resident.size} of ${steps} steps reported`);
  const growth = resident.get(steps) / resident.get(warmUp) - 1;
  console.log(`Step ${warmUp} to ${steps}: ${(100 * growth).toFixed(2)} %`);
  if (growth > most) {
    console.error(`RSS grew by more than ${100 * most} %.`);
    process.exitCode = 1;
  }
} finally {
  await rm(work, { recursive: true, force: true });
}
