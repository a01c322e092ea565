import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { compileTensorflow } from '../../../../../src-main/engine/backends/tensorflow/session';
import type { Compile, FloatFormat, Session } from '../../../../../src-main/engine/graph/types';
import { SignalBox } from '../../../../../src-main/engine/signals';
import { initialLora, loraPlan } from '../../../../../src-main/engine/model/lora';
import type { LoraPlan } from '../../../../../src-main/engine/model/lora-plan';
import type { ModelConfig } from '../../../../../src-main/engine/families/registry';
import type { MetricName } from '../../../../../src-main/shared/metrics/registry';
import type { EngineEvent } from '../../../../../src-main/shared/ipc/engine-events';
import type { TrainOutcome } from '../../../../../src-main/engine/protocol';
import { chooseBuckets } from '../../../../../src-main/engine/batch/buckets';
import { chosenOnly, sizeOf } from '../../../../../src-main/engine/batch/layout';
import { hasLiveReference, isSupervised, objectiveOf } from '../../../../../src-main/engine/train/step/objective';
import { itself, packTensors, setPacks } from '../../../../../src-main/engine/program/pack-tensors';
import { buildTrainProgram } from '../../../../../src-main/engine/program/train-program';
import { isHalved } from '../../../../../src-main/engine/program/variables';
import { scoreAll } from '../../../../../src-main/engine/infer/score-all';
import { runTraining } from '../../../../../src-main/engine/train/run';
import type { TrainProgram } from '../../../../../src-main/engine/program/types';
import type { Bucket, TokenizedPair } from '../../../../../src-main/engine/batch/types';
import { runSpecSchema, type RunSpec, type RunSpecInput } from '../../../../../src-main/shared/spec/run-spec';
import { randomizeWeights, seeded, tinyLlama } from '../../../support/tiny-config';

/**
 * Random pairs for the 31 tokens of the tiny models; responses differ in length, as the methods need. A row is one
 * pair's alone: held-out ones begin at another.
 */
export function randomPairs(count: number, seed = 5, firstRow = 1): readonly TokenizedPair[] {
  const random = seeded(seed);
  const ids = (length: number): readonly number[] => Array.from({ length }, () => 1 + Math.floor(random() * 29));
  return Array.from({ length: count }, (_, i) => ({
    row: firstRow + i,
    promptIds: ids(2 + Math.floor(random() * 6)),
    chosenIds: ids(2 + Math.floor(random() * 14)),
    rejectedIds: ids(2 + Math.floor(random() * 8)),
    cut: { prompt: 0, chosen: 0, rejected: 0 },
  }));
}

export const specOf = (
  over: {
    readonly method?: RunSpecInput['method'];
    readonly training?: RunSpecInput['training'];
    readonly objective?: RunSpec['objective'];
    readonly adapter?: RunSpecInput['adapter'];
    readonly rounds?: number;
  } = {},
): RunSpec =>
  runSpecSchema.parse({
    model: { path: 'm' },
    dataset: { path: 'd' },
    objective: over.objective,
    method: over.method,
    rounds: over.rounds,
    adapter: over.adapter ?? { kind: 'none' },
    training: { learningRate: 1e-2, warmupRatio: 0, schedule: 'constant', ...over.training },
    probes: { everySteps: 1000 },
  });

export interface TinyRun {
  readonly outcome: TrainOutcome;
  readonly events: readonly EngineEvent[];
  readonly weights: Readonly<Record<string, Float32Array>>;
  readonly before: Readonly<Record<string, Float32Array>>;
  readonly runDir: string;
  readonly cacheDir: string;
}

export interface TinyOptions {
  readonly spec: RunSpec;
  readonly pairs: readonly TokenizedPair[];
  readonly held?: readonly TokenizedPair[];
  readonly config?: ModelConfig;
  readonly compile?: Compile;
  readonly runDir?: string;
  readonly cacheDir?: string;
  readonly resume?: boolean;
  readonly buckets?: readonly Bucket[];
  readonly recomputedLayers?: number;
  readonly lanes?: number;
  readonly storage?: FloatFormat;
  readonly products?: FloatFormat;
  /** Weights to start from instead of random ones. */
  readonly initial?: Readonly<Record<string, Float32Array>>;
  readonly onEvent?: (event: EngineEvent, signals: SignalBox) => void;
}

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sampo-test-'));
  folders.push(folder);
  return folder;
}

const weightsOf = (session: Session, program: TrainProgram): Readonly<Record<string, Float32Array>> =>
  Object.fromEntries(
    packTensors(session, program.trained, [itself]).map(({ name, read }) => [name, (read() as Float32Array).slice()]),
  );

/** A whole run of a tiny random model, from initial weights to the last event. */
export async function tinyRun({
  spec,
  pairs,
  held = [],
  config = tinyLlama(),
  compile = compileTensorflow,
  runDir = temporaryFolder(),
  cacheDir = temporaryFolder(),
  resume = false,
  buckets,
  recomputedLayers = 0,
  lanes = 1,
  storage = 'f32',
  products = 'f32',
  initial = {},
  onEvent,
}: TinyOptions): Promise<TinyRun> {
  const prepare = (list: readonly TokenizedPair[]): readonly TokenizedPair[] =>
    isSupervised(spec) ? list.map(chosenOnly) : list;
  const train = prepare(pairs);
  const evaluated = prepare(held);
  const shapes =
    buckets ??
    chooseBuckets(
      [...train, ...evaluated].map((pair) => sizeOf(pair, objectiveOf(spec).needsPrompt)),
      { ...spec.training, steps: 1000 },
    );
  const lora: LoraPlan | null = spec.adapter.kind === 'lora' ? loraPlan(config, spec.adapter) : null;
  const program = buildTrainProgram({
    config,
    lora,
    method: spec.method,
    storage,
    products,
    liveReference: hasLiveReference(spec),
    adamBetas: spec.training.adamBetas,
    buckets: shapes,
    generation: null,
    recomputedLayers,
    lanes: { count: lanes, slotCost: 0.25 },
  });
  const session = await compile(program.program);
  try {
    randomizeWeights(session, program.packs, 1, (w) => (isHalved(w, lora) ? storage : 'f32'));
    if (lora) {
      const adapters = initialLora(config, lora, seeded(3));
      setPacks(session, program.trained, itself, ({ name }) => adapters.get(name)!);
    }
    for (const [name, values] of Object.entries(initial)) session.setVariable(name, values);
    const before = weightsOf(session, program);
    const events: EngineEvent[] = [];
    const signals = new SignalBox();
    const outcome = await runTraining({
      spec,
      runDir,
      cacheDir,
      resume,
      signals,
      session,
      program,
      lora,
      train,
      held: evaluated,
      modelHash: 'model',
      reference: { modelHash: 'model', adapterHash: null, engine: session.backend },
      emit: (event) => {
        events.push(event);
        onEvent?.(event, signals);
      },
      syncReports: () => undefined,
      scoreReference: (all, onProgress, pause) =>
        scoreAll({ session, buckets: shapes, layout: program.layout, lanes: program.lanes }, all, onProgress, pause),
      probe: () => Promise.resolve(true),
    });
    return { outcome, events, weights: weightsOf(session, program), before, runDir, cacheDir };
  } finally {
    session.dispose();
  }
}

export type MetricsEvent = Extract<EngineEvent, { readonly kind: 'metrics' }>;
export const metricsOf = (events: readonly EngineEvent[]): readonly MetricsEvent[] =>
  events.filter((e): e is MetricsEvent => e.kind === 'metrics');
export const series = (events: readonly EngineEvent[], name: string): readonly number[] =>
  metricsOf(events).flatMap(({ values }) => (name in values ? [values[name as MetricName]!] : []));

/** All values but the ones that tell time and memory. */
export const comparable = (events: readonly EngineEvent[]): readonly unknown[] =>
  metricsOf(events).map(({ step, epoch, values, pairs, profile }) => ({
    step,
    epoch,
    pairs,
    profile,
    values: Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith('perf/'))),
  }));
