import { largest } from '../../../src-main/shared/extremes';
import { gradients } from '../../../src-main/engine/graph/gradients';
import { ProgramBuilder } from '../../../src-main/engine/graph/program';
import type { GraphBuilder, Value } from '../../../src-main/engine/graph/types';
import { compileTensorflow } from '../../../src-main/engine/backends/tensorflow/session';
import { coupleTerms, lossTerms, type LossTerm } from '../../../src-main/engine/methods/terms';
import type { MethodMemory, PairInputs } from '../../../src-main/engine/methods/types';
import type { MethodSpec } from '../../../src-main/shared/spec/method-spec';
import { methodSchema } from '../../../src-main/shared/spec/method-spec';
import { interpret, type Numbers } from './interpreter';

export const methodOf = (method: Parameters<typeof methodSchema.parse>[0]): MethodSpec => methodSchema.parse(method);

/** Sequence sums of pairs: what level A of test/golden/README.md starts from. */
export interface PairSums {
  readonly chosen: Numbers;
  readonly rejected: Numbers;
  readonly chosenReference: Numbers;
  readonly rejectedReference: Numbers;
  readonly chosenTokens: Numbers;
  readonly rejectedTokens: Numbers;
}
export const sumsA: PairSums = {
  chosen: [-12.3, -45.6],
  rejected: [-14.1, -40.2],
  chosenReference: [-13.0, -44.0],
  rejectedReference: [-13.5, -41.0],
  chosenTokens: [8, 30],
  rejectedTokens: [12, 25],
};

export interface PairLossResult {
  readonly losses: ArrayLike<number>;
  /** Of the mean loss. */
  readonly dChosen: ArrayLike<number>;
  readonly dRejected: ArrayLike<number>;
  readonly memory: MethodMemory;
}

/**
 * A method's loss of sequence sums, with the constants that `coupled` gives, in double precision or through TensorFlow.
 */
export async function pairLossOf(
  method: MethodSpec,
  sums: PairSums,
  engine: 'double' | 'tensorflow',
  memory: MethodMemory = {},
  coupled: PairSums = sums,
): Promise<PairLossResult> {
  const terms = lossTerms(method);
  const side = (policy: Numbers, reference: Numbers, tokens: Numbers) =>
    policy.map((p, i) => ({ policy: p, reference: reference[i]!, tokens: tokens[i]! }));
  const step = {
    chosen: side(coupled.chosen, coupled.chosenReference, coupled.chosenTokens),
    rejected: side(coupled.rejected, coupled.rejectedReference, coupled.rejectedTokens),
    promptTokens: sums.chosen.map(() => 0),
  };
  const constants = coupleTerms(terms, step, memory, 'train');
  const feeds: Readonly<Record<string, Numbers>> = {
    ...Object.fromEntries(Object.entries(sums).map(([name, values]) => [name, values as Numbers])),
    ...Object.fromEntries(constants.values),
  };
  const program = new ProgramBuilder();
  const entry = program.entry('loss', (g) =>
    lossAndGradients(
      g,
      terms,
      Object.fromEntries(Object.keys(feeds).map((name) => [name, g.input(name, 'f32', [sums.chosen.length])])),
    ),
  );
  const outputs = Object.entries(entry.outputs);
  if (engine === 'double') {
    const given = new Map(Object.entries(entry.inputs).map(([name, value]) => [value, feeds[name]!]));
    const found = interpret(
      outputs.map(([, value]) => value),
      given,
    );
    return {
      ...(Object.fromEntries(outputs.map(([name, value]) => [name, found.get(value)!])) as unknown as Omit<
        PairLossResult,
        'memory'
      >),
      memory: constants.memory,
    };
  }
  const session = await compileTensorflow(program.build());
  try {
    const results = session.run(
      'loss',
      Object.fromEntries(Object.keys(entry.inputs).map((name) => [name, Float32Array.from(feeds[name]!)])),
    );
    return { ...(results as unknown as Omit<PairLossResult, 'memory'>), memory: constants.memory };
  } finally {
    session.dispose();
  }
}

function lossAndGradients(
  g: GraphBuilder,
  terms: readonly LossTerm[],
  values: Readonly<Record<string, Value>>,
): { readonly outputs: Readonly<Record<string, Value>>; readonly updates: [] } {
  const zeros = g.fill(values['chosen']!.shape, 0);
  const side = (policy: Value, reference: Value, tokens: Value): PairInputs['chosen'] => ({
    policy,
    reference,
    ratio: g.sub(policy, reference),
    full: policy,
    tokens,
    divergence: zeros,
  });
  const inputs: Omit<PairInputs, 'constant'> = {
    chosen: side(values['chosen']!, values['chosenReference']!, values['chosenTokens']!),
    rejected: side(values['rejected']!, values['rejectedReference']!, values['rejectedTokens']!),
    prompt: zeros,
  };
  const losses = terms
    .map(({ method, spec, weight, key }) =>
      g.mul(method.pairLoss(g, { ...inputs, constant: (name) => values[`${key}/${name}`]! }, spec), weight),
    )
    .reduce((total, x) => g.add(total, x));
  const [dChosen, dRejected] = gradients(g, g.mean(losses, [0]), [values['chosen']!, values['rejected']!]);
  return { outputs: { losses, dChosen: dChosen ?? zeros, dRejected: dRejected ?? zeros }, updates: [] };
}

/** Whether every number is within `relative` of its golden one (of 1e-3 where that is smaller). */
export function worstError(actual: ArrayLike<number>, expected: readonly number[]): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  return largest(expected.map((e, i) => Math.abs(actual[i]! - e) / Math.max(1e-3, Math.abs(e)))) ?? 0;
}
