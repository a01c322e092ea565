import { bind } from './strings';
import { str } from './text';
import {
  Attributes,
  Tuple,
  Unsupported,
  isDict,
  isList,
  isNumber,
  items,
  numberOf,
  raise,
  type Callable,
  type Keywords,
  type Value,
} from './values';

/** A template refuses a conversation. */
class Raised extends Error {}

/**
 * Today, for every template: Friday, 26 July 2024, midnight. What a model is trained on must not depend on the day it
 * is trained; this is the day that Llama 3.1's own template falls back to.
 */
const today = { year: 2024, month: 7, day: 26, weekday: 5, dayOfYear: 208 };
const [month, weekday] = ['July', 'Friday'];
const pad = (value: number): string => String(value).padStart(2, '0');
const date = `${pad(today.month)}/${pad(today.day)}/${pad(today.year % 100)}`;

const formats: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: weekday.slice(0, 3),
    A: weekday,
    w: String(today.weekday),
    u: String(today.weekday),
    d: pad(today.day),
    e: String(today.day).padStart(2),
    '-d': String(today.day),
    b: month.slice(0, 3),
    h: month.slice(0, 3),
    B: month,
    m: pad(today.month),
    '-m': String(today.month),
    y: pad(today.year % 100),
    Y: String(today.year),
    j: String(today.dayOfYear),
    H: '00',
    '-H': '0',
    I: '12',
    '-I': '12',
    p: 'AM',
    M: '00',
    '-M': '0',
    S: '00',
    '-S': '0',
    f: '000000',
    z: '',
    Z: '',
    F: `${today.year}-${pad(today.month)}-${pad(today.day)}`,
    D: date,
    x: date,
    T: '00:00:00',
    X: '00:00:00',
    R: '00:00',
    c: `${weekday.slice(0, 3)} ${month.slice(0, 3)} ${today.day} 00:00:00 ${today.year}`,
    n: '\n',
    t: '\t',
    '%': '%',
  }),
);

const strftime = (format: Value): string =>
  (typeof format === 'string' ? format : raise('strftime_now() takes a format')).replace(
    /%(-?.)/gsu,
    (whole, code: string) => {
      const text = formats.get(code);
      if (text === undefined) throw new Unsupported(`strftime_now("${whole}")`);
      return text;
    },
  );

/** As transformers' sandbox limits it. */
const longestRange = 100_000;

function range(args: readonly Value[]): Value {
  const numbers = args.map((arg) => (isNumber(arg) ? numberOf(arg) : raise('range() takes integers')));
  const [from, to, step] =
    numbers.length === 1
      ? [0, numbers[0]!, 1]
      : [numbers[0] ?? raise('range expected at least 1 argument'), numbers[1]!, numbers[2] ?? 1];
  if (step === 0) raise('range() arg 3 must not be zero');
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (length > longestRange) raise(`Range too big. The sandbox blocks ranges larger than MAX_RANGE (${longestRange}).`);
  return Array.from({ length }, (_, i) => from + i * step);
}

/** Entries of a dict or of pairs, then the keywords: dict(…) and namespace(…). */
function entries([source]: readonly Value[], keywords: Keywords): Map<string, Value> {
  const given =
    source === undefined
      ? []
      : isDict(source)
        ? [...source]
        : items(source).map((pair) => {
            const [key, value] = isList(pair) || pair instanceof Tuple ? items(pair) : raise('a dict is made of pairs');
            return [key, value] as const;
          });
  return new Map([...given.map(([key, value]) => [str(key), value] as const), ...keywords]);
}

export const globals: ReadonlyMap<string, Callable> = new Map<string, Callable>([
  ['range', (args) => range(args)],
  ['dict', (args, keywords) => entries(args, keywords)],
  ['namespace', (args, keywords) => new Attributes(entries(args, keywords))],
  ['strftime_now', (args, keywords) => strftime(bind('strftime_now', ['format'], args, keywords)[0])],
  [
    'raise_exception',
    (args, keywords) => {
      throw new Raised(str(bind('raise_exception', ['message'], args, keywords)[0]));
    },
  ],
]);
