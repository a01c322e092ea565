import type { Bucket } from '../batch/types';
import { gradients } from '../graph/gradients';
import { ProgramBuilder } from '../graph/program';
import type { GraphBuilder, Update, Value } from '../graph/types';
import { familyOf } from '../families/registry';
import { weightReader, type PackVariable, type ReadWeight } from '../model/forward';
import { adapterPacks, single } from '../model/packs';
import { addGeneration } from './generation-entries';
import { pairLosses } from './pair-loss';
import { addLogProbEntry, scoredSlots } from './score-entries';
import { layoutOf } from './scoring-layout';
import type { TrainProgram, TrainProgramPlan } from './types';
import { addApply, addSync, type Trainable } from './update-entries';
import { gradientName, isHalved, loraSpecs, packsOf, referenceName, variableOf } from './variables';

// B rows (pairs), T tokens, N completion slots

/** All entries of a run as one program; they share its variables (program/types.ts lists feeds and outputs). */
export function buildTrainProgram(plan: TrainProgramPlan): TrainProgram {
  const { config, lora, buckets, generation, lanes } = plan;
  const program = new ProgramBuilder(lanes.count);
  const base = familyOf(config)
    .weights(config)
    .map((w) => variableOf(program, single(w), isHalved(w, lora) ? plan.storage : 'f32'));
  const adapters = adapterPacks(loraSpecs(config, lora)).map((pack) => variableOf(program, pack));
  const [frozen, changed] = lora === null ? [[], base] : [base, adapters];
  const policy = [...frozen, ...changed];
  const trainable = changed.map((place): Trainable => {
    const { name, shape } = place.variable;
    const accumulated = program.variable(gradientName(name), 'f32', lanes.count > 1 ? [lanes.count, ...shape] : shape);
    return { ...place, accumulated };
  });

  const followers = plan.liveReference
    ? trainable.map(({ pack }) => ({ pack, variable: program.variable(referenceName(pack.name), 'f32', pack.shape) }))
    : null;
  const weights: Weights = { policy, reference: followers && [...frozen, ...followers] };
  buckets.forEach((bucket, index) => addBucketEntries(program, plan, bucket, index, weights, trainable));
  addApply(program, plan, trainable);
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

/** Where entries read weights: the policy's, and the reference's where it is in the session. */
interface Weights {
  readonly policy: readonly PackVariable[];
  readonly reference: readonly PackVariable[] | null;
}

function addBucketEntries(
  program: ProgramBuilder,
  plan: TrainProgramPlan,
  bucket: Bucket,
  index: number,
  { policy, reference }: Weights,
  trainable: readonly Trainable[],
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
        { policy: read, reference: readReference },
      );
      const { losses, loss } = pairLosses(g, plan.method, bucket, slots);
      const updates =
        kind === 'evaluate' ? [] : accumulate(g, plan.lanes.count, trainable, packGradients(g, loss, trainable, read));
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
  trainable: readonly Trainable[],
  values: readonly Value[],
): readonly Update[] {
  if (lanes === 1)
    return values.map((value, i): Update => ({ kind: 'assign-add', variable: trainable[i]!.accumulated, value }));
  const row = g.input('lane', 'i32', []);
  return values.map((value, i): Update => ({ kind: 'add-row', variable: trainable[i]!.accumulated, row, value }));
}

/** The gradient of every trained weight, packed as the weights are. */
function packGradients(
  g: GraphBuilder,
  loss: Value,
  trainable: readonly Trainable[],
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
