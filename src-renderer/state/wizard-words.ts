import type { RunForecastView } from '../../src-main/shared/views/run';
import type { RunSpec } from '../../src-main/shared/spec/run-spec';
import { formatBytes, formatCount, formatShort, formatPercent, plural } from './format';
import { methodText } from './method-words';
import { referenceText } from './reference-words';
import { effectiveSpec, referenceMode } from './spec-effect';

const schedules: Readonly<Record<RunSpec['training']['schedule'], string>> = {
  linear: 'falling linearly to zero',
  cosine: 'falling to zero along a cosine',
  constant: 'constant',
};
const truncations: Readonly<Record<RunSpec['training']['truncation'], string>> = {
  fit: 'longer answers are cut at their end',
  drop: 'longer pairs are left out',
  seed: 'longer pairs are cut as the SamPO code does',
};

const every = (steps: number): string => (steps === 1 ? 'every step' : `every ${plural(steps, 'step')}`);

/**
 * The spec as sentences: what Review shows before anything starts. `reference`: the name of another model as reference.
 */
export function specSentences(
  given: RunSpec,
  names: { readonly model: string; readonly dataset: string; readonly reference?: string },
  forecast: RunForecastView | null,
): readonly string[] {
  const spec = effectiveSpec(given);
  const { training, adapter, probes, dataset } = spec;
  const passes =
    training.maxSteps === null
      ? `Go ${training.epochs === 1 ? 'once' : `${formatShort(training.epochs)} times`} through the data`
      : `Take ${plural(training.maxSteps, 'step')}, however often that goes through the data`;
  const trained =
    adapter.kind === 'lora'
      ? `a LoRA adapter of rank ${adapter.rank} (alpha ${formatShort(adapter.alpha)}) on ` +
        `${typeof adapter.targets === 'string' ? adapter.targets.replace('-', ' ') + ' layers' : adapter.targets.join(', ')}`
      : 'all weights';
  const steps =
    forecast === null
      ? ''
      : `: ${plural(forecast.steps, 'step')} over ${plural(forecast.usablePairs - forecast.evalPairs, 'pair')}`;
  return [
    `Train ${names.model} on ${names.dataset} with ${methodText(spec)}.`,
    ...referenceSentence(spec, names.reference),
    `Change ${trained}${forecast === null ? '' : `, ${formatCount(forecast.trainableParameters)} numbers in all`}.`,
    ...(spec.rounds > 1
      ? [
          `Do so in ${plural(spec.rounds, 'round')}, each from the last one’s result, ` +
            `${spec.roundData === 'split' ? 'with its own share of the pairs' : 'with all pairs again'}.`,
        ]
      : []),
    `${passes}${spec.rounds > 1 ? ', in every round' : ''}, ${plural(training.pairsPerStep, 'pair')} a step${steps}.`,
    `Learning rate ${formatShort(training.learningRate)}, ${formatPercent(training.warmupRatio)} warm-up, then ` +
      `${schedules[training.schedule]}.`,
    `Pairs may have ${formatCount(training.maxLength)} tokens; ${truncations[training.truncation]}.`,
    dataset.evalFraction === 0
      ? 'Keep no pairs aside: nothing is measured on pairs it has not seen.'
      : `Keep ${formatPercent(dataset.evalFraction)} of the pairs aside and measure on them ` +
        `${every(training.evalEvery)}.`,
    ...(training.earlyStopping === null
      ? []
      : [`Stop early after ${plural(training.earlyStopping.patience, 'measurement')} without a better held-out loss.`]),
    `Answer ${probes.prompts.length === 0 ? 'six prompts of the data' : plural(probes.prompts.length, 'probe prompt')} ` +
      `${every(probes.everySteps)}, up to ${formatCount(probes.maxNewTokens)} tokens each.`,
    `Seed ${training.seed}; a checkpoint ${every(training.checkpointEvery)}` +
      `${training.keepBest && dataset.evalFraction > 0 ? ', the best one kept' : ''}.`,
  ];
}

/** Only where it is not what everyone expects: the model itself before training. */
function referenceSentence(spec: RunSpec, other: string | undefined): readonly string[] {
  const mode = referenceMode(spec);
  if (mode === 'other') return [`Measure rewards against ${referenceText(spec, other)}.`];
  if (mode === 'follows') return [`The reference ${referenceText(spec)}.`];
  return mode === 'none' && !spec.method.referenceFree && spec.objective === 'preference'
    ? ['No reference holds the model to where it started.']
    : [];
}

export interface MemoryVerdict {
  readonly share: number;
  readonly level: 'good' | 'warning' | 'bad';
  readonly text: string;
}

/** Estimates are off by a fifth at times, so the warning comes before the machine is full. */
const tightMemory = 0.8;

export function memoryVerdict(forecast: RunForecastView): MemoryVerdict {
  const share = forecast.freeMemoryBytes === 0 ? 1 : forecast.memoryBytes / forecast.freeMemoryBytes;
  const numbers = `${formatBytes(forecast.memoryBytes)} of ${formatBytes(forecast.freeMemoryBytes)} free`;
  if (share > 1)
    return {
      share,
      level: 'bad',
      text: `${numbers}: will not fit. Shorten the longest pair, lower the rank, or take a smaller model.`,
    };
  if (share > tightMemory) return { share, level: 'warning', text: `${numbers}: tight. Close other programs first.` };
  return { share, level: 'good', text: numbers };
}
