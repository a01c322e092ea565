#!/usr/bin/env node
// Ours against TRL, on CPU or, where both libraries find one, on a GPU (SAMPO_DEVICE=cpu: neither uses it), one after
// the other on the same machine, weights and rows:
//   node test/bench/run.mjs --gguf SmolLM2-135M-Instruct.Q4_1.gguf
//     --short hh_rlhf_harmless_base_test_first1000.jsonl.gz --long alpaca_eval2_fusechat3b.jsonl
//     --python venv/bin/python [--pairs 8] [--cells 135m-lora-512-short,…] [--only ours,trl-cached] [--work DIR] [--out FILE.json]
// Cells: SmolLM2-135M and a 23 M Llama of random weights, LoRA (r = 16, alpha = 32, all linear layers) and all weights,
// at most 512 and 1024 tokens a sequence, short and long answers; float32 but where a name says bf16, AdamW. Pairs are
// evenly spaced over the lengths of the data set. Speed is that of training steps after warm-up (TRL: the first pairs,
// two batches; ours: a first pass over the same pairs, since every shape is optimized at its first use, with the shapes
// of a run of 500 steps). Time for reference log-probs that are computed before training stands apart, for both. Memory
// is the highest resident size of the training process.
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
    gguf: { type: 'string' },
    short: { type: 'string' },
    long: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    pairs: { type: 'string', default: '8' },
    cells: { type: 'string' },
    only: { type: 'string' },
    work: { type: 'string', default: join(tmpdir(), 'sampo-bench') },
    out: { type: 'string', default: join(here, 'results.json') },
  },
});

const each = (...lists) => lists.reduce((all, list) => all.flatMap((made) => list.map((x) => [...made, x])), [[]]);
const cells = each(['135m', '23m'], ['lora', 'full'], [512, 1024], ['short', 'long'])
  .map(([model, adapter, maxLength, data]) => ({
    name: [model, adapter, maxLength, data].join('-'),
    model,
    adapter,
    maxLength,
    data,
  }))
  .filter(
    ({ name, model, data }) =>
      flags[data] && (model === '23m' || flags.gguf) && (!flags.cells || flags.cells.split(',').includes(name)),
  );
if (cells.length === 0)
  throw new Error('give --gguf FILE, --short FILE, --long FILE, and --cells as the first lines of this script say');

const trl =
  (...args) =>
  (files, cell) =>
    runTrl(files, cell, args);
const ours =
  (training = {}) =>
  (files, cell) =>
    runOurs(files, cell, training);
const processorFlags = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
const bf16 = processorFlags.includes('amx_bf16');
/** `when`: where it makes a difference. */
const contenders = {
  ours: { run: ours() },
  'ours-bf16': { run: ours({ precision: 'bfloat16' }), when: () => bf16 },
  'trl-default': { run: trl('--batch', '2', '--checkpointing') },
  'trl-batch-2': { run: trl('--batch', '2', '--cached') },
  'trl-cached': { run: trl('--batch', '1', '--cached') },
  'trl-compile': { run: trl('--batch', '1', '--cached', '--compile') },
  'trl-bf16': { run: trl('--batch', '1', '--cached', '--bf16'), when: () => bf16 },
};

async function main() {
  const work = resolve(flags.work);
  await mkdir(work, { recursive: true });
  const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout?.trim();
  const report = {
    date: new Date().toISOString(),
    commit,
    machine: {
      processor: cpus()[0]?.model,
      cores: cpus().length,
      memoryBytes: totalmem(),
      instructions: ['avx2', 'avx512f', 'amx_bf16'].filter((flag) => processorFlags.includes(flag)),
    },
    pairs: Number(flags.pairs),
    cells: {},
  };
  console.log(
    `${report.machine.processor}, ${report.machine.cores} cores ` +
      `(${report.machine.instructions.join(', ')})\n\n${tableHead}`,
  );
  for (const cell of cells) {
    const files = await prepare(work, cell);
    const results = {};
    for (const [name, { run: contender, when }] of Object.entries(contenders)) {
      if ((flags.only && !flags.only.split(',').includes(name)) || (when && !when(cell))) continue;
      const load = loadavg()[0];
      results[name] = await contender(files, cell).then(
        (found) => ({ ...found, loadBefore: load }),
        (error) => ({ failed: error.message.slice(0, 400) }),
      );
      console.log(tableRow(cell.name, name, results[name]));
    }
    report.cells[cell.name] = results;
    await writeFile(flags.out, reportText(report)); // after each cell: the whole takes hours
  }
  console.log(`\nwritten to ${flags.out}`);
}

/** The cell's model as a Hugging Face folder, and its rows, once plain and once with TRL's warm-up before them. */
async function prepare(work, { model, data }) {
  const folder = join(work, model);
  if (!existsSync(join(folder, 'tokenizer.json')))
    await (model === '23m'
      ? make23m(folder)
      : run(flags.python, [join(here, 'dequantize.py'), resolve(flags.gguf), folder]));
  const rows = spread(await readRows(flags[data]), Number(flags.pairs));
  const files = {
    work,
    model: folder,
    rows: join(work, 'rows.jsonl'),
    warmRows: join(work, 'rows-with-warm-up.jsonl'),
  };
  const lines = (list) => `${list.map((row) => JSON.stringify(row)).join('\n')}\n`;
  await writeFile(files.rows, lines(rows));
  await writeFile(files.warmRows, lines([...rows.slice(0, warmPairs), ...rows]));
  return files;
}

const warmPairs = 4;

function run(command, args) {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr.slice(-2000)}`);
}

async function runTrl({ model, warmRows }, { adapter, maxLength }, args) {
  const batch = Number(args[args.indexOf('--batch') + 1]);
  const { status, stdout, stderr } = spawnSync(
    flags.python,
    [
      join(here, 'bench_trl.py'),
      '--model',
      model,
      '--data',
      warmRows,
      '--warmup',
      String(warmPairs / batch),
      '--max-length',
      String(maxLength),
      ...(adapter === 'full' ? ['--full'] : []),
      ...args,
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (status !== 0) throw new Error(`TRL failed:\n${stderr.slice(-3000)}`);
  const found = JSON.parse(stdout.trim().split('\n').at(-1));
  // it scored the warm-up's pairs too
  return { ...found, referenceSeconds: (found.referenceSeconds * found.pairs) / (found.pairs + warmPairs) };
}

/** Two epochs over the rows through the command line, of a run planned for 500 steps; the second counts. */
async function runOurs({ work, model, rows }, { adapter, maxLength }, training) {
  const pairsPerStep = 4;
  const count = (await readFile(rows, 'utf8')).trim().split('\n').length;
  const stepsPerEpoch = Math.ceil(count / pairsPerStep);
  const home = join(work, 'home');
  await rm(home, { recursive: true, force: true });
  const spec = join(work, 'spec.json');
  await writeFile(
    spec,
    JSON.stringify({
      version: 1,
      name: 'bench',
      model: { path: model },
      dataset: { path: rows, evalFraction: 0 },
      method: { id: 'dpo', beta: 0.1 },
      adapter: adapter === 'full' ? { kind: 'none' } : { kind: 'lora', rank: 16, alpha: 32, targets: 'all-linear' },
      training: {
        maxSteps: 500,
        pairsPerStep,
        learningRate: 1e-5,
        schedule: 'linear',
        warmupRatio: 0,
        maxLength,
        shuffle: false,
        checkpointEvery: 100000,
        evalEvery: 100000,
        ...training,
      },
      probes: { everySteps: 100000, prompts: ['Hi'], maxNewTokens: 1 },
    }),
  );
  const child = spawn(
    process.execPath,
    [join(root, 'scripts', 'sampo.mjs'), '--home', home, '--json', 'train', '--spec', spec],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let notes = '';
  child.stderr.on('data', (data) => (notes += data));
  const peaks = new Map();
  // the system keeps the mark; looking often costs the run
  const watch = setInterval(() => void notePeaks(child.pid, peaks), 1000);
  const steps = [];
  const times = { started: performance.now(), reference: null, running: null };
  let status = null;
  for await (const text of createInterface({ input: child.stdout })) {
    const event = JSON.parse(text);
    if (event.event === 'status' && event.phase === 'reference') times.reference ??= performance.now();
    if (event.event === 'metrics' && event.values['perf/step_ms'] !== undefined) {
      times.running ??= performance.now() - event.values['perf/step_ms'];
      steps.push(event.values);
      if (steps.length === 2 * stepsPerEpoch) child.kill('SIGINT'); // saves, and ends with status "stopped" or "paused"
    }
    if (event.event === 'status') status = event;
  }
  clearInterval(watch);
  if (steps.length < 2 * stepsPerEpoch || status?.error)
    throw new Error(`ours failed: ${JSON.stringify(status)}\n${notes.slice(-3000)}`);
  const milliseconds = steps.slice(stepsPerEpoch, 2 * stepsPerEpoch).map((values) => values['perf/step_ms']);
  const seconds = milliseconds.reduce((sum, ms) => sum + ms, 0) / 1000;
  const engine = [...peaks.values()].filter((p) => p.engine).map((p) => p.bytes);
  return {
    trainer: 'SamPO Studio',
    batch: pairsPerStep,
    cachedReference: true,
    pairs: count,
    seconds,
    pairsPerSecond: count / seconds,
    setupSeconds: ((times.reference ?? times.running) - times.started) / 1000,
    referenceSeconds: times.reference === null ? 0 : (times.running - times.reference) / 1000,
    stepSeconds: steps.map((values) => values['perf/step_ms'] / 1000),
    peakBytes: engine.reduce((most, bytes) => Math.max(most, bytes), 0),
    allProcessesBytes: [...peaks.values()].reduce((sum, p) => sum + p.bytes, 0),
    firstLoss: steps[0]?.loss,
  };
}

/**
 * The highest resident size so far of `pid` and of all its descendants, by process. Not every kernel lists children, so
 * parents are looked up.
 */
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

/** Six digits, and lists of numbers on one line. */
const reportText = (report) => {
  const short = (_key, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value);
  const text = JSON.stringify(report, short, 1).replace(/\[[^[\]{}]*\]/g, (list) => list.replace(/\s+/g, ' '));
  return `${text}\n`;
};

const gigabytes = (bytes) => (bytes / 2 ** 30).toFixed(2);
const tableHead =
  '| cell | | pairs/s | with reference pass | peak GiB | reference pass s | first loss ' +
  '|\n|---|---|---|---|---|---|---|';
const tableRow = (cell, name, r) =>
  r.failed !== undefined
    ? `| ${cell} | ${name} | failed: ${r.failed.split('\n').at(-1)} |`
    : `| ${cell} | ${name} | ${r.pairsPerSecond.toFixed(3)} | ` +
      `${(r.pairs / (r.seconds + r.referenceSeconds)).toFixed(3)} | ${gigabytes(r.peakBytes)} | ` +
      `${r.cachedReference ? r.referenceSeconds.toFixed(1) : 'in the step'} | ${Number(r.firstLoss).toFixed(4)} |`;

await main();
