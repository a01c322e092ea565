#!/usr/bin/env node
// What each technique of the engine earns: LoRA steps of DPO (r = 16, all linear layers, float32, 4 pairs an update),
// with one of them switched off at a time, one process each:
//   node test/bench/ablation.mjs --model SmolLM2-135M-Instruct.Q4_1.gguf --data llamafactory_dpo_en_demo.json
//     [--pairs 8] [--max-length 512] [--only all,prefix] [--repeat 1] [--out FILE.json]
// The second pass over the pairs counts. GFLOP/s are those of the matrix products in the graph, and of attention where
// a token may look; `doctor` measures the same machine's plain product. Linux only (/proc).
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { childEnvironment, readManifest } from '../../scripts/lib/manifest.mjs';
import { modulesDir } from '../../scripts/lib/paths.mjs';
import { readRows, spread } from './rows.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const { values: flags } = parseArgs({
  options: {
    model: { type: 'string' },
    data: { type: 'string' },
    pairs: { type: 'string', default: '8' },
    'max-length': { type: 'string', default: '512' },
    only: { type: 'string' },
    repeat: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});
if (!flags.model || !flags.data) throw new Error('give --model FOLDER or GGUF, and --data FILE');

const systemMalloc = { SAMPO_HEAP: 'none' };
const libraryKernels = { SAMPO_KERNELS: 'none' };
const on = {
  sharePrefix: true,
  completionsOnly: true,
  cacheReference: true,
  buckets: true,
  keepProducts: true,
  lanes: true,
  bfloat16: false,
};
const variants = {
  all: [on],
  prefix: [{ ...on, sharePrefix: false }],
  completions: [{ ...on, completionsOnly: false }],
  reference: [{ ...on, cacheReference: false }],
  buckets: [{ ...on, buckets: false }],
  products: [{ ...on, keepProducts: false }],
  lanes: [{ ...on, lanes: false }],
  heap: [on, systemMalloc],
  kernels: [on, libraryKernels],
  none: [
    {
      sharePrefix: false,
      completionsOnly: false,
      cacheReference: false,
      buckets: false,
      keepProducts: false,
      lanes: false,
      bfloat16: false,
    },
    { ...systemMalloc, ...libraryKernels },
  ],
  pool: [on, { SAMPO_HEAP: 'none', TF_ONEDNN_USE_SYSTEM_ALLOCATOR: '0' }],
  bf16: [{ ...on, bfloat16: true }],
  xla: [on, { TF_XLA_FLAGS: '--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit' }],
};
const meaning = {
  all: 'everything on',
  prefix: 'prompt in both rows',
  completions: 'head on every token',
  reference: 'reference in every step',
  buckets: 'one row length',
  products: 'layers recomputed',
  lanes: 'one call at a time',
  heap: "our heap: the system's allocator instead",
  kernels: "our kernels: the library's ops instead",
  none: 'all of these at once',
  pool: "all but our heap: oneDNN's pool instead",
  xla: 'all, and XLA (auto-clustering)',
  bf16: 'all, frozen weights in bfloat16',
};

const manifest = await readManifest();
const folder = join(modulesDir, '.cache');
await mkdir(folder, { recursive: true });
const [bundle, rows] = [join(folder, `ablation-${process.pid}.cjs`), join(folder, `ablation-${process.pid}.jsonl`)];
const results = {};
try {
  const { build } = createRequire(join(root, 'package.json'))('esbuild');
  await build({
    entryPoints: [join(here, 'ablation.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'warning',
    external: ['electron', 'better-sqlite3', '@tensorflow/*'],
    logOverride: { 'empty-import-meta': 'silent' },
  });
  await writeFile(
    rows,
    spread(await readRows(flags.data), Number(flags.pairs))
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(''),
  );
  console.log(
    '| | pairs/s | of all on | peak GiB | GFLOP/s | tokens in rows | last loss |\n|---|---|---|---|---|---|---|',
  );
  for (let round = 0; round < Number(flags.repeat); round++)
    for (const [name, [variant, environment = {}]] of Object.entries(variants)) {
      if (flags.only && !flags.only.split(',').includes(name)) continue;
      const input = JSON.stringify({
        model: resolve(flags.model),
        rows,
        maxLength: Number(flags['max-length']),
        pairsPerStep: 4,
        variant,
      });
      const { status, signal, stdout, stderr } = spawnSync(manifest.electron, [bundle, input], {
        cwd: root,
        encoding: 'utf8',
        env: { ...childEnvironment(manifest), ELECTRON_RUN_AS_NODE: '1', ...environment },
      });
      if (status !== 0) {
        console.log(
          `| ${meaning[name]} | failed: ${signal ?? status} ${stderr
            .split('\n')
            .find((line) => line.includes('Error'))
            ?.slice(0, 200)} |`,
        );
        continue;
      }
      const r = JSON.parse(stdout.trim().split('\n').at(-1));
      (results[name] ??= []).push(r);
      const share = results.all ? (r.pairsPerSecond / results.all.at(-1).pairsPerSecond).toFixed(2) : '';
      console.log(
        `| ${meaning[name]} | ${r.pairsPerSecond.toFixed(3)} | ${share} | ${(r.peakBytes / 2 ** 30).toFixed(2)} | ` +
          `${r.gflops.toFixed(0)} | ${r.rowTokens} | ${r.lastLoss.toFixed(6)} |`,
      );
    }
  if (flags.out) await writeFile(flags.out, `${JSON.stringify(results, null, 1)}\n`);
} finally {
  await Promise.all([rm(bundle, { force: true }), rm(rows, { force: true })]);
}
