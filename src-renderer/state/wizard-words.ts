import { methodById } from '../../src-main/shared/method-catalogue';
import type { RunForecastView } from '../../src-main/shared/ipc';
import type { RunSpec } from '../../src-main/shared/run-spec';
import { formatBytes, formatCount, formatShort, formatPercent, plural } from './format';

const schedules: Readonly<Record<RunSpec['training']['schedule'], string>> = { linear: 'falling linearly to zero', cosine: 'falling to zero along a cosine', constant: 'constant' };
const truncations: Readonly<Record<RunSpec['training']['truncation'], string>> = { fit: 'longer answers are cut at their end', drop: 'longer pairs are left out', seed: 'longer pairs are cut as the SamPO code does' };

/** The spec as sentences: what Review shows before anything starts. */
export function specSentences(spec: RunSpec, names: { readonly model: string; readonly dataset: string }, forecast: RunForecastView | null): readonly string[] {
  const { training, adapter, probes, dataset } = spec;
  const method = methodById(spec.method.id);
  const values = (method?.parameters ?? []).map((p) => {
    const value = spec.method[p.name as keyof RunSpec['method']] ?? p.default;
    return `${p.label.toLowerCase()} ${typeof value === 'number' ? formatShort(value) : value}`;
  });
  const trained = adapter.kind === 'lora' ? `a LoRA adapter of rank ${adapter.rank} (alpha ${formatShort(adapter.alpha)}) on ${typeof adapter.targets === 'string' ? adapter.targets.replace('-', ' ') + ' layers' : adapter.targets.join(', ')}` : 'all weights';
  const steps = forecast === null ? '' : `: ${plural(forecast.steps, 'step')} over ${plural(forecast.usablePairs - forecast.evalPairs, 'pair')}`;
  return [
    `Train ${names.model} on ${names.dataset} with ${method?.name ?? spec.method.id}${values.length > 0 ? ` (${values.join(', ')})` : ''}.`,
    `Change ${trained}${forecast === null ? '' : `, ${formatCount(forecast.trainableParameters)} numbers in all`}.`,
    `Go ${training.epochs === 1 ? 'once' : `${formatShort(training.epochs)} times`} through the data, ${plural(training.pairsPerStep, 'pair')} a step${training.maxSteps === null ? '' : `, at most ${plural(training.maxSteps, 'step')}`}${steps}.`,
    `Learning rate ${formatShort(training.learningRate)}, ${formatPercent(training.warmupRatio)} warm-up, then ${schedules[training.schedule]}.`,
    `Pairs may have ${formatCount(training.maxLength)} tokens; ${truncations[training.truncation]}.`,
    `Keep ${formatPercent(dataset.evalFraction)} of the pairs aside and measure on them every ${plural(training.evalEvery, 'step')}.`,
    `Answer ${probes.prompts.length === 0 ? 'held-out prompts' : plural(probes.prompts.length, 'probe prompt')} every ${plural(probes.everySteps, 'step')}, up to ${formatCount(probes.maxNewTokens)} tokens each.`,
    `Seed ${training.seed}; a checkpoint every ${plural(training.checkpointEvery, 'step')}.`,
  ];
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
  if (share > 1) return { share, level: 'bad', text: `${numbers}: will not fit. Shorten the longest pair, lower the rank, or take a smaller model.` };
  if (share > tightMemory) return { share, level: 'warning', text: `${numbers}: tight. Close other programs first.` };
  return { share, level: 'good', text: numbers };
}
