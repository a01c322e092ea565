#!/usr/bin/env node
// Ours against TRL, on CPU or, where both libraries find one, on a GPU (SAMPO_DEVICE=cpu: neither uses it), one after the other on the same machine, weights and rows:
//   node test/bench/run.mjs --gguf SmolLM2-135M-Instruct.Q4_1.gguf --data llamafactory_dpo_en_demo.json --python venv/bin/python [--pairs 24] [--only ours-4,trl-best] [--work DIR] [--out FILE.json]
// LoRA r = 16, alpha = 32 on all linear layers, float32, AdamW, at most 512 tokens a sequence. Pairs are evenly spaced over the lengths of the data set.
// Speed is that of training steps after warm-up (TRL: the first two pairs; ours: a first pass over the same pairs, since every shape is optimized at its first use).
// Time for reference log-probs that are computed before training stands apart, for both. Memory is the highest resident size of the training process.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { make23m } from './model-23m.mjs';
import { readRows, spread } from './rows.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const { values: flags } = parseArgs({
  options: {
    gguf: { type: 'string' }, '23m': { type: 'boolean' }, full: { type: 'boolean' }, 'max-length': { type: 'string', default: '512' }, data: { type: 'string' }, python: { type: 'string', default: 'python3' }, pairs: { type: 'string', default: '24' }, only: { type: 'string' },
    work: { type: 'string', default: join(tmpdir(), 'sampo-bench') }, out: { type: 'string', default: join(here, 'results.json') },
  },
});
if ((!flags.gguf && !flags['23m']) || !flags.data) throw new Error('give --gguf FILE or --23m, and --data FILE');
const maxLength = Number(flags['max-length']);

const trl = (...args) => (files) => runTrl(files, args);
const ours = (pairsPerStep) => (files) => runOurs(files, pairsPerStep);
const contenders = {
  'ours-1': ours(1),
  'ours-4': ours(4),
  'trl-default': trl('--batch', '2', '--checkpointing'),
  'trl-batch-2': trl('--batch', '2'),
  'trl-best': trl('--batch', '1', '--cached'),
  'trl-compile': trl('--batch', '1', '--cached', '--compile'),
};

async function main() {
  const work = resolve(flags.work);
  await mkdir(work, { recursive: true });
  const model = join(work, flags['23m'] ? '23m' : 'model');
  if (!existsSync(join(model, 'tokenizer.json'))) await (flags['23m'] ? make23m(model) : run(flags.python, [join(here, 'dequantize.py'), resolve(flags.gguf), model]));
  const rows = spread(await readRows(flags.data), Number(flags.pairs));
  const files = { work, model, rows: join(work, 'rows.jsonl'), warmRows: join(work, 'rows-with-warm-up.jsonl') };
  const lines = (list) => `${list.map((row) => JSON.stringify(row)).join('\n')}\n`;
  await writeFile(files.rows, lines(rows));
  await writeFile(files.warmRows, lines([...rows.slice(0, 2), ...rows]));

  const results = {};
  for (const [name, contender] of Object.entries(contenders)) {
    if (flags.only && !flags.only.split(',').includes(name)) continue;
    const load = loadavg()[0];
    results[name] = { ...(await contender(files)), loadBefore: load };
    console.log(line(name, results[name]));
  }
  const machine = { processor: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem(), avx: await avx() };
  const report = { date: new Date().toISOString(), machine, pairs: rows.length, maxLength, adapter: flags.full ? 'none' : 'lora', model: flags['23m'] ? '23m' : flags.gguf, results };
  await writeFile(flags.out, `${JSON.stringify(report, null, 1)}\n`);
  console.log(`\n${table(report)}\nwritten to ${flags.out}`);
}

function run(command, args) {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr.slice(-2000)}`);
}

function runTrl({ model, warmRows }, args) {
  const batch = Number(args[args.indexOf('--batch') + 1]);
  const { status, stdout, stderr } = spawnSync(flags.python, [join(here, 'bench_trl.py'), '--model', model, '--data', warmRows, '--warmup', String(2 / batch), '--max-length', String(maxLength), ...(flags.full ? ['--full'] : []), ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`TRL failed:\n${stderr.slice(-3000)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** Two epochs over the rows through the command line; the second counts. */
async function runOurs({ work, model, rows }, pairsPerStep) {
  const count = (await readFile(rows, 'utf8')).trim().split('\n').length;
  const stepsPerEpoch = Math.ceil(count / pairsPerStep);
  const home = join(work, 'home');
  await rm(home, { recursive: true, force: true });
  const spec = join(work, 'spec.json');
  await writeFile(spec, JSON.stringify({
    version: 1, name: 'bench', model: { path: model }, dataset: { path: rows, evalFraction: 0 }, method: { id: 'dpo', beta: 0.1 }, adapter: flags.full ? { kind: 'none' } : { kind: 'lora', rank: 16, alpha: 32, targets: 'all-linear' },
    training: { maxSteps: 2 * stepsPerEpoch, pairsPerStep, learningRate: 1e-5, schedule: 'linear', warmupRatio: 0, maxLength, shuffle: false, checkpointEvery: 100000, evalEvery: 100000 },
    probes: { everySteps: 100000, prompts: ['Hi'], maxNewTokens: 1 },
  }));
  const child = spawn(process.execPath, [join(root, 'scripts', 'sampo.mjs'), '--home', home, '--json', 'train', '--spec', spec], { stdio: ['ignore', 'pipe', 'pipe'] });
  let notes = '';
  child.stderr.on('data', (data) => (notes += data));
  const peaks = new Map();
  const watch = setInterval(() => void notePeaks(child.pid, peaks), 250);
  const steps = [];
  const times = { started: performance.now(), reference: null, running: null };
  let status = null;
  for await (const text of createInterface({ input: child.stdout })) {
    const event = JSON.parse(text);
    if (event.event === 'status' && event.phase === 'reference') times.reference ??= performance.now();
    if (event.event === 'metrics' && event.values['perf/step_ms'] !== undefined) {
      times.running ??= performance.now() - event.values['perf/step_ms'];
      steps.push(event.values);
    }
    if (event.event === 'status') status = event;
  }
  clearInterval(watch);
  if (status?.status !== 'finished') throw new Error(`ours failed: ${JSON.stringify(status)}\n${notes.slice(-3000)}`);
  const milliseconds = steps.slice(stepsPerEpoch).map((values) => values['perf/step_ms']);
  const seconds = milliseconds.reduce((sum, ms) => sum + ms, 0) / 1000;
  const engine = [...peaks.values()].filter((p) => p.engine).map((p) => p.bytes);
  return {
    trainer: 'SamPO Studio', batch: pairsPerStep, cachedReference: true, pairs: count, seconds, pairsPerSecond: count / seconds,
    setupSeconds: ((times.reference ?? times.running) - times.started) / 1000, referenceSeconds: times.reference === null ? 0 : (times.running - times.reference) / 1000,
    stepSeconds: steps.map((values) => values['perf/step_ms'] / 1000), peakBytes: Math.max(...engine), allProcessesBytes: [...peaks.values()].reduce((sum, p) => sum + p.bytes, 0), firstLoss: steps[0]?.loss,
  };
}

/** The highest resident size so far of `pid` and of all its descendants, by process. Not every kernel lists children, so parents are looked up. */
async function notePeaks(pid, peaks) {
  const parents = new Map();
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const isOurs = (id) => id === pid || (id > 1 && parents.has(id) && isOurs(parents.get(id)));
  for (const id of parents.keys()) {
    if (!isOurs(id)) continue;
    const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
    const command = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
    const bytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    if (bytes > (peaks.get(id)?.bytes ?? 0)) peaks.set(id, { bytes, engine: command.includes('engine.cjs') });
  }
}

async function avx() {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  return ['avx2', 'avx512f'].filter((flag) => text.includes(flag));
}

const gigabytes = (bytes) => (bytes / 2 ** 30).toFixed(2);
const line = (name, r) => `${name}: ${r.pairsPerSecond.toFixed(3)} pairs/s over ${r.pairs} pairs, peak ${gigabytes(r.peakBytes)} GiB, reference ${r.referenceSeconds.toFixed(0)} s, set-up ${r.setupSeconds.toFixed(0)} s`;

function table({ results, machine }) {
  const head = `${machine.processor}, ${machine.cores} cores (${machine.avx.join(', ')})\n\n| | pairs/s | pairs/s with reference pass | peak GiB | reference pass s | first loss |\n|---|---|---|---|---|---|`;
  const row = ([name, r]) => `| ${name} | ${r.pairsPerSecond.toFixed(3)} | ${r.cachedReference ? (r.pairs / (r.seconds + r.referenceSeconds)).toFixed(3) : r.pairsPerSecond.toFixed(3)} | ${gigabytes(r.peakBytes)} | ${r.cachedReference ? r.referenceSeconds.toFixed(1) : 'in the step'} | ${Number(r.firstLoss).toFixed(4)} |`;
  return [head, ...Object.entries(results).map(row)].join('\n');
}

await main();
