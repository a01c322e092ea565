import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SignalBox } from '../../../src-main/engine/signals';
import { train } from '../../../src-main/engine/jobs/train';
import { tokenizePair } from '../../../src-main/engine/data/tokenize';
import type { EngineChoice } from '../../../src-main/engine/protocol';
import type { EngineEvent } from '../../../src-main/shared/ipc/engine-events';
import { openModel } from '../../../src-main/engine/source/open-model';
import { openSafetensors } from '../../../src-main/engine/weights/safetensors';
import { runSpecSchema, type RunSpec } from '../../../src-main/shared/spec/run-spec';

// Ten steps of TRL 1.16's DPOTrainer (and of plain torch for SamPO `expected` and SFT) on a tiny Llama: make.py, which
// names its versions.

type Numbers = Readonly<Record<string, number>>;
interface Golden {
  readonly settings: { readonly steps: number; readonly learningRate: number };
  readonly pairs: readonly {
    readonly prompt: string;
    readonly chosen: string;
    readonly rejected: string;
    readonly promptIds: readonly number[];
    readonly chosenIds: readonly number[];
    readonly rejectedIds: readonly number[];
  }[];
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly method: RunSpec['method'];
        readonly adapter: { readonly initial: string } | null;
        readonly steps: readonly Numbers[];
        readonly weights: Readonly<
          Record<string, { readonly sum: number; readonly norm: number; readonly first: readonly number[] }>
        >;
      }
    >
  >;
}
const folder = import.meta.dirname;
const golden = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Golden;
const work = mkdtempSync(join(tmpdir(), 'sampo-golden-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Within 1e-4 of the expected value; values near zero are held to 1e-4 of the natural size of their kind. */
function close(actual: number | undefined, expected: number, size: number, what: string): void {
  expect(actual, what).toBeTypeOf('number');
  expect(Math.abs(actual! - expected), `${what}: ${actual} against ${expected}`).toBeLessThanOrEqual(
    1e-4 * Math.max(size, Math.abs(expected)),
  );
}
const sizes: Numbers = {
  loss: 1e-3,
  grad_norm: 1e-3,
  learning_rate: 0,
  'rewards/chosen': 1e-2,
  'rewards/rejected': 1e-2,
  'rewards/margins': 1e-2,
  'rewards/accuracies': 0,
  'logps/chosen': 1,
  'logps/rejected': 1,
};

it('tokenizes the pairs as TRL does', async () => {
  const source = await openModel(join(folder, 'model'));
  const chat = await source.tokenizer();
  golden.pairs.forEach(({ prompt, chosen, rejected, promptIds, chosenIds, rejectedIds }, i) => {
    const pair = { row: i + 1, prompt: { kind: 'text', text: prompt }, chosen, rejected } as const;
    expect(tokenizePair(chat, pair, { maxLength: 256, truncation: 'fit' })).toMatchObject({
      promptIds,
      chosenIds,
      rejectedIds,
    });
  });
  await source.close();
});

async function run(
  name: string,
  engine: EngineChoice,
): Promise<{ readonly steps: readonly Numbers[]; readonly checkpoint: string }> {
  const { method, adapter } = golden.cases[name]!;
  const data = join(work, 'pairs.jsonl');
  writeFileSync(
    data,
    golden.pairs.map(({ prompt, chosen, rejected }) => JSON.stringify({ prompt, chosen, rejected })).join('\n'),
  );
  const spec = runSpecSchema.parse({
    model: { path: join(folder, 'model') },
    dataset: { path: data, evalFraction: 0 },
    method,
    adapter: adapter ? { kind: 'lora', rank: 4, alpha: 8, from: join(folder, adapter.initial) } : { kind: 'none' },
    training: {
      maxSteps: golden.settings.steps,
      pairsPerStep: 8,
      learningRate: golden.settings.learningRate,
      schedule: 'constant',
      warmupRatio: 0,
      maxLength: 256,
    },
    probes: { everySteps: 1000, maxNewTokens: 1 },
  });
  const events: EngineEvent[] = [];
  const outcome = await train(
    { spec, runDir: join(work, `${name}-${engine}`), cacheDir: join(work, 'cache', engine), resume: false },
    { engine, signals: new SignalBox(), freeBytes: () => 64e9, emit: (event) => void events.push(event) },
  );
  expect(outcome).toMatchObject({ outcome: 'finished', steps: golden.settings.steps });
  return {
    steps: events.flatMap((e) => (e.kind === 'metrics' && 'grad_norm' in e.values ? [e.values as Numbers] : [])),
    checkpoint: outcome.checkpointPath,
  };
}

describe.each(['tensorflow', 'wasm'] as const)('ten training steps against the reference: %s', (engine) => {
  it.each(Object.keys(golden.cases))('%s', async (name) => {
    const expected = golden.cases[name]!;
    const { steps, checkpoint } = await run(name, engine);
    expect(steps).toHaveLength(expected.steps.length);
    expected.steps.forEach((values, i) => {
      for (const [metric, value] of Object.entries(values))
        close(steps[i]![metric], value, sizes[metric]!, `step ${i + 1}, ${metric}`);
    });
    const tensors = await openSafetensors(join(checkpoint, 'weights.safetensors'));
    for (const [tensor, { sum, norm, first }] of Object.entries(expected.weights)) {
      if (tensor === 'lm_head.weight') continue; // tied
      const values = await tensors.get(tensor)!.read();
      const root = Math.sqrt(values.reduce((all, x) => all + x * x, 0));
      close(root, norm, 1e-2, `${tensor}, norm`);
      close(
        values.reduce((all, x) => all + x, 0),
        sum,
        norm,
        `${tensor}, sum`,
      );
      first.forEach((x, k) => close(values[k], x, 1, `${tensor}[${k}]`));
    }
  });
});
