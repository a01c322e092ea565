import type { MethodEntry, MethodId } from './types';

export interface Usual {
  readonly low: number;
  readonly high: number;
  /** Where the bounds come from. */
  readonly basis: string;
}

/**
 * Sizes with their highest usual rate in full fine-tuning on preferences; papers on 3 to 13 billion use 4e-7 to 5e-6,
 * and smaller models take more.
 */
const fullRates = [
  [1e9, 1e-5],
  [1e8, 5e-5],
  [1e7, 2e-4],
  [0, 1e-3],
] as const;
/** Supervised fine-tuning takes about ten times the rate (Tulu 3: 5e-6 to 2e-5 at 8 billion, against 5e-7 with DPO). */
const supervisedFactor = 10;

/** Learning rates that are known to work. Far outside nothing is learned, or everything unlearned. */
export function usualLearningRate(
  entry: Pick<MethodEntry, 'objective'>,
  adapter: 'lora' | 'none',
  parameters: number,
): Usual {
  const factor = entry.objective === 'supervised' ? supervisedFactor : 1;
  if (adapter === 'lora') return { low: 1e-6 * factor, high: 2e-4 * factor, basis: 'LoRA, of any size' };
  const high = fullRates.find(([size]) => parameters >= size)![1];
  return { low: 1e-7 * factor, high: high * factor, basis: 'full fine-tuning of a model of this size' };
}

/**
 * Losses on sums of log-ratios and losses on means take betas that differ by about the length of an answer
 * (docs/methods.md, "Beta and the scale of a loss").
 */
const sums: Usual = { low: 0.005, high: 1, basis: 'losses on summed log-ratios' };
const betas: Readonly<Partial<Record<MethodId, Usual>>> = {
  sigmoid_norm: { low: 1, high: 20, basis: 'losses on mean log-ratios (Tulu 3: 5)' },
  simpo: { low: 1, high: 20, basis: 'losses on mean log-probs (its paper: 2 to 10)' },
  orpo: { low: 0.02, high: 2, basis: 'ORPO, as the weight of its odds ratio' },
  sppo_hard: { low: 1e-4, high: 0.2, basis: 'SPPO (its paper: 0.001)' },
};

/** Betas that are known to work; null where the method has none. */
export const usualBeta = (id: MethodId): Usual | null => (id === 'sft' ? null : (betas[id] ?? sums));

/** Methods that look at the pairs of a step together: with few of them their estimates are noise. */
const fewestPairs: Readonly<Partial<Record<MethodId, number>>> = {
  kto_pair: 8,
  bco_pair: 8,
  aot: 8,
  aot_unpaired: 8,
};
export const fewestPairsPerStep = (id: MethodId): number => fewestPairs[id] ?? 1;
/** No paper here uses more than 128 to 256 pairs an update. */
export const mostPairsPerStep = 512;
