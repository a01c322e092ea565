#!/usr/bin/env node
// How long until the first step of a run whose reference is cached already (the second of two runs of one step each),
// through the command line:
//   node test/bench/first-step.mjs --model SmolLM2-135M-Instruct.Q4_1.gguf --data llamafactory_dpo_en_demo.json
//     [--max-length 512] [--full]
// Prints when each phase began, in seconds from the start of the process; the last row is the end of step 1.
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
    model: { type: 'string' },
    data: { type: 'string' },
    'max-length': { type: 'string', default: '512' },
    full: { type: 'boolean' },
  },
});
if (!flags.model || !flags.data) throw new Error('give --model FOLDER or GGUF, and --data FILE');

const work = await mkdtemp(join(tmpdir(), 'sampo-first-step-'));
try {
  await writeFile(
    join(work, 'spec.json'),
    JSON.stringify({
      version: 1,
      name: 'first step',
      model: { path: resolve(flags.model) },
      dataset: { path: resolve(flags.data), limit: 16, evalFraction: 0 },
      method: { id: 'dpo' },
      adapter: flags.full ? { kind: 'none' } : { kind: 'lora', rank: 16, alpha: 32, targets: 'all-linear' },
      training: { maxSteps: 1, pairsPerStep: 4, maxLength: Number(flags['max-length']) },
      probes: { everySteps: 100000, prompts: ['Hi'], maxNewTokens: 1 },
    }),
  );
  await oneStep();
  console.log('| | s |\n|---|---|');
  for (const [name, seconds] of await oneStep()) console.log(`| ${name} | ${seconds.toFixed(2)} |`);
} finally {
  await rm(work, { recursive: true, force: true });
}

async function oneStep() {
  const started = performance.now();
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
  const marks = new Map();
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line);
    const now = (performance.now() - started) / 1000;
    if (event.event === 'status')
      marks.set(`${event.phase ?? event.status} begins`, marks.get(`${event.phase ?? event.status} begins`) ?? now);
    if (event.event === 'metrics' && event.values['perf/step_ms'] !== undefined)
      marks.set(`step 1 ends (it took ${(event.values['perf/step_ms'] / 1000).toFixed(2)} s)`, now);
  }
  if ((await ended) !== 0) throw new Error('sampo train failed');
  return marks;
}
