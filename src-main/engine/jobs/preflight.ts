import { largest } from '../../shared/extremes';
import type { RunSpec } from '../../shared/spec/run-spec';
import type { EngineJobs } from '../protocol';
import type { RunForecast } from '../../shared/views/run';
import { readAdapter } from '../adapter/adapter';
import { isSupervised } from '../train/step/objective';
import { openEngine, processorsForLanes } from '../backends/registry';
import { planRun } from '../train/plan/plan-run';
import { productsOf } from '../train/plan/precision';
import { prepareData, type PreparedData } from '../train/plan/prepare-data';
import { medianAnswer, notesOf, pairTokens, warningsOf } from '../train/plan/run-facts';
import { openModel } from '../source/open-model';
import { describeModel } from './inspect-model';
import type { JobContext } from './context';
import { tickOrStop } from '../signals';

/** What a spec would do on this machine: everything up to building the program, which is where time begins to cost. */
export async function preflight(
  { spec }: EngineJobs['preflight']['in'],
  { engine, signals, emit, freeBytes, onCard = false }: JobContext,
): Promise<RunForecast> {
  const free = freeBytes(); // before the library is loaded, whose memory the plan counts
  // whether a machine has the format is the library's to say; loading it takes seconds, so only where it matters
  if (spec.training.precision !== 'float32') productsOf(spec, await openEngine(engine));
  const source = await openModel(spec.model.path);
  try {
    const chat = await source.tokenizer();
    const data = await prepareData(
      spec,
      chat,
      source.config.contextLength,
      (done, total) => emit({ kind: 'progress', done, total, what: 'tokenize' }),
      () => tickOrStop(signals),
    );
    const adapter =
      spec.adapter.kind === 'lora' && spec.adapter.from !== null
        ? await readAdapter(spec.adapter.from, source.config)
        : null;
    const processors = processorsForLanes(!onCard && (engine === 'auto' || engine === 'tensorflow'));
    const plan = planRun(spec, { source, chat, adapter: adapter?.plan ?? null }, data, { free, processors });
    const pairs = [...data.train, ...data.held];
    return {
      model: await describeModel(source),
      usablePairs: pairs.length,
      evalPairs: data.held.length,
      problems: data.problems.reduce((sum, { count }) => sum + count, 0),
      problemGroups: data.problems,
      cutPairs: data.cutPairs,
      droppedPairs: data.droppedPairs,
      steps: plan.steps.totalSteps,
      longestPairTokens:
        largest(pairs, (p) => p.promptIds.length + Math.max(p.chosenIds.length, p.rejectedIds.length)) ?? 0,
      tokensKeptShare: tokensKeptShare(spec, data),
      memoryBytes: plan.memoryBytes,
      memoryParts: plan.memoryParts,
      freeMemoryBytes: plan.freeMemoryBytes,
      trainableParameters: plan.trainableParameters,
      probes: plan.probes.length,
      medianAnswerTokens: medianAnswer(pairs),
      pairTokens: pairTokens(pairs),
      warnings: [...warningsOf(spec, data, plan, source), ...notesOf('model', source), ...notesOf('adapter', adapter)],
    };
  } finally {
    await source.close();
  }
}

/** Tokens that count of all response tokens, over one epoch; null where a method leaves none out. */
function tokensKeptShare(spec: RunSpec, { train }: PreparedData): number | null {
  if (isSupervised(spec) || !['shared', 'independent', 'expected', 'topk'].includes(spec.method.sampling)) return null;
  const kept = train.reduce((sum, p) => sum + 2 * Math.min(p.chosenIds.length, p.rejectedIds.length), 0);
  return kept / train.reduce((sum, p) => sum + p.chosenIds.length + p.rejectedIds.length, 0);
}
