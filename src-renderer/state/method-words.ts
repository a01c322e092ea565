import { methodById, type MethodEntry, type MethodParameter } from '../../src-main/shared/catalogue/method-catalogue';
import { briefMethod, type MethodSpec, type MixTerm } from '../../src-main/shared/spec/method-spec';
import type { RunSpec } from '../../src-main/shared/spec/run-spec';
import { formatShort, none } from './format';
import { effectiveParameters, effectiveMethod, readParameter } from './spec-effect';

export interface MethodGroup {
  readonly id: string;
  readonly title: string;
  readonly help: string;
  readonly list: readonly MethodEntry[];
}

const firstIds: readonly string[] = ['sampo', 'dpo'];
const families: Readonly<Record<MethodEntry['family'], readonly [title: string, help: string]>> = {
  dpo: ['Variants of DPO', 'Other losses of the margin between both responses'],
  other: ['Each response for itself, or a whole batch', 'Losses that do not look at one margin alone'],
  'reference-free': ['Without a reference', 'Faster, and nothing holds the model to where it started'],
  supervised: ['Supervised', 'Learns from the chosen response only'],
};

/** SamPO and DPO first, then the families of the catalogue. */
export function methodGroups(methods: readonly MethodEntry[]): readonly MethodGroup[] {
  const first = firstIds.flatMap((id) => methods.filter((method) => method.id === id));
  const rest = (Object.keys(families) as readonly MethodEntry['family'][]).map((id) => ({
    id,
    title: families[id][0],
    help: families[id][1],
    list: methods.filter((method) => method.family === id && !first.includes(method)),
  }));
  return [{ id: 'first', title: 'SamPO and DPO', help: '', list: first }, ...rest].filter(
    ({ list }) => list.length > 0,
  );
}

/** Methods in whose row every word of the search occurs. */
export function searchMethods(methods: readonly MethodEntry[], search: string): readonly MethodEntry[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return methods.filter((method) => {
    const text = [method.id, method.name, method.paper, method.summary, method.whenToUse].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export const methodName = (id: string): string => methodById(id)?.name ?? id;

const termText = ({ id, weight }: MixTerm): string => `${methodName(id)} × ${formatShort(weight)}`;

export function parameterText(parameter: MethodParameter, value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : (value as readonly MixTerm[]).map(termText).join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'number') return value === null || value === undefined ? none : String(value);
  return `${formatShort(value)}${parameterUnit(parameter) === undefined ? '' : ` ${parameterUnit(parameter)}`}`;
}

export const parameterUnit = ({ name }: MethodParameter): string | undefined =>
  name.endsWith('everySteps') ? 'steps' : undefined;

export interface ParameterFact {
  readonly name: string;
  readonly label: string;
  readonly value: string;
}

/** What `briefMethod` keeps, in words: the method's own parameters, and others only where they change something. */
export function methodFacts(spec: Pick<RunSpec, 'method' | 'adapter'>): readonly ParameterFact[] {
  const method = effectiveMethod(spec);
  const brief = briefMethod(method);
  return effectiveParameters(spec)
    .filter(({ name }) => name.split('.')[0]! in brief)
    .map((parameter) => ({
      name: parameter.name,
      label: parameter.label,
      value: parameterText(parameter, readParameter(method, parameter.name)),
    }));
}

/** "IPO (beta 0.1)": a method with its parameters. How a reference follows has its own words. */
export function methodText(spec: Pick<RunSpec, 'method' | 'adapter'>): string {
  const facts = methodFacts(spec)
    .filter(({ name }) => !name.startsWith('referenceSync.'))
    .map(({ label, value }) => settingWords(label, value));
  return `${methodName(spec.method.id)}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`;
}

/** A setting within a sentence; names such as LD-DPO keep their capitals, and a flag that is on needs no "yes". */
export const settingWords = (label: string, value: string): string =>
  `${label.charAt(0).toLowerCase()}${label.slice(1)}${value === 'yes' ? '' : ` ${value}`}`;

export interface LengthEffect {
  readonly text: string;
  readonly level: 'good' | 'neutral' | 'warning';
}

/** What the length parameters as they stand do to the pull of length; null where a method has none. */
export function lengthEffect(entry: MethodEntry, method: MethodSpec): LengthEffect | null {
  if (!entry.parameters.some((parameter) => parameter.group === 'length')) return null;
  switch (method.sampling) {
    case 'shared':
      return {
        level: 'good',
        text:
          'Of the longer response as many tokens are drawn as the shorter one has, the same for model and ' +
          'reference: both sides weigh alike, so length alone earns nothing.',
      };
    case 'independent':
      return {
        level: 'good',
        text:
          'Of the longer response as many tokens are drawn as the shorter one has, once for the model and again for ' +
          'the reference: length alone earns nothing on average, with much noise in each step.',
      };
    case 'expected':
      return {
        level: 'good',
        text:
          'The longer response counts with the mean of all possible draws: length alone earns nothing, and no draw ' +
          'adds noise.',
      };
    case 'topk':
      return {
        level: 'good',
        text:
          'Of the longer response the tokens with the largest log-ratios are kept, as many as the shorter one has: ' +
          'both sides have the same number, though not a fair sample.',
      };
    case 'average':
      return {
        level: 'good',
        text:
          'Means of both responses are compared instead of sums, scaled by their average length: length alone earns ' +
          'nothing.',
      };
    case 'none':
      break;
  }
  if (method.ldAlpha < 1)
    return method.ldAlpha === 0
      ? { level: 'good', text: 'What the longer response has beyond the length of the shorter one does not count.' }
      : {
          level: 'neutral',
          text:
            'What the longer response has beyond the length of the shorter one counts ' +
            `${formatShort(method.ldAlpha)} as much: the pull of length is weaker, not gone.`,
        };
  // SamPO is DPO with down-sampling, so without it DPO's row says what length does.
  const bare = entry.parameters.some((parameter) => parameter.name === 'sampling' && parameter.default !== 'none')
    ? (methodById('dpo') ?? entry)
    : entry;
  const who = bare === entry ? `${entry.name} by itself` : `${entry.name} without down-sampling is ${bare.name}, which`;
  return bare.followsLength === 'by design not'
    ? { level: 'good', text: `Every token of both responses counts. ${who} does not follow length.` }
    : {
        level: bare.followsLength === 'strongly' ? 'warning' : 'neutral',
        text: `Every token of both responses counts. ${who} follows length ${bare.followsLength}.`,
      };
}
