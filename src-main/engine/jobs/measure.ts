import type { MeasuredSpeed } from '../../shared/runs/run-time';
import type { EngineJobs } from '../protocol';
import type { Session } from '../graph/types';
import { openEngine, processorsForLanes, usesGpu } from '../backends/registry';
import { readAdapter } from '../adapter/adapter';
import { bucketOf } from '../batch/buckets';
import { stepCost } from '../batch/lanes';
import { sizeOf } from '../batch/layout';
import { loadWeights } from '../program/load-weights';
import { noReference, objectiveOf } from '../train/step/objective';
import { planRun, type RunPlan } from '../train/plan/plan-run';
import { productsOf } from '../train/plan/precision';
import { prepareData } from '../train/plan/prepare-data';
import { answerProbes, type Probe } from '../train/probes/probes';
import { buildTrainProgram } from '../program/train-program';
import { isHalved } from '../program/variables';
import { evaluatePairs, trainStep, type StepContext } from '../train/step/step';
import type { TrainProgram } from '../program/types';
import type { TokenizedPair } from '../batch/types';
import type { ChatFormat } from '../tokenizer/types';
import { openModel } from '../source/open-model';
import type { JobContext } from './context';
import { tickOrStop } from '../signals';
import { initializeAdapter } from '../adapter/initialize-adapter';

/** Enough to know how long pairs are; a large file is not tokenized twice for an estimate. */
const mostPairs = 4000;
/** Calls are repeated until they took so long, or so often. */
const enoughMs = 1500;
const mostRepeats = 5;
const [fewTokens, moreTokens] = [2, 14];

/**
 * A few calls of the run that `spec` means, as it would make them: the shape most pairs have, a step with its update,
 * the same pairs without gradient, and some tokens of the probes.
 */
export async function measure(
  { spec: given, steps }: EngineJobs['measure']['in'],
  context: JobContext,
): Promise<MeasuredSpeed> {
  const { engine: choice, signals, emit, freeBytes } = context;
  const started = performance.now();
  const pause = (): Promise<void> => tickOrStop(signals);
  const progress =
    (what: string) =>
    (done: number, total: number): void =>
      emit({ kind: 'progress', done, total, what });
  const { limit } = given.dataset;
  const stepsPerRound = Math.max(1, Math.round(steps / given.rounds));
  // the sample plans for as many steps as the run has
  const spec = {
    ...given,
    dataset: { ...given.dataset, limit: Math.min(limit ?? mostPairs, mostPairs) },
    training: { ...given.training, maxSteps: stepsPerRound },
    roundData: 'repeat' as const,
  };
  const source = await openModel(spec.model.path);
  try {
    const chat = await source.tokenizer();
    const before = performance.now();
    const data = await prepareData(spec, chat, source.config.contextLength, progress('tokenize'), pause);
    const pairs = [...data.train, ...data.held];
    const tokenized = performance.now() - before;

    progress('build')(0, 1);
    const adapter =
      spec.adapter.kind === 'lora' && spec.adapter.from !== null
        ? await readAdapter(spec.adapter.from, source.config)
        : null;
    const free = freeBytes();
    const engine = await openEngine(choice);
    const processors = processorsForLanes(engine.info.backend === 'tensorflow' && !usesGpu(engine.info));
    const plan = planRun(spec, { source, chat, adapter: adapter?.plan ?? null }, data, { free, processors });
    const { chosen, bucket } = mostUsed(pairs, plan, spec.training.pairsPerStep);
    await pause();
    const program = buildTrainProgram({
      ...plan.program,
      buckets: [plan.program.buckets[bucket]!],
      products: productsOf(spec, engine),
    });
    const session = await engine.compile(program.program);
    try {
      await loadWeights(session, source, progress('load'), pause, (w) =>
        isHalved(w, plan.program.lora) ? plan.program.storage : 'f32',
      );
      initializeAdapter(session, program, source, plan.program.lora, adapter, spec.training.seed);
      const startMs = performance.now() - started - tokenized;
      const objective = objectiveOf(spec);
      if (program.liveReference) session.run('sync', { mixup: Float32Array.of(1) });
      const table = new Map(chosen.map((pair) => [pair.row, noReference(pair)]));
      const reference: StepContext['reference'] = !objective.needsReference
        ? { kind: 'none' }
        : program.liveReference
          ? { kind: 'live' }
          : { kind: 'table', table };
      const step: StepContext = {
        session,
        buckets: program.buckets,
        layout: program.layout,
        lanes: program.lanes,
        objective,
        reference,
        training: spec.training,
      };

      const interrupted = async (): Promise<boolean> => (await pause(), false);
      const place = { step: 1, epoch: 0, update: 1, learningRate: 0 };
      const trained = await repeated(() => trainStep(step, chosen, place, {}, interrupted), progress('steps'));
      const scored = await repeated(() => evaluatePairs(step, chosen, {}, interrupted), progress('scores'));
      const tokenMs = await tokenTime(session, program, plan, chat, progress('answers'), () => signals.wish !== null);
      await pause();
      const cost = (of: readonly TokenizedPair[]): number =>
        stepCost(of, spec.training.pairsPerStep, plan.program.buckets, plan.program.lanes, processors);
      const ratio = cost(data.train) / cost(chosen);
      return {
        stepMs: trained.ms * ratio,
        scoreMs: (scored.ms * ratio) / chosen.length,
        tokenMs,
        probeRows: plan.program.generation?.rows ?? 1,
        shapeMs: trained.extraMs + scored.extraMs,
        shapes: plan.program.buckets.length,
        startMs,
        tokenizeMs: tokenized / pairs.length,
        pairsPerStep: spec.training.pairsPerStep,
        basis:
          `${trained.times === 1 ? '1 step' : `${trained.times} steps`} of ` +
          `${chosen.length === 1 ? '1 pair' : `${chosen.length} pairs`} with up to ` +
          `${plan.program.buckets[bucket]!.tokens} tokens`,
      };
    } finally {
      session.dispose();
    }
  } finally {
    await source.close();
  }
}

/** Pairs of one step, all of the shape that most of the work falls to; its index among the plan's shapes. */
function mostUsed(
  pairs: readonly TokenizedPair[],
  { program: { buckets } }: RunPlan,
  pairsPerStep: number,
): { readonly chosen: readonly TokenizedPair[]; readonly bucket: number } {
  const own = buckets.map((): TokenizedPair[] => []);
  for (const pair of pairs) own[bucketOf(sizeOf(pair), buckets)]!.push(pair);
  const work = own.map((members, i) => members.length * buckets[i]!.tokens);
  const bucket = work.reduce((most, of, i) => (of > work[most]! ? i : most), 0);
  const members = own[bucket]!;
  // a step may hold more pairs than the shape has: the same ones again
  return {
    bucket,
    chosen: Array.from({ length: pairsPerStep }, (_, i) => inRow(members[i % members.length]!, i + 1)),
  };
}

/** Named one by one: a packed pair's ids are getters, which a spread leaves behind. */
const inRow = ({ promptIds, chosenIds, rejectedIds, cut }: TokenizedPair, row: number): TokenizedPair => ({
  row,
  promptIds,
  chosenIds,
  rejectedIds,
  cut,
});

interface Repeated {
  readonly ms: number; // of one call, once warm
  readonly extraMs: number; // what the first one took beside
  readonly times: number;
}

/** The first call optimizes graphs; the fastest of the others counts, since whatever disturbs only slows. */
async function repeated(
  work: () => Promise<unknown>,
  onProgress: (done: number, total: number) => void,
): Promise<Repeated> {
  const time = async (): Promise<number> => {
    const before = performance.now();
    await work();
    return performance.now() - before;
  };
  onProgress(0, mostRepeats + 1);
  const first = await time();
  let [best, spent, times] = [Infinity, 0, 0];
  while (times < mostRepeats && (times === 0 || spent < enoughMs)) {
    onProgress(times + 1, mostRepeats + 1);
    const ms = await time();
    best = Math.min(best, ms);
    spent += ms;
    times++;
  }
  return { ms: best, extraMs: Math.max(0, first - best), times };
}

/** Of a token of all probes that are answered together. */
async function tokenTime(
  session: Session,
  program: TrainProgram,
  plan: RunPlan,
  chat: ChatFormat,
  onProgress: (done: number, total: number) => void,
  shouldStop: () => boolean,
): Promise<number> {
  const shape = program.generation;
  if (shape === null) return 0;
  const endless = { ...chat, stopIds: [] }; // an answer that ends early would take no time
  const probes: readonly Probe[] = plan.probes.slice(0, shape.rows);
  const answer = async (tokens: number): Promise<number> => {
    const before = performance.now();
    await answerProbes(session, shape, probes, endless, { step: 0, maxNewTokens: tokens, shouldStop });
    return performance.now() - before;
  };
  onProgress(0, 3);
  await answer(fewTokens);
  onProgress(1, 3);
  const few = await answer(fewTokens);
  onProgress(2, 3);
  const room = shape.capacity - shape.promptTokens;
  const more = Math.max(fewTokens + 1, Math.min(moreTokens, room));
  return Math.max(0, ((await answer(more)) - few) / (more - fewTokens));
}
