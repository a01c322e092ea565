import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { SignalBox } from '../../../src-main/engine/signals';
import { train } from '../../../src-main/engine/jobs/train';
import type { MetricName } from '../../../src-main/shared/metrics/registry';
import type { EngineEvent } from '../../../src-main/shared/ipc/engine-events';
import { hasLiveReference } from '../../../src-main/engine/train/step/objective';
import { runSpecSchema, type RunSpecInput } from '../../../src-main/shared/spec/run-spec';

// Ten steps of every method and option, against TRL 1.16's DPOTrainer where it has them and plain torch elsewhere
// (methods.py; README.md says what is logged).

type Step = Readonly<
  Record<
    'loss' | 'gradNorm' | 'chosenReward' | 'rejectedReward' | 'margin' | 'accuracy' | 'chosenLogps' | 'rejectedLogps',
    number
  >
>;
interface Case {
  readonly name: string;
  readonly source: 'trl' | 'torch';
  readonly method: NonNullable<RunSpecInput['method']>;
  readonly reference: string | null;
  readonly noise: number; // of float32 in this case
  readonly steps: readonly Step[];
}
interface Golden {
  readonly settings: { readonly learningRate: number };
  readonly pairs: readonly { readonly prompt: string; readonly chosen: string; readonly rejected: string }[];
  readonly cases: readonly Case[];
}
const folder = import.meta.dirname;
const golden = JSON.parse(readFileSync(join(folder, 'methods.json'), 'utf8')) as Golden;
const work = mkdtempSync(join(tmpdir(), 'sampo-golden-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const ours: Readonly<Record<keyof Step, string>> = {
  loss: 'loss',
  gradNorm: 'grad_norm',
  chosenReward: 'rewards/chosen',
  rejectedReward: 'rewards/rejected',
  margin: 'rewards/margins',
  accuracy: 'rewards/accuracies',
  chosenLogps: 'logps/chosen',
  rejectedLogps: 'logps/rejected',
};

const specOf = ({ method, reference }: Case): ReturnType<typeof runSpecSchema.parse> =>
  runSpecSchema.parse({
    model: { path: join(folder, 'model'), reference: reference && join(folder, reference) },
    dataset: { path: join(work, 'pairs.jsonl'), evalFraction: 0 },
    method,
    adapter: { kind: 'none' },
    training: {
      maxSteps: 10,
      pairsPerStep: 8,
      learningRate: golden.settings.learningRate,
      schedule: 'constant',
      warmupRatio: 0,
      maxLength: 256,
    },
    probes: { everySteps: 1000, maxNewTokens: 1 },
  });

/**
 * A live reference starts from the model itself: run specs with another one are refused (run-spec-check.ts), and the
 * cases `…-at-start` stand for them.
 */
const cases = golden.cases.filter((c) => c.reference === null || !hasLiveReference(specOf(c)));

it.each(cases.map((c) => [c.name, c] as const))('%s', async (name, golden_) => {
  writeFileSync(
    join(work, 'pairs.jsonl'),
    golden.pairs.map(({ prompt, chosen, rejected }) => JSON.stringify({ prompt, chosen, rejected })).join('\n'),
  );
  const spec = specOf(golden_);
  const events: EngineEvent[] = [];
  await train(
    { spec, runDir: join(work, name), cacheDir: join(work, 'cache'), resume: false },
    { engine: 'tensorflow', signals: new SignalBox(), freeBytes: () => 64e9, emit: (event) => void events.push(event) },
  );
  rmSync(join(work, name), { recursive: true });
  const steps = events.flatMap((e) => (e.kind === 'metrics' && 'grad_norm' in e.values ? [e.values] : []));
  expect(steps).toHaveLength(10);

  const { id, beta, ldAlpha, fDivergence } = spec.method;
  const first = golden_.steps[0]!;
  // values near zero are held to the size of their kind; robust's loss, a difference, goes through zero
  const size: Step = {
    loss: Math.abs(first.loss) / (id === 'robust' ? 10 : 30),
    gradNorm: first.gradNorm / 30,
    chosenReward: beta,
    rejectedReward: beta,
    margin: beta,
    accuracy: 1,
    chosenLogps: 1,
    rejectedLogps: 1,
  };
  // forward KL and alpha fade to a hundredth, where float32 itself knows less (README.md)
  const isFading = fDivergence.type === 'forward_kl' || fDivergence.type === 'alpha';
  const tolerance = isFading ? 1e-3 : Math.max(1e-4, 4 * golden_.noise);
  golden_.steps.forEach((wanted, i) => {
    for (const [theirs, metric] of Object.entries(ours) as readonly (readonly [keyof Step, MetricName])[]) {
      // TRL logs the tail-weighted sums there, ours are whole responses everywhere
      if (ldAlpha !== 1 && theirs.endsWith('Logps')) continue;
      const error = Math.abs(steps[i]![metric]! - wanted[theirs]) / Math.max(Math.abs(wanted[theirs]), size[theirs]);
      expect(error, `step ${i + 1}, ${metric}: ${steps[i]![metric]} against ${wanted[theirs]}`).toBeLessThanOrEqual(
        tolerance,
      );
    }
  });
});

it('holds a case for every method but SFT, which trl.test.ts has', () => {
  expect(new Set(golden.cases.map((c) => c.method.id)).size).toBe(22);
});
