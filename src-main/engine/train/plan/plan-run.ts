import { largest } from '../../../shared/extremes';
import type { MemoryParts } from '../../../shared/runs/memory-parts';
import type { RunSpec } from '../../../shared/spec/run-spec';
import { familyOf } from '../../families/registry';
import { loraPlan } from '../../model/lora';
import type { LoraPlan } from '../../model/lora-plan';
import type { ChatFormat } from '../../tokenizer/types';
import type { ModelSource } from '../../source/types';
import { chooseBuckets } from '../../batch/buckets';
import { laneCounts } from '../../batch/lanes';
import { sizeOf } from '../../batch/layout';
import { microBatches } from '../../batch/micro-batches';
import { modelParameters, parameterCount } from '../../program/load-weights';
import { fitPlan, memoryParts, totalBytes, type CallPlan, type FittedPlan } from './memory';
import { hasLiveReference, objectiveOf } from '../step/objective';
import { planSteps, type StepPlan } from '../loop/order';
import type { PreparedData } from './prepare-data';
import { chooseProbes, generationShape, type Probe } from '../probes/probes';
import { isHalved, loraSpecs } from '../../program/variables';
import { storageOf } from './precision';
import type { TrainProgramPlan } from '../../program/types';
import type { Bucket } from '../../batch/types';

/**
 * All decisions about a run that follow from spec, model and data, before anything is built: what `train` does and
 * `preflight` foretells.
 */
export interface RunPlan {
  readonly program: TrainProgramPlan;
  readonly steps: StepPlan;
  readonly probes: readonly Probe[];
  readonly trainableParameters: number;
  readonly memoryBytes: number;
  readonly memoryParts: MemoryParts;
  readonly freeMemoryBytes: number;
}

export interface ModelToTrain {
  readonly source: ModelSource;
  readonly chat: ChatFormat;
  /** The adapter to go on with, where the spec names one: its rank and modules win over the spec's. */
  readonly adapter: LoraPlan | null;
}

export interface MachineShare {
  readonly free: number; // bytes
  /** Those that calls can share out among themselves; 1 where the engine runs one call at a time. */
  readonly processors: number;
}

/** Steps, shapes, lanes, probes and memory of a run, before anything is built. */
export function planRun(
  spec: RunSpec,
  { source, chat, adapter }: ModelToTrain,
  data: PreparedData,
  { free, processors }: MachineShare,
): RunPlan {
  const { config } = source;
  const lora = spec.adapter.kind === 'none' ? null : (adapter ?? loraPlan(config, spec.adapter));
  const pairs = [...data.train, ...data.held];
  const steps = planSteps(data.train.length, spec.training, spec);
  const sizes = pairs.map((pair) => sizeOf(pair, objectiveOf(spec).needsPrompt));
  const { pairsPerStep } = spec.training;
  const headCost = slotCost(source);
  const chosen = new Map<string, readonly Bucket[]>(); // asked for more than once, and slow to choose for many pairs
  const bucketsFor = (count: number, microBatchPairs: 'auto' | number): readonly Bucket[] => {
    const key = `${count} ${microBatchPairs}`;
    const buckets =
      chosen.get(key) ??
      chooseBuckets(sizes, {
        pairsPerStep: Math.ceil(pairsPerStep / count),
        microBatchPairs,
        steps: steps.totalSteps,
        slotCost: headCost,
      });
    chosen.set(key, buckets);
    return buckets;
  };
  const counts =
    lora === null
      ? [1]
      : laneCounts(pairs, pairsPerStep, headCost, processors, (count) =>
          bucketsFor(count, spec.training.microBatchPairs),
        );
  const candidates = counts.flatMap((count) =>
    rowLimits(spec.training).map(
      (limit) => (): CallPlan => ({ buckets: bucketsFor(count, limit), lanes: { count, slotCost: headCost } }),
    ),
  );
  const { maxNewTokens } = spec.probes;
  const probes = chooseProbes(
    spec.probes.prompts,
    { ...data, maxNewTokens, contextLength: config.contextLength },
    chat,
  );
  const generation = generationShape(
    probes.map((p) => p.ids),
    spec.probes.maxNewTokens,
    config,
  );
  const adapterParameters = parameterCount(loraSpecs(config, lora));
  const trainableParameters = lora === null ? modelParameters(config) : adapterParameters;
  const storage = storageOf(spec);
  const liveReference = hasLiveReference(spec);
  // preflight plans without the library, which alone knows what it multiplies in; products in halves take no more
  const base: Omit<TrainProgramPlan, 'buckets' | 'lanes' | 'recomputedLayers'> = {
    config,
    lora,
    storage,
    products: 'f32',
    method: spec.method,
    liveReference,
    adamBetas: spec.training.adamBetas,
    generation,
  };
  const bySize = sizes.map(({ tokens }, i) => ({ tokens, pair: pairs[i]! })).sort((a, b) => b.tokens - a.tokens);
  const longestFirst = bySize.map(({ pair }) => pair);
  const partsOf = (fitted: FittedPlan): MemoryParts =>
    memoryParts({
      program: { ...base, ...fitted },
      weightBytes: weightBytes(config, lora, storage),
      trainableParameters,
      atOnce: longestCalls(longestFirst, fitted),
    });
  const fitted = fitPlan(candidates, config.layers, partsOf, free);
  const parts = partsOf(fitted);
  return {
    program: { ...base, ...fitted },
    steps,
    probes,
    trainableParameters,
    memoryBytes: totalBytes(parts),
    memoryParts: parts,
    freeMemoryBytes: free,
  };
}

/** Buckets of the longest calls, as many as there are lanes: sooner or later they meet in a step. */
const longestCalls = (longestFirst: PreparedData['train'], { buckets, lanes }: CallPlan): readonly number[] => {
  const enough = lanes.count * (largest(buckets, ({ rows }) => rows) ?? 1);
  return microBatches(longestFirst.slice(0, enough), buckets)
    .slice(0, lanes.count)
    .map(({ bucket }) => bucket);
};

/** Rows of a call, most first: 'auto' may take fewer where memory is short; a number that somebody chose stays. */
const rowLimits = ({ microBatchPairs }: RunSpec['training']): readonly ('auto' | number)[] =>
  microBatchPairs === 'auto' ? ['auto', 2, 1] : [microBatchPairs];

const weightBytes = (
  config: ModelSource['config'],
  lora: LoraPlan | null,
  storage: TrainProgramPlan['storage'],
): number =>
  familyOf(config)
    .weights(config)
    .reduce((sum, w) => sum + parameterCount([w]) * (storage !== 'f32' && isHalved(w, lora) ? 2 : 4), 0);

/** The head's work for a completion token against the layers' work for any token. */
function slotCost({ config }: ModelSource): number {
  const head = config.vocabulary * config.width;
  const layers = modelParameters(config) - (config.tiedHead ? 1 : 2) * head;
  return Math.min(2, head / Math.max(1, layers));
}
