#!/usr/bin/env node
// Parity and speed on an NVIDIA GPU, in one command (needs one: exit code 3 without; `npx sampo engine install cuda`
// first):
//   node test/bench/gpu.mjs [--gguf SmolLM2-135M-Instruct.Q4_1.gguf --data llamafactory_dpo_en_demo.json
//     --python venv/bin/python] [--out gpu.json] [--allow-cpu]
// Parity: log-probs of every completion token of the starter's pairs, then ten steps of DPO and of SamPO (all weights,
// constant rate), the GPU against the CPU library, once in float32, once with TF32 and once with products in bfloat16;
// then LoRA with frozen weights in bfloat16 and float16, which a GPU multiplies as such and a CPU widens. Speed, where
// the three files are given: run.mjs, which trains this app and TRL on whatever their libraries find. --allow-cpu
// compares the CPU with itself: it shows that the script works, nothing about a GPU.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const starter = join(root, 'resources', 'starter');
const { values: flags } = parseArgs({
  options: {
    gguf: { type: 'string' },
    data: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    out: { type: 'string', default: join(here, 'gpu.json') },
    'allow-cpu': { type: 'boolean' },
  },
});

const all = { kind: 'none' };
const lora = { kind: 'lora', rank: 16, alpha: 32 };
const withoutTf32 = { NVIDIA_TF32_OVERRIDE: '0' };
/**
 * What is computed, and the largest difference to the CPU that passes: log-probs in nats (scoring is float32 whatever a
 * run's precision); losses and gradient norms relative. float32 has 23 bits of mantissa, TF32 and float16 have 10,
 * bfloat16 has 7. The CPU trains all weights in float32 for each of them, LoRA over the same halves, widened.
 */
const variants = {
  float32: { precision: 'float32', adapter: all, environment: withoutTf32, logprob: 1e-4, training: 1e-3 },
  TF32: { precision: 'float32', adapter: all, environment: {}, logprob: 5e-2, training: 5e-2 },
  'bfloat16, all weights': { precision: 'bfloat16', adapter: all, environment: withoutTf32, training: 0.2 },
  'bfloat16, LoRA': { precision: 'bfloat16', adapter: lora, environment: withoutTf32, training: 0.2 },
  'float16, LoRA': { precision: 'float16', adapter: lora, environment: withoutTf32, training: 5e-2 },
};

async function main() {
  const doctor = JSON.parse(sampo(join(tmpdir(), 'sampo-gpu-doctor'), ['doctor'], {}));
  const onGpu = doctor.devices.some((device) => device.startsWith('GPU'));
  if (!onGpu && !flags['allow-cpu']) {
    console.error(`No GPU is in use on this machine, so there is nothing to compare. ${doctor.advice.join(' ')}`);
    process.exit(3);
  }
  const work = await mkdtemp(join(tmpdir(), 'sampo-gpu-'));
  try {
    const onCpu = { SAMPO_DEVICE: 'cpu', SAMPO_HALVES: 'none' };
    const plain = await measure(work, 'cpu', { ...variants.float32, environment: onCpu });
    const parity = {};
    for (const [name, variant] of Object.entries(variants)) {
      try {
        const expected =
          variant.adapter === all ? plain : await measure(work, `cpu ${name}`, { ...variant, environment: onCpu });
        parity[name] = compare(expected, await measure(work, name, variant), variant);
      } catch (thrown) {
        if (onGpu || thrown.cause?.code !== 'unsupported') throw thrown; // not every processor multiplies bfloat16
        console.error(`${name} is left out: ${thrown.cause.message}`);
      }
    }
    const speed = flags.gguf && flags.data ? await benchmark(work) : null;
    const report = { date: new Date().toISOString(), gpu: onGpu, doctor, parity, speed };
    await writeFile(flags.out, `${JSON.stringify(report, null, 1)}\n`);
    console.log(`${table(parity, onGpu)}\n\nwritten to ${flags.out}`);
    process.exitCode = Object.values(parity).every((rows) => rows.every((row) => row.passed)) ? 0 : 1;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Log-probs where they are compared, and losses and gradient norms of ten steps, as one device computes them. */
async function measure(work, name, { precision, adapter, environment, logprob }) {
  const home = join(work, name.replace(/\W+/g, '-'));
  const logprobs =
    logprob === undefined
      ? []
      : JSON.parse(
          sampo(home, ['logprobs', '--model', join(starter, 'model'), '--data', await pairs(work)], environment),
        );
  const training = {};
  for (const id of ['dpo', 'sampo']) {
    const spec = {
      ...JSON.parse(sampo(home, ['spec', '--example', id], environment)),
      model: { path: join(starter, 'model'), reference: null },
      adapter,
    };
    spec.dataset = { ...spec.dataset, path: await pairs(work) };
    spec.training = {
      ...spec.training,
      maxSteps: 10,
      schedule: 'constant',
      warmupRatio: 0,
      learningRate: 1e-4,
      maxLength: 256,
      precision,
    };
    const file = `${home}-${id}.json`;
    await writeFile(file, JSON.stringify(spec));
    const steps = sampo(home, ['train', '--spec', file], environment)
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
      .filter((event) => event.event === 'metrics' && 'loss' in event.values);
    training[id] = { loss: steps.map((s) => s.values.loss), grad_norm: steps.map((s) => s.values.grad_norm) };
  }
  return { logprobs: numbersIn(logprobs), training };
}

/** 64 of the starter's pairs. */
async function pairs(work) {
  const file = join(work, 'pairs.jsonl');
  await writeFile(file, (await readFile(join(starter, 'pairs.jsonl'), 'utf8')).split('\n').slice(0, 64).join('\n'));
  return file;
}

/** Every list of log-probs in what `logprobs` prints, one after the other. */
const numbersIn = (value) =>
  typeof value === 'number'
    ? []
    : Array.isArray(value) && value.length > 0 && value.every((x) => typeof x === 'number')
      ? value
      : value && typeof value === 'object'
        ? Object.values(value).flatMap(numbersIn)
        : [];

function compare(expected, found, tolerance) {
  const most = (a, b, difference) =>
    a.length === b.length && a.length > 0
      ? a.reduce((worst, x, i) => Math.max(worst, difference(x, b[i])), 0)
      : Infinity;
  const relative = (x, y) => Math.abs(x - y) / Math.max(1e-6, Math.abs(x));
  const rows =
    tolerance.logprob === undefined
      ? []
      : [
          {
            what: `log-probs of ${expected.logprobs.length} tokens`,
            difference: most(expected.logprobs, found.logprobs, (x, y) => Math.abs(x - y)),
            limit: tolerance.logprob,
          },
        ];
  for (const [id, series] of Object.entries(expected.training))
    for (const [name, values] of Object.entries(series))
      rows.push({
        what: `${id} ${name}, ${values.length} steps`,
        difference: most(values, found.training[id][name], relative),
        limit: tolerance.training,
      });
  return rows.map((row) => ({ ...row, passed: row.difference <= row.limit }));
}

async function benchmark(work) {
  const out = join(work, 'speed.json');
  run(
    process.execPath,
    [
      join(here, 'run.mjs'),
      '--gguf',
      flags.gguf,
      '--long',
      flags.data,
      '--cells',
      '135m-lora-512-long',
      '--python',
      flags.python,
      '--out',
      out,
    ],
    { stdio: 'inherit' },
  );
  return JSON.parse(await readFile(out, 'utf8'));
}

const table = (parity, onGpu) =>
  [
    onGpu ? 'The GPU against the CPU library:' : 'The CPU against itself (--allow-cpu): no statement about a GPU.',
    '',
    '| computed | what | largest difference | limit | |',
    '|---|---|---|---|---|',
    ...Object.entries(parity).flatMap(([name, rows]) =>
      rows.map(
        (r) =>
          `| ${name} | ${r.what} | ${r.difference.toExponential(1)} | ${r.limit} | ${r.passed ? 'passed' : 'FAILED'} |`,
      ),
    ),
  ].join('\n');

const sampo = (home, args, environment) =>
  run(process.execPath, [join(root, 'scripts', 'sampo.mjs'), ...args, '--home', home, '--json'], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    maxBuffer: 1 << 28,
  });

function run(command, args, options) {
  const { status, stdout, stderr } = spawnSync(command, args, options);
  if (status === 0) return stdout;
  const cause = refusal(stdout ?? '');
  throw new Error(`${args.slice(0, 4).join(' ')} failed: ${cause?.message ?? ''}\n${stderr ?? ''}`, { cause });
}

/** The error that the last line of a command's JSON names. */
function refusal(stdout) {
  try {
    return JSON.parse(stdout.trim().split('\n').at(-1)).error;
  } catch {
    return undefined;
  }
}

await main();
