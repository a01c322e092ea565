import { gradients } from '../graph/gradients';
import { ProgramBuilder } from '../graph/program';
import type { FloatFormat, GraphBuilder, Update, Value, Variable } from '../graph/types';
import { cachedLogits, cacheVariables } from '../models/cached-forward';
import { familyOf } from '../models/family';
import { loraNames, weightReader, type PackVariable, type ReadWeight } from '../models/forward';
import { sizeIn } from '../models/lora-size';
import type { HeadValues } from '../models/log-prob';
import { adapterPacks, single, type Pack } from '../models/packs';
import { completionValues, type LogProbRequest } from '../models/train-forward';
import type { LoraPlan, ModelConfig, WeightSpec } from '../models/types';
import { pairLosses } from './pair-loss';
import { oneLane } from './lanes';
import { layoutOf, plainLayout } from './scoring-layout';
import type { GenerationShape, TrainProgram, TrainProgramPlan } from './types';
import type { Bucket } from '../batch/types';

// B rows (pairs), T tokens, N completion slots, R generated rows, P prompt tokens

export const gradientName = (weight: string): string => `gradient/${weight}`;
export const referenceName = (weight: string): string => `reference/${weight}`;
export const adamNames = (weight: string): { readonly m: string; readonly v: string } => ({
  m: `adam_m/${weight}`,
  v: `adam_v/${weight}`,
});

/** All entries of a run as one program; they share its variables (train/types.ts lists feeds and outputs). */
export function buildTrainProgram(plan: TrainProgramPlan): TrainProgram {
  const { config, lora, buckets, generation, lanes } = plan;
  const program = new ProgramBuilder(lanes.count);
  const base = familyOf(config)
    .weights(config)
    .map((w) => variableOf(program, single(w), isHalved(w, lora) ? plan.storage : 'f32'));
  const adapters = adapterPacks(loraSpecs(config, lora)).map((pack) => variableOf(program, pack));
  const [frozen, trainable] = lora === null ? [[], base] : [base, adapters];
  const policy = [...frozen, ...trainable];

  const accumulated = trainable.map(({ variable: { name, shape } }) =>
    program.variable(gradientName(name), 'f32', lanes.count > 1 ? [lanes.count, ...shape] : shape),
  );
  const followers = plan.liveReference
    ? trainable.map(({ pack }) => ({ pack, variable: program.variable(referenceName(pack.name), 'f32', pack.shape) }))
    : null;
  const weights: Weights = { policy, reference: followers && [...frozen, ...followers] };
  buckets.forEach((bucket, index) => addBucketEntries(program, plan, bucket, index, weights, trainable, accumulated));
  addApply(program, plan, trainable, accumulated);
  if (followers) addSync(program, trainable, followers);
  if (generation) addGeneration(program, config, lora, generation, policy);
  return {
    program: program.build(),
    buckets,
    packs: packsOf(policy),
    trained: packsOf(trainable),
    generation,
    layout: layoutOf(plan.method),
    liveReference: plan.liveReference,
    lanes,
  };
}

/** The parts of a program that only read weights: scoring (`logprobs:<b>`) and generation. */
export function buildInferenceProgram(
  config: ModelConfig,
  lora: LoraPlan | null,
  buckets: readonly Bucket[],
  generation: GenerationShape | null,
): TrainProgram {
  const program = new ProgramBuilder();
  const variables = [...familyOf(config).weights(config).map(single), ...adapterPacks(loraSpecs(config, lora))].map(
    (pack) => variableOf(program, pack),
  );
  buckets.forEach((bucket, index) =>
    addLogProbEntry(
      program,
      'logprobs',
      { config, lora, recomputedLayers: 0, products: 'f32' },
      bucket,
      index,
      variables,
    ),
  );
  if (generation) addGeneration(program, config, lora, generation, variables);
  return {
    program: program.build(),
    buckets,
    packs: packsOf(variables),
    trained: [],
    generation,
    layout: plainLayout,
    liveReference: false,
    lanes: oneLane,
  };
}

const packsOf = (variables: readonly PackVariable[]): readonly Pack[] => variables.map(({ pack }) => pack);

const variableOf = (program: ProgramBuilder, pack: Pack, dtype: FloatFormat = 'f32'): PackVariable => ({
  pack,
  variable: program.variable(pack.name, dtype, pack.shape),
});

/** Matrices that an adapter run never changes; norms and biases are too small to matter. */
export const isHalved = (w: WeightSpec, lora: LoraPlan | null): boolean =>
  lora !== null && w.shape.length === 2 && !isLora(w);

const isLora = (w: WeightSpec): boolean => w.name.endsWith('.lora_A.weight') || w.name.endsWith('.lora_B.weight');

/** A [rank, in] and B [out, rank] of every adapted module; the module is named without `.weight`. */
export function loraSpecs(config: ModelConfig, lora: LoraPlan | null): readonly WeightSpec[] {
  if (lora === null) return [];
  const linear = new Map(
    familyOf(config)
      .weights(config)
      .filter((w) => w.role === 'linear')
      .map((w) => [w.name, w]),
  );
  return lora.modules.flatMap((module): WeightSpec[] => {
    const base = linear.get(`${module}.weight`);
    if (!base) throw new Error(`LoRA names module ${module}, which is not a linear layer of this model`);
    const [out, input] = base.shape as readonly [number, number];
    const { a, b } = loraNames(module);
    const { rank } = sizeIn(lora, module);
    const same = { role: 'linear', layer: base.layer, module: base.module } as const;
    return [
      { name: a, shape: [rank, input], ...same },
      { name: b, shape: [out, rank], ...same },
    ];
  });
}

/** Where entries read weights: the policy's, and the reference's where it is in the session. */
interface Weights {
  readonly policy: readonly PackVariable[];
  readonly reference: readonly PackVariable[] | null;
}

interface Scoring extends Pick<TrainProgramPlan, 'config' | 'lora' | 'recomputedLayers' | 'products'> {
  readonly head: LogProbRequest['head'];
}

const withoutGradient = { gradient: 'none', statistics: false, collision: false } as const;

function scoredSlots(
  g: GraphBuilder,
  factory: ProgramBuilder,
  name: string,
  scoring: Scoring,
  { rows, tokens, completions }: Bucket,
  policy: ReadWeight,
  readReference: ReadWeight | null,
): HeadValues {
  return completionValues(factory, g, name, policy, {
    ...scoring,
    tokens: {
      ids: g.input('ids', 'i32', [rows, tokens]),
      positions: g.input('positions', 'i32', [rows, tokens]),
      segments: g.input('segments', 'i32', [rows, tokens]),
    },
    completionIndex: g.input('completionIndex', 'i32', [completions]),
    targets: g.input('targets', 'i32', [completions]),
    readReference,
  });
}

function addLogProbEntry(
  program: ProgramBuilder,
  entry: 'logprobs' | 'reference',
  scoring: Omit<Scoring, 'head'>,
  bucket: Bucket,
  index: number,
  variables: readonly PackVariable[],
): void {
  const name = `${entry}:${index}`;
  program.entry(name, (g) => {
    const { logprobs } = scoredSlots(
      g,
      program,
      name,
      { ...scoring, head: withoutGradient },
      bucket,
      weightReader(g, variables),
      null,
    );
    return { outputs: { logprobs }, updates: [] };
  });
}

function addBucketEntries(
  program: ProgramBuilder,
  plan: TrainProgramPlan,
  bucket: Bucket,
  index: number,
  { policy, reference }: Weights,
  trainable: readonly PackVariable[],
  accumulated: readonly Variable[],
): void {
  const { withDivergence } = layoutOf(plan.method);
  addLogProbEntry(program, 'logprobs', plan, bucket, index, policy);
  if (reference) addLogProbEntry(program, 'reference', plan, bucket, index, reference);
  for (const kind of ['evaluate', 'accumulate'] as const) {
    const name = `${kind}:${index}`;
    const gradient = kind === 'evaluate' ? 'none' : plan.lora === null ? 'all' : 'hidden';
    program.entry(name, (g) => {
      const read = weightReader(g, policy);
      const readReference = withDivergence ? weightReader(g, reference!) : null;
      const slots = scoredSlots(
        g,
        program,
        name,
        { ...plan, head: { gradient, statistics: true, collision: plan.method.wpo } },
        bucket,
        read,
        readReference,
      );
      const { losses, loss } = pairLosses(g, plan.method, bucket, slots);
      const updates =
        kind === 'evaluate'
          ? []
          : accumulate(g, plan.lanes.count, accumulated, packGradients(g, loss, trainable, read));
      const { logprobs, entropy, meanLogit, top1, kl } = slots;
      return {
        outputs: {
          logprobs,
          entropy: entropy!,
          meanLogit: meanLogit!,
          top1: top1!,
          ...(kl ? { kl } : {}),
          losses,
          loss,
        },
        updates,
      };
    });
  }
}

function accumulate(
  g: GraphBuilder,
  lanes: number,
  accumulated: readonly Variable[],
  values: readonly Value[],
): readonly Update[] {
  if (lanes === 1) return values.map((value, i): Update => ({ kind: 'assign-add', variable: accumulated[i]!, value }));
  const row = g.input('lane', 'i32', []);
  return values.map((value, i): Update => ({ kind: 'add-row', variable: accumulated[i]!, row, value }));
}

/** The gradient of every trained weight, packed as the weights are. */
function packGradients(
  g: GraphBuilder,
  loss: Value,
  trainable: readonly PackVariable[],
  read: ReadWeight,
): readonly Value[] {
  const found = gradients(
    g,
    loss,
    trainable.flatMap(({ pack }) => pack.members.map((m) => read(m.name))),
  );
  let next = 0;
  return trainable.map(({ pack }) =>
    g.concat(
      pack.members.map(() => found[next++]!),
      0,
    ),
  );
}

/** reference ← mixup · policy + (1 − mixup) · reference (TR-DPO, eq. 7; mixup 1: a copy). */
function addSync(
  program: ProgramBuilder,
  trainable: readonly PackVariable[],
  followers: readonly PackVariable[],
): void {
  program.entry('sync', (g) => {
    const mixup = g.input('mixup', 'f32', []);
    const updates = trainable.map(({ variable: policy }, i): Update => {
      const follower = followers[i]!.variable;
      const value = g.add(g.mul(mixup, g.read(policy)), g.mul(g.sub(1, mixup), g.read(follower)));
      return { kind: 'assign', variable: follower, value };
    });
    return { outputs: {}, updates };
  });
}

/** Global-norm clipping as torch.nn.utils.clip_grad_norm_ (factor min(1, c / (norm + 1e-6))), AdamW, and a cleared accumulator. */
function addApply(
  program: ProgramBuilder,
  plan: TrainProgramPlan,
  trainable: readonly PackVariable[],
  accumulated: readonly Variable[],
): void {
  const moments = trainable.map(({ variable: { name, shape } }) => {
    const { m, v } = adamNames(name);
    return { m: program.variable(m, 'f32', shape), v: program.variable(v, 'f32', shape) };
  });
  program.entry('apply', (g) => {
    const scalar = (name: string): Value => g.input(name, 'f32', []);
    const [rate, epsilon, decay, clipNorm] = [scalar('rate'), scalar('epsilon'), scalar('decay'), scalar('clipNorm')];
    const read = accumulated.map((v) => (plan.lanes.count > 1 ? g.sum(g.read(v), [0]) : g.read(v)));
    const squares = read.map((x) =>
      g.sum(
        g.square(x),
        x.shape.map((_, axis) => axis),
      ),
    );
    const gradNorm = g.sqrt(squares.reduce((total, x) => g.add(total, x)));
    const factor = g.minimum(1, g.div(clipNorm, g.add(gradNorm, 1e-6)));
    const [beta1, beta2] = plan.adamBetas.map((b) => g.constant(b)) as [Value, Value];
    const updates = trainable.flatMap(({ variable }, i): Update[] => [
      {
        kind: 'adam',
        variable,
        ...moments[i]!,
        gradient: g.mul(read[i]!, factor),
        rate: rate!,
        beta1,
        beta2,
        epsilon: epsilon!,
        decay: decay!,
      },
      { kind: 'assign', variable: accumulated[i]!, value: g.fill(accumulated[i]!.shape, 0) },
    ]);
    return { outputs: { gradNorm }, updates };
  });
}

function addGeneration(
  program: ProgramBuilder,
  config: ModelConfig,
  lora: LoraPlan | null,
  { rows, promptTokens, capacity }: GenerationShape,
  variables: readonly PackVariable[],
): void {
  const cache = cacheVariables(program, config, rows, capacity);
  program.entry('prefill', (g) => {
    const ids = g.input('ids', 'i32', [rows, promptTokens]);
    const lengths = g.input('lengths', 'i32', [rows]);
    const positions = g.broadcastTo(g.reshape(g.range(promptTokens), [1, promptTokens]), [rows, promptTokens]);
    const last = g.cast(g.sub(g.cast(lengths, 'f32'), 1), 'i32');
    const { logits, updates } = cachedLogits(
      program,
      g,
      'prefill',
      weightReader(g, variables),
      config,
      lora,
      cache,
      ids,
      positions,
      last,
    );
    return { outputs: { logits }, updates };
  });
  program.entry('decode', (g) => {
    const ids = g.input('ids', 'i32', [rows]);
    const positions = g.input('positions', 'i32', [rows]);
    const asColumn = (x: Value): Value => g.reshape(x, [rows, 1]);
    const { logits, updates } = cachedLogits(
      program,
      g,
      'decode',
      weightReader(g, variables),
      config,
      lora,
      cache,
      asColumn(ids),
      asColumn(positions),
      g.constant(new Int32Array(rows), 'i32', [rows]),
    );
    return { outputs: { logits }, updates };
  });
}
