import { largest } from '../../shared/extremes';
import type { RunSpec } from '../../shared/run-spec';
import type { EngineJobs, RunForecast } from '../protocol';
import { readAdapter } from '../train/adapter';
import { memoryWarning, tensorWarning } from '../train/memory';
import { isSupervised } from '../train/objective';
import { openEngine, processorsForLanes } from '../lower/choose';
import { planRun, type RunPlan } from '../train/plan-run';
import { productsOf } from '../train/precision';
import { prepareData, type PreparedData } from '../train/prepare-data';
import { openModel } from '../weights/open-model';
import type { ModelSource } from '../weights/types';
import { warmupSteps } from '../train/schedule';
import { describeModel } from './inspect-model';
import type { JobContext } from './index';
import { tickOrStop } from './signals';

/** What a spec would do on this machine: everything up to building the program, which is where time begins to cost. */
export async function preflight({ spec }: EngineJobs['preflight']['in'], { engine, signals, emit, freeBytes, onCard = false }: JobContext): Promise<RunForecast> {
  const free = freeBytes(); // before the library is loaded, whose memory the plan counts
  // whether a machine has the format is the library's to say; loading it takes seconds, so only where it matters
  if (spec.training.precision !== 'float32') productsOf(spec, await openEngine(engine));
  const source = await openModel(spec.model.path);
  try {
    const chat = await source.tokenizer();
    const data = await prepareData(spec, chat, source.config.contextLength, (done, total) => emit({ kind: 'progress', done, total, what: 'tokenize' }), () => tickOrStop(signals));
    const adapter = spec.adapter.kind === 'lora' && spec.adapter.from !== null ? await readAdapter(spec.adapter.from, source.config) : null;
    const plan = planRun(spec, source, chat, data, adapter?.plan ?? null, free, processorsForLanes(!onCard && (engine === 'auto' || engine === 'tensorflow')));
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
      longestPairTokens: largest(pairs, (p) => p.promptIds.length + Math.max(p.chosenIds.length, p.rejectedIds.length)) ?? 0,
      tokensKeptShare: tokensKeptShare(spec, data),
      memoryBytes: plan.memoryBytes,
      memoryParts: plan.memoryParts,
      freeMemoryBytes: plan.freeMemoryBytes,
      trainableParameters: plan.trainableParameters,
      warnings: warnings(spec, data, plan, source, chat.hasChatTemplate),
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

function warnings(spec: RunSpec, data: PreparedData, plan: RunPlan, source: ModelSource, hasChatTemplate: boolean): readonly string[] {
  const { contextLength } = source.config;
  const found: string[] = source.notes.map((note) => `The model: ${note}`);
  const memory = memoryWarning(plan.memoryParts, plan.freeMemoryBytes, spec.adapter.kind === 'none');
  if (memory !== null) found.push(memory);
  const tensor = tensorWarning(source.config);
  if (tensor !== null) found.push(tensor);
  const quantized = [...source.tensors.values()].find((t) => t.type.startsWith('Q'));
  if (quantized && spec.adapter.kind === 'none') found.push(`The model’s weights are quantized (${quantized.type}); full fine-tuning starts from the rounded values. The original model is the better start.`);
  if (spec.training.maxLength > contextLength) found.push(`The model’s window holds ${contextLength} tokens, so pairs are cut there, not at ${spec.training.maxLength}.`);
  if (data.cutPairs > 0.1 * (data.train.length + data.held.length)) found.push(`${data.cutPairs} pairs are cut to the maximum length and lose the end of a response; length diagnostics understate the difference there.`);
  if (data.held.length === 0 && spec.dataset.evalFraction > 0) found.push('Too few pairs to hold any out: there will be no eval_ metrics.');
  if (plan.steps.totalSteps < 10) found.push(`Only ${plan.steps.totalSteps === 1 ? '1 step' : `${plan.steps.totalSteps} steps`}: too few to move a model. More epochs or fewer pairs per step give more.`);
  if (warmupSteps(plan.steps.totalSteps, spec.training.warmupRatio) >= plan.steps.totalSteps) found.push('Warm-up lasts the whole run: the learning rate never reaches its value.');
  if (!hasChatTemplate && [...data.source.values()].some((p) => p.prompt.kind === 'messages')) found.push('The data are conversations, but the model has no chat template.');
  return found;
}
