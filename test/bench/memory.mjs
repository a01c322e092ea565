#!/usr/bin/env node
// Predicted against measured memory of training, on runs of every kind:
//   node test/bench/memory.mjs --gguf SmolLM2-135M-Instruct.Q4_1.gguf --data alpaca_eval2_fusechat3b.jsonl
//     [--only smol-512,full-23m] [--pairs 24] [--json] [--phases]
// Predicted: what preflight says (train/plan/memory.ts). Measured: VmHWM, the highest resident size, of the engine
// process that trains: reference pass, probes, evaluation, steps over all pairs (so every bucket's shapes have been in
// use) and a checkpoint. Without --gguf only the models of random weights run. Linux only (/proc).
import { fork, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { childEnvironment, readManifest } from '../../scripts/lib/manifest.mjs';
import { make23m } from './model-23m.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const { values: flags } = parseArgs({
  options: {
    gguf: { type: 'string' },
    data: { type: 'string' },
    only: { type: 'string' },
    pairs: { type: 'string', default: '24' },
    json: { type: 'boolean' },
    phases: { type: 'boolean' },
    plan: { type: 'boolean' },
  },
});

const starter = join(root, 'resources', 'starter');
const lora = { kind: 'lora', rank: 16, alpha: 32, targets: 'all-linear' };
const full = { kind: 'none' };
/** `planned` steps decide how many buckets pay; the run is stopped once every pair has been trained on. */
const configurations = {
  tiny: { model: 'tiny', adapter: full, maxLength: 256, planned: 6 },
  'lora-23m': { model: '23m', adapter: lora, maxLength: 512, planned: 6 },
  'full-23m': { model: '23m', adapter: full, maxLength: 512, planned: 6 },
  'full-23m-buckets': { model: '23m', adapter: full, maxLength: 256, planned: 2000 },
  'smol-256': { model: 'smol', adapter: lora, maxLength: 256, planned: 6 },
  'smol-512': { model: 'smol', adapter: lora, maxLength: 512, planned: 6 },
  'smol-1024': { model: 'smol', adapter: lora, maxLength: 1024, planned: 6 },
  'smol-512-buckets': { model: 'smol', adapter: lora, maxLength: 512, planned: 2000 },
  'smol-512-bf16': { model: 'smol', adapter: lora, maxLength: 512, planned: 6, precision: 'bfloat16' },
  'smol-512-tdpo': { model: 'smol', adapter: lora, maxLength: 512, planned: 6, method: { id: 'tdpo' } },
  'smol-256-full': { model: 'smol', adapter: full, maxLength: 256, planned: 6 },
};

async function main() {
  const work = await mkdtemp(join(tmpdir(), 'sampo-memory-'));
  try {
    const pairs = await preparePairs(work);
    const models = {
      tiny: join(starter, 'model'),
      '23m': await make23m(join(work, '23m')),
      smol: flags.gguf && resolve(flags.gguf),
    };
    const results = [];
    for (const [name, { model, adapter, maxLength, planned, precision = 'float32', method }] of Object.entries(
      configurations,
    )) {
      if (!models[model] || (flags.only && !flags.only.split(',').includes(name))) continue;
      const spec = completeSpec({
        model: { path: models[model] },
        dataset: { path: pairs },
        adapter,
        method,
        training: {
          precision,
          maxLength,
          maxSteps: planned,
          learningRate: 1e-5,
          checkpointEvery: 100000,
          evalEvery: 100000,
        },
      });
      const forecast = await job('preflight', { spec });
      const measured = flags.plan
        ? { measuredBytes: NaN, phases: {} }
        : await measure(name, spec, work, forecast.usablePairs);
      results.push({ name, predictedBytes: forecast.memoryBytes, parts: forecast.memoryParts, ...measured });
      if (!flags.json) console.log(row(results.at(-1)));
      if (flags.phases)
        console.log(JSON.stringify({ parts: mb(forecast.memoryParts ?? {}), phases: mb(measured.phases) }));
    }
    if (flags.json) console.log(JSON.stringify(results, null, 1));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const mb = (bytes) => Object.fromEntries(Object.entries(bytes).map(([name, n]) => [name, Math.round(n / 1e6)]));
const percent = ({ predictedBytes, measuredBytes }) => `${(100 * (predictedBytes / measuredBytes - 1)).toFixed(0)} %`;
const row = (r) =>
  `| ${r.name.padEnd(18)} | ${(r.predictedBytes / 1e6).toFixed(0).padStart(6)} | ` +
  `${(r.measuredBytes / 1e6).toFixed(0).padStart(6)} | ${percent(r).padStart(6)} |`;

/** Every default filled in, as the command line does it. */
function completeSpec({ model, dataset, adapter, method = { id: 'sampo' }, training }) {
  const base = JSON.parse(sampo(['spec', '--example', method.id]));
  const limit = Number(flags.pairs);
  return {
    ...base,
    model: { ...base.model, ...model },
    dataset: { ...base.dataset, ...dataset, limit },
    adapter: adapter.kind === 'lora' ? { ...base.adapter, ...adapter } : adapter,
    training: { ...base.training, ...training },
  };
}

function sampo(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'sampo.mjs'), ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`sampo ${args.join(' ')} failed:\n${stderr}`);
  return stdout;
}

/** `--pairs` rows at even distances over the lengths of the data, in an order that mixes them. */
async function preparePairs(work) {
  const file = join(work, 'pairs.jsonl');
  const text = await readFile(flags.data ?? join(starter, 'pairs.jsonl'), 'utf8');
  const rows = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ prompt, chosen, rejected }) => ({ prompt, chosen, rejected }));
  const sorted = rows
    .map((r) => [JSON.stringify(r).length, r])
    .sort((a, b) => a[0] - b[0])
    .map(([, r]) => r);
  const count = Math.min(Number(flags.pairs), sorted.length);
  const picked = Array.from(
    { length: count },
    (_, i) => sorted[Math.floor(((((i * 7) % count) + 0.5) * sorted.length) / count)],
  );
  await writeFile(file, `${picked.map((r) => JSON.stringify(r)).join('\n')}\n`);
  return file;
}

/** Starts an engine process for one job. `onEvent` may answer with a command. */
async function job(name, input, onEvent = () => undefined) {
  const manifest = await readManifest();
  const child = fork(join(root, 'dist', 'engine.cjs'), [], {
    execPath: manifest.electron,
    execArgv: [],
    env: { ...childEnvironment(manifest), ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let notes = '';
  let last = {};
  child.stderr.on('data', (data) => (notes += data));
  return new Promise((done, fail) => {
    child.on('message', (event) => {
      last = { kind: event.kind, phase: event.phase, done: event.done, step: event.step };
      if (event.kind === 'ready')
        child.send({
          kind: 'start',
          job: name,
          input,
          engine: 'tensorflow',
          device: 'auto',
          tf32: true,
          gpuFreeBytes: null,
        });
      const command = onEvent(event, child.pid);
      if (command) child.send({ kind: command });
      if (event.kind === 'done') done(event.value);
      if (event.kind === 'failed') fail(new Error(`${name}: ${event.error.message} ${event.error.hint}`));
    });
    child.on('exit', (code, signal) =>
      fail(new Error(`${name} ended: ${signal ?? code} after ${JSON.stringify(last)}\n${notes.slice(-2000)}`)),
    );
  });
}

/** Trains until every pair was in a step, and notes the highest resident size after each phase. */
async function measure(name, spec, work, pairs) {
  const runDir = join(work, `run-${name}`);
  await mkdir(runDir);
  const phases = {};
  let peak = 0;
  await job('train', { spec, runDir, cacheDir: join(runDir, 'cache'), resume: false }, (event, pid) => {
    peak = highWaterMark(pid) ?? peak;
    const phase = event.kind === 'phase' ? event.phase : event.kind === 'metrics' ? `step ${event.step}` : event.kind;
    phases[phase] = peak;
    return event.kind === 'metrics' && event.step >= Math.ceil(pairs / spec.training.pairsPerStep) ? 'stop' : null;
  });
  await rm(runDir, { recursive: true, force: true });
  return { measuredBytes: peak, phases };
}

function highWaterMark(pid) {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
  } catch {
    return null; // it has ended
  }
}

await main();
