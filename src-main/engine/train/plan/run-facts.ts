import type { RunFacts, RunWarning } from '../../../shared/spec/run-warnings';
import { runWarnings } from '../../../shared/spec/run-warnings';
import { loraWords } from '../../../shared/runs/lora-in-use';
import { warningSentence } from '../../../shared/data/row-problems';
import { runSpecSchema, type RunSpec } from '../../../shared/spec/run-spec';
import { loraPlan } from '../../model/lora';
import { sizeIn, type LoraPlan } from '../../model/lora-plan';
import type { ModelSource } from '../../source/types';
import { modelParameters } from '../../program/load-weights';
import { memoryWarning, tensorWarning } from './memory';
import type { RunPlan } from './plan-run';
import type { PreparedData } from './prepare-data';
import { warmupSteps } from '../loop/schedule';
import type { TokenizedPair } from '../../batch/types';

type LoraSpec = Extract<RunSpec['adapter'], { kind: 'lora' }>;

/** Everything that a plan foretells and a person should know, as preflight shows it and training reports it. */
export function warningsOf(
  spec: RunSpec,
  data: PreparedData,
  plan: RunPlan,
  source: ModelSource,
): readonly RunWarning[] {
  return [
    ...machineWarnings(spec, plan, source),
    ...adapterWarnings(spec, plan.program.lora, source),
    ...runWarnings(spec, runFacts(spec, data, plan, source)),
    ...dataNotes(data),
  ];
}

export function runFacts(
  spec: RunSpec,
  { train, held, problems, cutPairs }: PreparedData,
  plan: RunPlan,
  { config }: ModelSource,
): RunFacts {
  const { stepsPerRound, totalSteps } = plan.steps;
  return {
    parameters: modelParameters(config),
    contextLength: config.contextLength,
    totalSteps,
    stepsPerRound,
    warmupSteps: warmupSteps(stepsPerRound, spec.training.warmupRatio),
    trainPairs: train.length,
    heldPairs: held.length,
    cutPairs,
    leftOut: problems,
    ...repeats(train, held),
    medianAnswer: medianAnswer([...train, ...held]),
  };
}

/** Before cutting: how long the answers are that a model learns to give. */
export function medianAnswer(pairs: readonly TokenizedPair[]): number {
  const lengths = pairs.map(({ chosenIds, cut }) => chosenIds.length + cut.chosen).sort((a, b) => a - b);
  const middle = (lengths.length - 1) / 2;
  return lengths.length === 0 ? 0 : (lengths[Math.floor(middle)]! + lengths[Math.ceil(middle)]!) / 2;
}

/** Prompt and longer answer before cutting: the longest pair, and what 99 of 100 pairs fit in. */
export function pairTokens(pairs: readonly TokenizedPair[]): { readonly most: number; readonly longest: number } {
  const lengths = pairs.map(({ promptIds, chosenIds, rejectedIds, cut }) => {
    const longer = Math.max(chosenIds.length + cut.chosen, rejectedIds.length + cut.rejected);
    return promptIds.length + cut.prompt + longer;
  });
  lengths.sort((a, b) => a - b);
  return { most: lengths[Math.ceil(0.99 * lengths.length) - 1] ?? 0, longest: lengths.at(-1) ?? 0 };
}

/** Pairs that are there once more with the same tokens. */
function repeats(
  train: readonly TokenizedPair[],
  held: readonly TokenizedPair[],
): Pick<RunFacts, 'repeatedPairs' | 'leakedPairs'> {
  const trained = new Set<number>();
  let repeatedPairs = 0;
  for (const pair of train) {
    const key = fingerprint(pair);
    if (trained.has(key)) repeatedPairs++;
    trained.add(key);
  }
  const seen = new Set<number>();
  let leakedPairs = 0;
  for (const pair of held) {
    const key = fingerprint(pair);
    if (trained.has(key)) leakedPairs++;
    else if (seen.has(key)) repeatedPairs++;
    seen.add(key);
  }
  return { repeatedPairs: repeatedPairs + leakedPairs, leakedPairs };
}

/**
 * 53 bits of a pair's tokens (two 32-bit FNV-1a hashes): of a million pairs two differ and agree here once in 20,000
 * times.
 */
function fingerprint({ promptIds, chosenIds, rejectedIds }: TokenizedPair): number {
  let [a, b] = [0x811c9dc5, 0xc2b2ae35];
  const add = (value: number): void => {
    a = Math.imul(a ^ value, 0x01000193);
    b = Math.imul(b ^ (value + 0x9e37), 0x01000193);
    b ^= b >>> 13;
  };
  for (const ids of [promptIds, chosenIds, rejectedIds]) {
    for (const id of ids) add(id);
    add(-1);
  }
  return (a >>> 0) * 0x200000 + (b & 0x1fffff);
}

/**
 * What the file's own rows say: exchanged answers (repeats are counted by their tokens), columns that nobody reads,
 * roles read as others.
 */
function dataNotes({ warnings, notes }: PreparedData): readonly RunWarning[] {
  const swapped = warnings.filter(({ code }) => code === 'swapped').map(warningSentence);
  return [
    ...swapped.map(
      (message) => ({ code: 'swapped', level: 'warning', message, hint: 'Correct or remove these rows.' }) as const,
    ),
    ...notes.map((message, i) => ({ code: `data-${i + 1}`, level: 'note', message, hint: '' }) as const),
  ];
}

/** What does not follow from spec and data alone: memory, formats. */
function machineWarnings(spec: RunSpec, plan: RunPlan, source: ModelSource): readonly RunWarning[] {
  const isFull = spec.adapter.kind === 'none';
  const memory = memoryWarning(plan.memoryParts, plan.freeMemoryBytes, isFull);
  const tensor = tensorWarning(source.config);
  const quantized = [...source.tensors.values()].find((t) => t.type.startsWith('Q'));
  return [
    ...(memory === null ? [] : [{ code: 'memory', level: 'warning', message: memory, hint: '' } as const]),
    ...(tensor === null
      ? []
      : [
          {
            code: 'tensor-size',
            level: 'warning',
            message: tensor,
            hint: 'Choose a model with a smaller vocabulary or width.',
          } as const,
        ]),
    ...(quantized && isFull
      ? [
          {
            code: 'quantized',
            level: 'warning',
            message:
              `The model’s weights are quantized (${quantized.type}); full fine-tuning starts from the rounded ` +
              'values.',
            hint: 'Take the original model, or a LoRA adapter.',
          } as const,
        ]
      : []),
  ];
}

/** An adapter to go on with keeps its own rank, alpha and layers: where the spec says others, they have no effect. */
function adapterWarnings({ adapter }: RunSpec, inUse: LoraPlan | null, { config }: ModelSource): readonly RunWarning[] {
  if (adapter.kind === 'none' || adapter.from === null || inUse === null) return [];
  const asked = loraPlan(config, adapter);
  const targets = typeof adapter.targets === 'string' ? adapter.targets : adapter.targets.join(', ');
  const differs = (what: 'rank' | 'alpha'): boolean =>
    inUse.modules.some((module) => sizeIn(inUse, module)[what] !== adapter[what]);
  const ignored = [
    ...(differs('rank') ? [`rank ${adapter.rank}`] : []),
    ...(differs('alpha') ? [`alpha ${adapter.alpha}`] : []),
    ...(sameNames(asked.modules, inUse.modules) ? [] : [`targets ${targets}`]),
  ];
  if (ignored.length === 0) return [];
  const message =
    `The run goes on with ${adapter.from} as it is: ${loraWords(inUse)}.` +
    ` The spec’s adapter.${ignored.join(', adapter.')} ${ignored.length === 1 ? 'has' : 'have'} no effect` +
    `${isDefault(adapter) ? ' (the defaults, where the spec says nothing)' : ''}.`;
  const hint = 'Set them to the adapter’s, or leave out adapter.from to begin with a new one.';
  return [{ code: 'adapter-size', level: isDefault(adapter) ? 'note' : 'warning', message, hint }];
}

const isDefault = ({ rank, alpha, targets }: LoraSpec): boolean => {
  const { adapter } = runSpecSchema.parse({ model: { path: '-' }, dataset: { path: '-' } });
  return adapter.kind === 'lora' && rank === adapter.rank && alpha === adapter.alpha && targets === adapter.targets;
};
const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name));

/** What the files of a model or an adapter say that changes no number; training reports these by itself. */
export const notesOf = (
  kind: 'model' | 'adapter',
  source: { readonly notes: readonly string[] } | null,
): readonly RunWarning[] =>
  (source?.notes ?? []).map((text, i) => ({
    code: `${kind}-${i + 1}`,
    level: 'note',
    message: `The ${kind}: ${text}`,
    hint: '',
  }));
