import type { ProgramBuilder } from '../graph/program';
import type { Update, Value, Variable } from '../graph/types';
import type { PackVariable } from '../model/forward';
import type { TrainProgramPlan } from './types';
import { adamNames } from './variables';

// The entries that change weights between two steps: `apply` and `sync`.

/** A trained variable, and the one that its gradient is summed in: [lanes, …] where there are several. */
export interface Trainable extends PackVariable {
  readonly accumulated: Variable;
}

/** reference ← mixup · policy + (1 − mixup) · reference (TR-DPO, eq. 7; mixup 1: a copy). */
export function addSync(
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

/**
 * Global-norm clipping as torch.nn.utils.clip_grad_norm_ (factor min(1, c / (norm + 1e-6))), AdamW, and a cleared
 * accumulator.
 */
export function addApply(program: ProgramBuilder, plan: TrainProgramPlan, trainable: readonly Trainable[]): void {
  const moments = trainable.map(({ variable: { name, shape } }) => {
    const { m, v } = adamNames(name);
    return { m: program.variable(m, 'f32', shape), v: program.variable(v, 'f32', shape) };
  });
  program.entry('apply', (g) => {
    const scalar = (name: string): Value => g.input(name, 'f32', []);
    const [rate, epsilon, decay, clipNorm] = [scalar('rate'), scalar('epsilon'), scalar('decay'), scalar('clipNorm')];
    const read = trainable.map(({ accumulated: v }) => (plan.lanes.count > 1 ? g.sum(g.read(v), [0]) : g.read(v)));
    const squares = read.map((x) =>
      g.sum(
        g.square(x),
        x.shape.map((_, axis) => axis),
      ),
    );
    const gradNorm = g.sqrt(squares.reduce((total, x) => g.add(total, x)));
    const factor = g.minimum(1, g.div(clipNorm, g.add(gradNorm, 1e-6)));
    const [beta1, beta2] = plan.adamBetas.map((b) => g.constant(b)) as [Value, Value];
    const updates = trainable.flatMap(({ variable, accumulated }, i): Update[] => [
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
      { kind: 'assign', variable: accumulated, value: g.fill(accumulated.shape, 0) },
    ]);
    return { outputs: { gradNorm }, updates };
  });
}
