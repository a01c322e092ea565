import {
  divergences,
  samplingModes,
  type MethodParameter,
  type NumberRange,
  type SamplingMode,
  type Variant,
} from './types';

type Own = Omit<MethodParameter, 'group'>;
const own = (parameter: Own): MethodParameter => ({ ...parameter, group: 'own' });

export const beta = (
  byDefault = 0.1,
  help = 'How strongly the model is held to the reference: larger keeps it closer.',
): MethodParameter =>
  own({ name: 'beta', label: 'Beta', default: byDefault, range: { min: 0.0001, max: 10, step: 0.01 }, help });

export const labelSmoothing = (byDefault: number, help: string): MethodParameter =>
  own({
    name: 'labelSmoothing',
    label: 'Label smoothing',
    default: byDefault,
    range: { min: 0, max: 0.49, step: 0.01 },
    help,
  });

export const variant = (options: readonly Variant[], help: string): MethodParameter =>
  own({ name: 'variant', label: 'Variant', default: options[0]!, range: { options }, help });

export const number = (
  name: string,
  label: string,
  byDefault: number,
  range: NumberRange,
  help: string,
): MethodParameter => own({ name, label, default: byDefault, range, help });

const sampling = (byDefault: SamplingMode): MethodParameter => ({
  name: 'sampling',
  label: 'Down-sampling',
  default: byDefault,
  range: { options: samplingModes },
  group: 'length',
  help:
    'Which tokens of the longer response count. shared draws once for policy and reference (the paper); independent ' +
    'draws twice (its code, noisier); expected is the mean of all draws (ours); topk keeps the largest log-ratios ' +
    'and average compares means (the paper’s ablations).',
});

const ldAlpha: MethodParameter = {
  name: 'ldAlpha',
  label: 'Tail weight (LD-DPO)',
  default: 1,
  range: { min: 0, max: 1, step: 0.05 },
  group: 'length',
  help:
    'How much tokens beyond the shorter response’s length count: 1 fully, 0 not at all (Liu et al. 2024, arXiv ' +
    '2409.06411).',
};
const wpo: MethodParameter = {
  name: 'wpo',
  label: 'Weigh pairs by likelihood (WPO)',
  default: false,
  range: { flag: true },
  group: 'further',
  help: 'Pairs that the model itself would hardly write count less (Zhou et al. 2024, arXiv 2406.11827, eq. 2).',
};
const referenceFree: MethodParameter = {
  name: 'referenceFree',
  label: 'Without a reference',
  default: false,
  range: { flag: true },
  group: 'further',
  help: 'Compares raw log-probs instead of log-ratios: faster, and nothing holds the model to where it started.',
};
const referenceSync: readonly MethodParameter[] = [
  {
    name: 'referenceSync.everySteps',
    label: 'Reference follows every',
    default: 0,
    range: { min: 0, max: 100_000, step: 1, whole: true },
    group: 'further',
    help:
      'After so many steps the reference moves towards the model (TR-DPO, Gorbatovski et al. 2024, arXiv ' +
      '2404.09656); 0: it stays. Needs full fine-tuning.',
  },
  {
    name: 'referenceSync.mixup',
    label: 'Reference follows by',
    default: 0.6,
    range: { min: 0.01, max: 1, step: 0.05 },
    group: 'further',
    help: 'The model’s share in the new reference; the rest is the old one.',
  },
];
const mix = (terms: readonly string[]): MethodParameter => ({
  name: 'mix',
  label: 'Added losses',
  default: [],
  range: { terms },
  group: 'further',
  help:
    'Further losses, each with a weight, added to this one: sft at 1 is RPO (Pang et al. 2024, arXiv 2404.19733), ' +
    'bco_pair and sft is MPO (Wang et al. 2024, arXiv 2411.10442).',
});

/** What can be added to a method's loss. */
export const mixable = [
  'sft',
  'dpo',
  'ipo',
  'hinge',
  'robust',
  'exo_pair',
  'nca_pair',
  'sppo_hard',
  'bco_pair',
  'apo_zero',
  'apo_down',
  'sigmoid_norm',
  'discopop',
  'simpo',
  'orpo',
] as const;

export const fDivergence: readonly MethodParameter[] = [
  {
    name: 'fDivergence.type',
    label: 'Divergence',
    default: 'reverse_kl',
    range: { options: divergences },
    group: 'further',
    help: 'What the model is held to the reference by; reverse_kl is DPO (f-DPO, Wang et al. 2023, arXiv 2309.16240).',
  },
  {
    name: 'fDivergence.alpha',
    label: 'Alpha of the divergence',
    default: 0.5,
    range: { min: 0, max: 2, step: 0.05 },
    group: 'further',
    help: 'Only for the alpha divergence; 1 is reverse_kl.',
  },
];

/** What every loss on log-ratios takes beside its own parameters. */
export const modifiers = (byDefault: SamplingMode = 'none'): readonly MethodParameter[] => [
  sampling(byDefault),
  ldAlpha,
  wpo,
  referenceFree,
  ...referenceSync,
  mix(mixable),
];
/** AOT sorts pairs against each other, so a weight per pair has no meaning (TRL refuses it too). */
export const modifiersWithoutWpo = (): readonly MethodParameter[] => modifiers().filter((p) => p.name !== 'wpo');
