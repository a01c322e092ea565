import type { RunSpec } from '../../src-main/shared/spec/run-spec';
import { formatCount, formatPercent, formatShort, none } from './format';

/**
 * Form fields of a run spec that are not the method's own (those stand in the catalogue): where each lives, how it is
 * called, one sentence of help.
 */
export type FieldGroup = 'data' | 'adapter' | 'length-of-training' | 'optimizer' | 'length' | 'probes' | 'saving';

interface FieldBase {
  readonly path: string;
  readonly label: string;
  readonly help: string;
  readonly group: FieldGroup;
  readonly isAdvanced?: boolean;
  /** Shown only when it has an effect. */
  readonly isShown?: (spec: RunSpec) => boolean;
}

export type FieldSpec =
  | (FieldBase & {
      readonly kind: 'number';
      readonly unit?: string;
      readonly step?: number;
      readonly isWhole?: boolean;
      readonly nullText?: string;
      readonly isPercent?: boolean;
    })
  | (FieldBase & {
      readonly kind: 'choice';
      readonly options: readonly { readonly value: string; readonly label: string }[];
    })
  /** Off and on of a flag, or of an object that is null while it is off. */
  | (FieldBase & { readonly kind: 'switch'; readonly on?: unknown; readonly off?: unknown })
  | (FieldBase & { readonly kind: 'lines' });

const isLora = (spec: RunSpec): boolean => spec.adapter.kind === 'lora';
const isPreference = (spec: RunSpec): boolean => spec.objective === 'preference';
const hasHeldOut = (spec: RunSpec): boolean => spec.dataset.evalFraction > 0;
const stopsEarly = (spec: RunSpec): boolean => hasHeldOut(spec) && spec.training.earlyStopping !== null;

export const wizardFields: readonly FieldSpec[] = [
  {
    path: 'dataset.evalFraction',
    label: 'Held out',
    help: 'Pairs kept aside to measure on; they are never trained on.',
    group: 'data',
    kind: 'number',
    step: 0.05,
    isPercent: true,
    unit: '%',
  },
  {
    path: 'dataset.limit',
    label: 'Use at most',
    help: 'Takes the first pairs of the file only; leave empty for all.',
    group: 'data',
    kind: 'number',
    isWhole: true,
    unit: 'pairs',
    nullText: 'all',
    isAdvanced: true,
  },

  {
    path: 'adapter.rank',
    label: 'Rank',
    help: 'Size of the adapter: more can learn more, and needs more memory.',
    group: 'adapter',
    kind: 'number',
    isWhole: true,
    isShown: isLora,
  },
  {
    path: 'adapter.alpha',
    label: 'Alpha',
    help: 'Scale of the adapter; twice the rank is common.',
    group: 'adapter',
    kind: 'number',
    isShown: isLora,
  },
  {
    path: 'adapter.targets',
    label: 'Layers',
    help: 'Which layers get an adapter.',
    group: 'adapter',
    kind: 'choice',
    isShown: isLora,
    isAdvanced: true,
    options: [
      { value: 'all-linear', label: 'All linear layers' },
      { value: 'attention', label: 'Attention only' },
      { value: 'mlp', label: 'MLP only' },
    ],
  },
  {
    path: 'training.precision',
    label: 'Precision',
    help:
      'In 16 bits a GPU multiplies faster, and so does a processor with AMX in bfloat16. Weights that an adapter ' +
      'leaves alone then also take half the memory, on any machine; models published in bfloat16 lose nothing by ' +
      'it. What is trained is kept in 32 bits.',
    group: 'adapter',
    kind: 'choice',
    isAdvanced: true,
    options: [
      { value: 'float32', label: '32 bits' },
      { value: 'bfloat16', label: 'bfloat16 (16 bits)' },
      { value: 'float16', label: 'float16 (16 bits)' },
    ],
  },

  {
    path: 'training.epochs',
    label: 'Epochs',
    help: 'How often every pair is seen.',
    group: 'length-of-training',
    kind: 'number',
    step: 0.5,
  },
  {
    path: 'training.maxSteps',
    label: 'Steps',
    help: 'So many steps instead of whole epochs; empty: as many as the epochs take.',
    group: 'length-of-training',
    kind: 'number',
    isWhole: true,
    unit: 'steps',
    nullText: 'from epochs',
  },
  {
    path: 'training.pairsPerStep',
    label: 'Pairs per step',
    help: 'Pairs that one update of the weights averages over.',
    group: 'length-of-training',
    kind: 'number',
    isWhole: true,
    unit: 'pairs',
  },
  {
    path: 'rounds',
    label: 'Rounds',
    help:
      'More than 1 is iterative training: each round starts from the last one’s result, which is then also its ' +
      'reference.',
    group: 'length-of-training',
    kind: 'number',
    step: 1,
    isWhole: true,
    isShown: isPreference,
  },
  {
    path: 'roundData',
    label: 'A round trains on',
    help: 'The SamPO paper repeats all pairs for 8B and 13B models and gives each round a third for 2.8B.',
    group: 'length-of-training',
    kind: 'choice',
    isShown: (spec) => isPreference(spec) && spec.rounds > 1,
    options: [
      { value: 'repeat', label: 'All pairs again' },
      { value: 'split', label: 'Its own share of the pairs' },
    ],
  },
  {
    path: 'training.earlyStopping',
    label: 'Stop early',
    help: 'Ends the run when the held-out loss no longer improves.',
    group: 'length-of-training',
    kind: 'switch',
    isShown: hasHeldOut,
    on: { patience: 3, minDelta: 0 },
    off: null,
  },
  {
    path: 'training.earlyStopping.patience',
    label: 'Patience',
    help: 'Measurements in a row without a better held-out loss before the run ends.',
    group: 'length-of-training',
    kind: 'number',
    step: 1,
    isWhole: true,
    isShown: stopsEarly,
  },
  {
    path: 'training.earlyStopping.minDelta',
    label: 'Better by',
    help: 'A smaller fall of the held-out loss counts as none.',
    group: 'length-of-training',
    kind: 'number',
    step: 0.001,
    unit: 'nats',
    isShown: stopsEarly,
  },
  {
    path: 'training.learningRate',
    label: 'Learning rate',
    help: 'Size of an update: 1e-5 suits LoRA, 1e-6 and below full fine-tuning.',
    group: 'optimizer',
    kind: 'number',
  },
  {
    path: 'training.schedule',
    label: 'Schedule',
    help: 'How the learning rate moves after the warm-up.',
    group: 'optimizer',
    kind: 'choice',
    options: [
      { value: 'linear', label: 'Linear to zero' },
      { value: 'cosine', label: 'Cosine to zero' },
      { value: 'constant', label: 'Constant' },
    ],
  },
  {
    path: 'training.warmupRatio',
    label: 'Warm-up',
    help: 'Share of the steps in which the learning rate rises from zero.',
    group: 'optimizer',
    kind: 'number',
    isPercent: true,
    unit: '%',
  },
  {
    path: 'training.weightDecay',
    label: 'Weight decay',
    help: 'Pulls weights towards zero a little at every step.',
    group: 'optimizer',
    kind: 'number',
    isAdvanced: true,
  },
  {
    path: 'training.clipNorm',
    label: 'Clip gradient at',
    help: 'Longest gradient that an update may follow; empty: no clipping.',
    group: 'optimizer',
    kind: 'number',
    nullText: 'off',
    isAdvanced: true,
  },
  {
    path: 'training.maxLength',
    label: 'Longest pair',
    help: 'Tokens of prompt and one answer together; what is longer is cut or left out.',
    group: 'length',
    kind: 'number',
    isWhole: true,
    unit: 'tokens',
  },
  {
    path: 'training.truncation',
    label: 'Pairs that do not fit',
    help: 'Cutting keeps the pair but shortens answers; both change the length statistics.',
    group: 'length',
    kind: 'choice',
    options: [
      { value: 'fit', label: 'Cut the end of the answers' },
      { value: 'drop', label: 'Leave the pair out' },
      { value: 'seed', label: 'Cut as the SamPO code does' },
    ],
  },
  {
    path: 'training.seed',
    label: 'Seed',
    help: 'The same seed gives the same run: data order, drawn tokens, first weights of the adapter.',
    group: 'saving',
    kind: 'number',
    isWhole: true,
  },
  {
    path: 'training.shuffle',
    label: 'Shuffle pairs every epoch',
    help: 'Off: pairs are taken in the order of the file.',
    group: 'saving',
    kind: 'switch',
    isAdvanced: true,
  },
  {
    path: 'training.evalEvery',
    label: 'Measure held-out pairs every',
    help: 'Costs one pass over the held-out pairs each time.',
    group: 'saving',
    kind: 'number',
    isWhole: true,
    unit: 'steps',
    isAdvanced: true,
  },
  {
    path: 'training.checkpointEvery',
    label: 'Save every',
    help: 'At most this much work is lost if the power fails.',
    group: 'saving',
    kind: 'number',
    isWhole: true,
    unit: 'steps',
    isAdvanced: true,
  },
  {
    path: 'training.keepBest',
    label: 'Keep the best checkpoint',
    help: 'Beside the last ones, the one with the lowest held-out loss.',
    group: 'saving',
    kind: 'switch',
    isShown: hasHeldOut,
  },
  {
    path: 'training.keepCheckpoints',
    label: 'Checkpoints kept',
    help: 'Older ones are deleted to spare the disk.',
    group: 'saving',
    kind: 'number',
    isWhole: true,
    isAdvanced: true,
  },

  {
    path: 'probes.everySteps',
    label: 'Answer probes every',
    help: 'Fixed prompts are answered greedily, so that a change of length shows while it happens.',
    group: 'probes',
    kind: 'number',
    isWhole: true,
    unit: 'steps',
  },
  {
    path: 'probes.maxNewTokens',
    label: 'Longest answer',
    help: 'Answers that reach this limit are marked as cut.',
    group: 'probes',
    kind: 'number',
    isWhole: true,
    unit: 'tokens',
  },
  {
    path: 'probes.prompts',
    label: 'Probe prompts',
    help: 'One a line. Empty: six prompts of the data, the same for every run on it.',
    group: 'probes',
    kind: 'lines',
    isAdvanced: true,
  },
];

export const groupTitles: Readonly<Record<FieldGroup, string>> = {
  data: 'Use of the data',
  adapter: 'Adapter',
  'length-of-training': 'How long',
  optimizer: 'Optimizer',
  length: 'What does not fit',
  probes: 'Probes',
  saving: 'Order and saving',
};

export const isShown = (field: FieldSpec, spec: RunSpec): boolean => field.isShown?.(spec) ?? true;

export function fieldText(field: FieldSpec, value: unknown): string {
  // Not in this spec at all: the layers of an adapter where all weights are trained.
  if (value === undefined) return none;
  if (field.kind === 'choice')
    return (
      field.options.find((option) => option.value === value)?.label ??
      (Array.isArray(value) ? value.join(', ') : String(value))
    );
  if (field.kind === 'switch') return isOn(field, value) ? 'yes' : 'no';
  if (field.kind === 'lines')
    return Array.isArray(value) && value.length > 0
      ? `${formatCount(value.length)} own`
      : 'six of the data, the same for every run on it';
  if (typeof value !== 'number') return field.nullText ?? none;
  if (field.isPercent) return formatPercent(value);
  const isPlain = field.isWhole === true && field.unit === undefined;
  return `${isPlain ? String(value) : formatShort(value)}${field.unit === undefined ? '' : ` ${field.unit}`}`;
}

export const isOn = (field: FieldSpec & { readonly kind: 'switch' }, value: unknown): boolean =>
  field.off === undefined ? value === true : value !== field.off && value !== undefined;

export function readField(spec: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined,
      spec,
    );
}

export function writeField<T>(spec: T, path: string, value: unknown): T {
  const [key = '', ...rest] = path.split('.');
  const known = spec as Readonly<Record<string, unknown>>;
  return { ...known, [key]: rest.length === 0 ? value : writeField(known[key] ?? {}, rest.join('.'), value) } as T;
}
