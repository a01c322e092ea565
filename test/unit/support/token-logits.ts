import { gradients } from '../../../src-main/engine/graph/gradients';
import { ProgramBuilder } from '../../../src-main/engine/graph/program';
import type { GraphBuilder, Value } from '../../../src-main/engine/graph/types';
import { compileTensorflow } from '../../../src-main/engine/backends/tensorflow/session';
import { headValues, type HeadGradient } from '../../../src-main/engine/model/log-prob';
import { hasLiveReference, objectiveOf, type Objective } from '../../../src-main/engine/train/step/objective';
import { pairLosses } from '../../../src-main/engine/program/pair-loss';
import { oneLane } from '../../../src-main/engine/batch/lanes';
import type { ScoredPair, TokenLogprobs } from '../../../src-main/engine/program/scoring';
import { layoutOf } from '../../../src-main/engine/program/scoring-layout';
import { trainStep, type StepResult } from '../../../src-main/engine/train/step/step';
import { chosenOnly } from '../../../src-main/engine/batch/layout';
import type { Bucket, TokenizedPair } from '../../../src-main/engine/batch/types';
import type { MethodMemory, PairWeights } from '../../../src-main/engine/methods/types';
import { runSpecSchema, type RunSpecInput } from '../../../src-main/shared/spec/run-spec';

// test/golden/README.md, "Levels", B: four rows (0, 1 chosen; 2, 3 rejected) of 7 positions, vocabulary 5, with logits
// given by a formula instead of a model.
const vocabulary = 5;
const promptLengths = [2, 3, 2, 3] as const;
const totalLengths = [6, 5, 7, 7] as const;
const id = (b: number, t: number): number => (3 * b + 2 * t + 1) % vocabulary;
const logit = (scale: number, shift: number, b: number, t: number, v: number): number =>
  scale * Math.sin(shift + 0.9 * b + 1.7 * t + 2.3 * v + 0.31 * b * t);
const row = (b: number, from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, i) => id(b, from + i));

const pairs: readonly TokenizedPair[] = [0, 1].map((i) => ({
  row: i + 1,
  promptIds: row(i, 0, promptLengths[i]!),
  chosenIds: row(i, promptLengths[i]!, totalLengths[i]!),
  rejectedIds: row(i + 2, promptLengths[i + 2]!, totalLengths[i + 2]!),
  cut: { prompt: 0, chosen: 0, rejected: 0 },
}));

/**
 * Places (row, position that predicts) of the slots, in the order of packRows: chosen, rejected, and the prompt's own
 * where it is scored.
 */
function places(supervised: boolean, withPrompt: boolean): readonly (readonly [number, number])[] {
  const side = (b: number, from: number, to: number): readonly (readonly [number, number])[] =>
    Array.from({ length: to - from }, (_, i) => [b, from + i - 1] as const);
  return [0, 1].flatMap((i) => [
    ...side(i, promptLengths[i]!, totalLengths[i]!),
    ...(supervised ? [] : side(i + 2, promptLengths[i + 2]!, totalLengths[i + 2]!)),
    ...(withPrompt ? side(i, 1, promptLengths[i]!) : []),
  ]);
}

const logSoftmax = (logits: readonly number[], target: number): number =>
  logits[target]! - Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0));

/** Reference log-probs of every completion token. */
const referenceTable: ReadonlyMap<number, TokenLogprobs> = new Map(
  pairs.map((pair, i) => {
    const side = (b: number): Float32Array =>
      Float32Array.from({ length: totalLengths[b]! - promptLengths[b]! }, (_, k) => {
        const t = promptLengths[b]! + k;
        return logSoftmax(
          Array.from({ length: vocabulary }, (__, v) => logit(1.8, 1.25, b, t - 1, v)),
          id(b, t),
        );
      });
    return [pair.row, { chosen: side(i), rejected: side(i + 2) }];
  }),
);

export interface LevelB {
  readonly result: StepResult;
  readonly loss: number; // mean over pairs
  readonly gradNorm: number; // of d loss / d policy logits
  /** d loss / d logits [slots, vocabulary]. */
  readonly gradient: Float32Array;
  readonly scored: readonly ScoredPair[];
}

export interface LevelBOptions {
  readonly weights?: (pair: TokenizedPair) => PairWeights;
  readonly gradient?: Exclude<HeadGradient, 'none'>;
  readonly memory?: MethodMemory;
}

/** One training step on the two pairs: hidden states are a variable that the head's identity matrix makes logits of. */
export async function levelB(
  method: RunSpecInput['method'],
  { weights, gradient = 'hidden', memory = {} }: LevelBOptions = {},
): Promise<LevelB> {
  const spec = runSpecSchema.parse({
    model: { path: 'm' },
    dataset: { path: 'd' },
    method,
    training: { clipNorm: null },
  });
  const objective: Objective = { ...objectiveOf(spec), ...(weights ? { trainWeights: weights } : {}) };
  const layout = layoutOf(spec.method);
  const slots = places(objective.supervised, layout.withPrompt);
  const bucket: Bucket = { rows: 2, tokens: 16, completions: slots.length };
  const live = hasLiveReference(spec);
  const session = await compileTensorflow(logitsProgram(spec.method, bucket, layout.withDivergence, gradient, live));
  try {
    session.setVariable(
      'h',
      Float32Array.from(slots.flatMap(([b, t]) => Array.from({ length: vocabulary }, (_, v) => logit(2, 1, b, t, v)))),
    );
    if (live)
      session.setVariable(
        'reference/h',
        Float32Array.from(
          slots.flatMap(([b, t]) => Array.from({ length: vocabulary }, (_, v) => logit(1.8, 1.25, b, t, v))),
        ),
      );
    const reference = live
      ? ({ kind: 'live' } as const)
      : objective.needsReference
        ? ({ kind: 'table', table: referenceTable } as const)
        : ({ kind: 'none' } as const);
    const context = {
      session,
      buckets: [bucket],
      layout,
      lanes: oneLane,
      objective,
      reference,
      training: spec.training,
    };
    const batch = objective.supervised ? pairs.map(chosenOnly) : pairs;
    const result = await trainStep(context, batch, { step: 1, epoch: 0, update: 1, learningRate: 0 }, memory, () =>
      Promise.resolve(false),
    );
    if (result === null) throw new Error('nobody interrupted');
    const loss = result.scored.reduce((sum, s) => sum + s.loss, 0) / result.scored.length;
    return {
      result,
      loss,
      gradNorm: result.gradNorm,
      gradient: session.getVariable('gradient/h') as Float32Array,
      scored: result.scored,
    };
  } finally {
    session.dispose();
  }
}

function logitsProgram(
  method: Parameters<typeof pairLosses>[1],
  bucket: Bucket,
  withDivergence: boolean,
  gradient: HeadGradient,
  live: boolean,
): Parameters<typeof compileTensorflow>[0] {
  const program = new ProgramBuilder();
  const { rows, tokens, completions } = bucket;
  const h = program.variable('h', 'f32', [completions, vocabulary]);
  const accumulated = program.variable('gradient/h', 'f32', [completions, vocabulary]);
  const reference = live ? program.variable('reference/h', 'f32', [completions, vocabulary]) : null;
  const identity = Float32Array.from({ length: vocabulary ** 2 }, (_, i) => (i % (vocabulary + 1) === 0 ? 1 : 0));
  const values = (
    g: GraphBuilder,
    hidden: Value,
    name: string,
    direction: HeadGradient,
    compare: boolean,
  ): ReturnType<typeof headValues> => {
    // a model would read them
    for (const feed of ['ids', 'positions', 'segments']) g.input(feed, 'i32', [rows, tokens]);
    g.input('completionIndex', 'i32', [completions]);
    const head = g.constant(identity, 'f32', [vocabulary, vocabulary]);
    return headValues(program, g, name, {
      hidden,
      head,
      targets: g.input('targets', 'i32', [completions]),
      gradient: direction,
      statistics: true,
      collision: method.wpo,
      reference: compare ? { hidden: g.read(reference!), head } : null,
    });
  };
  if (reference)
    program.entry('reference:0', (g) => ({
      outputs: { logprobs: values(g, g.read(reference), 'reference', 'none', false).logprobs },
      updates: [],
    }));
  for (const kind of ['evaluate', 'accumulate'] as const) {
    program.entry(`${kind}:0`, (g) => {
      const read = g.read(h);
      const { logprobs, entropy, meanLogit, top1, collision, kl } = values(
        g,
        read,
        kind,
        kind === 'evaluate' ? 'none' : gradient,
        withDivergence,
      );
      const { losses, loss } = pairLosses(g, method, bucket, { logprobs, collision, kl });
      const updates =
        kind === 'evaluate'
          ? []
          : [{ kind: 'assign-add' as const, variable: accumulated, value: gradients(g, loss, [read])[0]! }];
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
  program.entry('apply', (g) => {
    for (const name of ['rate', 'epsilon', 'decay', 'clipNorm']) g.input(name, 'f32', []);
    return { outputs: { gradNorm: g.sqrt(g.sum(g.square(g.read(accumulated)), [0, 1])) }, updates: [] };
  });
  return program.build();
}
