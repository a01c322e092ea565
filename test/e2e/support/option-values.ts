import { methodCatalogue, type MethodParameter } from '../../../src-main/shared/catalogue/method-catalogue';
import { largest, smallest } from '../../../src-main/shared/extremes';
import { runSpecSchema } from '../../../src-main/shared/spec/run-spec';
import type { Choice } from './covering-array';

// What every field of a run spec is tried with. The first value stands for "left out", which is the default.

/** What the fields name: made by the test. */
export interface OptionFiles {
  readonly model: string;
  readonly otherModel: string;
  readonly adapter: string;
  /** The same pairs in every format. */
  readonly data: Readonly<Record<string, string>>;
  /** And with columns of other names. */
  readonly renamed: { readonly path: string; readonly columns: Readonly<Record<string, string>> };
}

/** A value of several fields at once, where one alone means nothing: a format and the file that is in it. */
export interface Together {
  readonly together: Readonly<Record<string, unknown>>;
}
const together = (values: Readonly<Record<string, unknown>>): Together => ({ together: values });

const fileOf = (path: string, format: string, columns: unknown): Together =>
  together({ 'dataset.path': path, 'dataset.format': format, 'dataset.columns': columns });

type Values = Readonly<Record<string, readonly unknown[]>>;

/**
 * From the catalogue, so that a new parameter is tried without a word here: every option, and both ends of its range
 * (for a number of steps: what acts within two).
 */
function valuesOf({ name, range, default: byDefault }: MethodParameter): readonly unknown[] {
  if ('options' in range) return range.options;
  if ('flag' in range) return [true];
  if ('terms' in range) return mixes(range.terms);
  if (name.endsWith('everySteps')) return [1];
  // where an end is the default, the middle is the other value: half a tail weight is a fraction of a token
  return [range.min, range.max].map((end) =>
    end === byDefault && range.whole !== true ? (range.min + range.max) / 2 : end,
  );
}

/** Of a parameter that methods have with other ranges: the widest one's ends. */
function widest(values: readonly unknown[]): readonly unknown[] {
  const numbers = values.filter((value) => typeof value === 'number');
  return numbers.length <= 2 ? values : [smallest(numbers), largest(numbers)];
}

/** Every term at least once, and several at once; a method is not mixed with itself, so the lists overlap. */
const mixes = (terms: readonly string[]): readonly unknown[] => [
  [{ id: 'sft', weight: 1 }],
  terms.slice(0, 8).map((id, i) => ({ id, weight: 0.1 * (i + 1) })),
  terms.slice(7).map((id) => ({ id, weight: 1 })),
];

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Options that nearly every method has as its default: not worth a value of their own. */
const usual: Readonly<Record<string, unknown>> = { sampling: 'none', 'fDivergence.type': 'reverse_kl' };
/** Said and not left out, because SamPO's own default is another. */
const startOf = (name: string): unknown => (name === 'method.sampling' ? 'none' : undefined);

function methodValues(): Values {
  const values: Record<string, unknown[]> = {};
  for (const { parameters } of methodCatalogue) {
    for (const parameter of parameters) {
      const known = (values[`method.${parameter.name}`] ??= []);
      for (const value of valuesOf(parameter))
        if (!known.some((other) => isSame(other, value)) && !isSame(value, usual[parameter.name])) known.push(value);
    }
  }
  return Object.fromEntries(Object.entries(values).map(([name, known]) => [name, [startOf(name), ...widest(known)]]));
}

export function optionValues({ otherModel, adapter, data, renamed: { path: renamed, columns } }: OptionFiles): Values {
  return {
    'method.id': methodCatalogue.map(({ id }) => id),
    'adapter.kind': [undefined, 'none'],
    ...methodValues(),
    objective: [undefined, 'preference', 'supervised'],
    name: [undefined, '', 'ä “quoted” name, 名'],
    version: [undefined, 1],
    'model.reference': [undefined, null, otherModel],
    // found by their columns and named in turn: the other half is in the runs of one option alone
    dataset: [
      undefined,
      ...Object.entries(data)
        .filter(([format]) => format !== 'pairs') // the default
        .map(([format, file], i) => fileOf(file, i % 2 === 0 ? format : 'auto', null)),
      fileOf(renamed, 'auto', columns),
    ],
    'dataset.evalFraction': [undefined, 0, 0.5],
    'dataset.limit': [undefined, null, 9, 1_000_000],
    'adapter.rank': [undefined, 1, 5],
    'adapter.alpha': [undefined, 0.01, 64],
    'adapter.targets': [undefined, 'attention', 'mlp', ['q_proj', 'down_proj']],
    'adapter.from': [undefined, null, adapter],
    rounds: [undefined, 1, 2],
    roundData: [undefined, 'repeat', 'split'],
    'training.epochs': [undefined, 0.01, 1.5],
    'training.maxSteps': [2, 1, null],
    'training.pairsPerStep': [undefined, 1, 3, 100],
    'training.microBatchPairs': [undefined, 'auto', 1, 3],
    'training.optimizer': [undefined, 'adamw'],
    'training.adamBetas': [undefined, [0, 0], [0.5, 0.9999]],
    'training.adamEpsilon': [undefined, 1e-15, 1],
    'training.learningRate': [undefined, 1e-9, 1e-2],
    'training.schedule': [undefined, 'linear', 'cosine', 'constant'],
    'training.warmupRatio': [undefined, 0, 1],
    'training.weightDecay': [undefined, 0, 0.5],
    'training.clipNorm': [undefined, null, 1e-3],
    'training.maxLength': [undefined, 40, 100_000],
    'training.truncation': [undefined, 'fit', 'drop', 'seed'],
    'training.shuffle': [undefined, true, false],
    'training.seed': [undefined, 0, 0xffffffff],
    'training.precision': [undefined, 'float32', 'bfloat16', 'float16'],
    'training.checkpointEvery': [undefined, 1],
    'training.evalEvery': [undefined, 1],
    'training.keepCheckpoints': [undefined, 1, 1000],
    'training.keepBest': [undefined, true, false],
    'training.earlyStopping': [undefined, null, {}, { patience: 1, minDelta: 1000 }],
    'probes.everySteps': [undefined, 1],
    'probes.prompts': [
      undefined,
      [],
      ['What is the color of a cow?'],
      Array.from({ length: 8 }, (_, i) => `Tell me the legs of ${i} pigs.`),
    ],
    'probes.maxNewTokens': [3, 1, 4096],
  };
}

/** Two steps at most by default, and short probes: what is not tried here need not take time. */
export function specOf(files: OptionFiles, values: Values, choice: Choice): Readonly<Record<string, unknown>> {
  const spec = { model: { path: files.model }, dataset: { path: files.data['pairs'] } };
  for (const [name, all] of Object.entries(values)) {
    const value = all[choice[name] ?? 0];
    if (value === undefined) continue;
    const fields = isTogether(value) ? value.together : { [name]: value };
    for (const [field, content] of Object.entries(fields)) put(spec, field.split('.'), content);
  }
  return spec;
}

const isTogether = (value: unknown): value is Together =>
  typeof value === 'object' && value !== null && 'together' in value;

function put(into: object, [first, ...rest]: readonly string[], value: unknown): void {
  const fields = into as Record<string, unknown>;
  if (rest.length === 0) fields[first!] = value;
  else put((fields[first!] ??= {}) as object, rest, value);
}

/** The index of a value, for choices that open the way to others. */
export const indexOf = (values: Values, name: string, wanted: unknown): number =>
  values[name]!.findIndex((value) => isSame(value, wanted));

/**
 * Of the fields that every method has, the values that are their defaults said aloud: the spec is the same as without.
 */
export function defaultsSaid(files: OptionFiles, values: Values): Readonly<Record<string, readonly number[]>> {
  const untouched = JSON.stringify(runSpecSchema.parse(specOf(files, values, {})));
  const isDefault = (name: string, i: number): boolean => {
    const parsed = runSpecSchema.safeParse(specOf(files, values, { [name]: i }));
    return parsed.success && JSON.stringify(parsed.data) === untouched;
  };
  const own = Object.entries(values).filter(([name]) => !name.startsWith('method.'));
  return Object.fromEntries(
    own.map(([name, all]) => [name, [...all.keys()].filter((i) => i > 0 && isDefault(name, i))]),
  );
}

/** What a file looks like is over once its rows are tokens: these fields can tell, and no others. */
const readers = [
  'name',
  'objective',
  'model.reference',
  'rounds',
  'roundData',
  'training.maxLength',
  'training.truncation',
  'training.shuffle',
  'training.seed',
  'probes.prompts',
];
export function meet(a: string, b: string): boolean {
  const other = a === 'dataset' ? b : b === 'dataset' ? a : null;
  return other === null || other.startsWith('dataset.') || readers.includes(other);
}
