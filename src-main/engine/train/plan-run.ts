import type { MemoryParts } from '../../shared/memory-parts';
import type { RunSpec } from '../../shared/run-spec';
import { familyOf } from '../models/family';
import { loraPlan } from '../models/lora';
import type { LoraPlan } from '../models/types';
import type { ChatFormat } from '../tokenizer/types';
import type { ModelSource } from '../weights/types';
import { chooseBuckets } from './buckets';
import { sizeOf } from './layout';
import { modelParameters, parameterCount } from './load-weights';
import { estimateMemory, fitPlan, freeMemoryBytes, memoryParts, type MemoryPlan } from './memory';
import { hasLiveReference, objectiveOf } from './objective';
import { planSteps, type StepPlan } from './order';
import type { PreparedData } from './prepare-data';
import { chooseProbes, generationShape, type Probe } from './probes';
import { isHalved, loraSpecs } from './program';
import { layoutOf } from './scoring';
import type { Storage, TrainProgramPlan } from './types';

/** All decisions about a run that follow from spec, model and data, before anything is built: what `train` does and `preflight` foretells. */
export interface RunPlan {
  readonly program: TrainProgramPlan;
  readonly steps: StepPlan;
  readonly probes: readonly Probe[];
  readonly trainableParameters: number;
  readonly memoryBytes: number;
  readonly memoryParts: MemoryParts;
  readonly freeMemoryBytes: number;
}

/** `adapter` is the adapter to go on with, where the spec names one: its rank and modules win over the spec's. */
export function planRun(spec: RunSpec, source: ModelSource, chat: ChatFormat, data: PreparedData, adapter: LoraPlan | null, free: number = freeMemoryBytes()): RunPlan {
  const { config } = source;
  const lora = spec.adapter.kind === 'none' ? null : (adapter ?? loraPlan(config, spec.adapter));
  const pairs = [...data.train, ...data.held];
  const steps = planSteps(data.train.length, spec.training, spec);
  const sizes = pairs.map((pair) => sizeOf(pair, objectiveOf(spec).needsPrompt));
  const shapes = rowLimits(spec.training).map((microBatchPairs) => () => chooseBuckets(sizes, { ...spec.training, microBatchPairs, steps: steps.totalSteps, slotCost: slotCost(source) }));
  const probes = chooseProbes(spec.probes.prompts, probePrompts(data), chat);
  const generation = generationShape(probes.map((p) => p.ids), spec.probes.maxNewTokens, config);
  const adapterParameters = parameterCount(loraSpecs(config, lora));
  const trainableParameters = lora === null ? modelParameters(config) : adapterParameters;
  const storage = storages[spec.training.precision];
  const liveReference = hasLiveReference(spec);
  const needs: Omit<MemoryPlan, 'residuals' | 'buckets'> = { config, weightBytes: weightBytes(config, lora, storage), trainableParameters, lora: lora !== null, liveReference, divergence: layoutOf(spec.method).withDivergence, generation };
  const { buckets, residuals } = fitPlan(needs, shapes, free);
  const memory: MemoryPlan = { ...needs, buckets, residuals };
  return {
    program: { config, lora, storage, method: spec.method, liveReference, adamBetas: spec.training.adamBetas, buckets, generation, residuals },
    steps,
    probes,
    trainableParameters,
    memoryBytes: estimateMemory(memory),
    memoryParts: memoryParts(memory),
    freeMemoryBytes: free,
  };
}

/** Rows of a call, most first: 'auto' may take fewer where memory is short; a number that somebody chose stays. */
const rowLimits = ({ microBatchPairs }: RunSpec['training']): readonly ('auto' | number)[] => (microBatchPairs === 'auto' ? ['auto', 2, 1] : [microBatchPairs]);

const storages = { float32: 'f32', bfloat16: 'bf16', float16: 'f16' } as const satisfies Record<RunSpec['training']['precision'], Storage>;

const weightBytes = (config: ModelSource['config'], lora: LoraPlan | null, storage: Storage): number =>
  familyOf(config).weights(config).reduce((sum, w) => sum + parameterCount([w]) * (storage !== 'f32' && isHalved(w, lora) ? 2 : 4), 0);

/** Held-out prompts first: what the model was not trained on says more. */
const probePrompts = ({ train, held, source }: PreparedData) => [...held, ...train].flatMap(({ row }) => source.get(row)?.prompt ?? []);

/** The head's work for a completion token against the layers' work for any token. */
function slotCost({ config }: ModelSource): number {
  const head = config.vocabulary * config.width;
  const layers = modelParameters(config) - (config.tiedHead ? 1 : 2) * head;
  return Math.min(2, head / Math.max(1, layers));
}
