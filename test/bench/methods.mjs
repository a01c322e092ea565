#!/usr/bin/env node
// Every method of the catalogue for ten steps on real pairs, through the command line, full fine-tuning of a 23 M Llama
// of random weights:
//   node test/bench/methods.mjs --data llamafactory_dpo_en_demo.json [--only dpo,sampo] [--steps 10] [--limit 40]
//     [--max-length 256] [--rate 1e-5]
// Checks: the run finishes, every loss is finite, and every trained tensor differs from its initial value. Prints a
// table; exit code 1 if any check fails.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { make23m } from './model-23m.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const { values: flags } = parseArgs({
  options: {
    data: { type: 'string' },
    only: { type: 'string' },
    steps: { type: 'string', default: '10' },
    limit: { type: 'string', default: '40' },
    'max-length': { type: 'string', default: '256' },
    rate: { type: 'string', default: '1e-5' },
  },
});
if (!flags.data) throw new Error('give --data FILE');

const work = mkdtempSync(join(tmpdir(), 'sampo-methods-'));
const home = join(work, 'home');

function sampo(...args) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'scripts', 'sampo.mjs'), '--home', home, '--json', ...args],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  return { status, stdout, stderr };
}

/** Tensors of a safetensors file as bytes. */
function tensors(file) {
  const bytes = readFileSync(file);
  const size = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: _, ...header } = JSON.parse(bytes.subarray(8, 8 + size).toString());
  return new Map(
    Object.entries(header).map(
      ([
        name,
        {
          data_offsets: [from, to],
        },
      ]) => [name, bytes.subarray(8 + size + from, 8 + size + to)],
    ),
  );
}

async function main() {
  const model = await make23m(join(work, 'model'));
  const initial = tensors(join(model, 'model.safetensors'));
  const methods = JSON.parse(sampo('methods').stdout);
  const rows = [];
  for (const { id } of methods) {
    if (flags.only && !flags.only.split(',').includes(id)) continue;
    const spec = join(work, `${id}.json`);
    writeFileSync(
      spec,
      JSON.stringify({
        name: id,
        model: { path: model },
        dataset: { path: resolve(flags.data), evalFraction: 0, limit: Number(flags.limit) },
        method: { id },
        adapter: { kind: 'none' },
        training: {
          maxSteps: Number(flags.steps),
          pairsPerStep: 4,
          learningRate: Number(flags.rate),
          maxLength: Number(flags['max-length']),
          evalEvery: 1000,
          checkpointEvery: 1000,
        },
        probes: { everySteps: 1000, prompts: ['Hi'], maxNewTokens: 1 },
      }),
    );
    const { status, stdout, stderr } = sampo('train', '--spec', spec);
    const events = stdout
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const steps = events
      .filter((e) => e.event === 'metrics' && e.values['perf/step_ms'] !== undefined)
      .map((e) => e.values);
    const run = events.find((e) => e.event === 'run')?.runId;
    const losses = steps.map((v) => v.loss);
    const checkpoints = status === 0 ? join(home, 'runs', run, 'checkpoints') : null;
    const last = checkpoints && join(checkpoints, readdirSync(checkpoints).sort().at(-1), 'weights.safetensors');
    const trained = last ? tensors(last) : new Map();
    const same = [...initial]
      .filter(([name, bytes]) => trained.get(name)?.equals(bytes) !== false)
      .map(([name]) => name);
    const ok =
      status === 0 && losses.length === Number(flags.steps) && losses.every(Number.isFinite) && same.length === 0;
    rows.push({
      id,
      ok,
      first: losses[0],
      last: losses.at(-1),
      changed: `${initial.size - same.length} of ${initial.size}`,
      pairsPerSecond:
        steps.slice(2).reduce((sum, v) => sum + v['perf/pairs_per_second'], 0) / Math.max(1, steps.length - 2),
    });
    const r = rows.at(-1);
    console.log(
      `| ${id.padEnd(12)} | ${ok ? 'ok' : 'FAILED'} | ${Number(r.first).toFixed(4)} | ` +
        `${Number(r.last).toFixed(4)} | ${r.changed} | ${r.pairsPerSecond.toFixed(2)} ` +
        `|${ok ? '' : ` ${stderr.trim().split('\n').at(-1)} ${same.slice(0, 3).join(', ')}`}`,
    );
    if (checkpoints) rmSync(join(home, 'runs', run), { recursive: true });
  }
  rmSync(work, { recursive: true, force: true });
  const failed = rows.filter((r) => !r.ok).length;
  console.log(`${rows.length - failed} of ${rows.length} methods trained`);
  process.exitCode = failed > 0 ? 1 : 0;
}

await main();
