import { bind, capitalize, replace, splitLines, strip } from './strings';
import { jsonText, str } from './text';
import { isTest } from './tests';
import {
  Tuple,
  Unsupported,
  characters,
  compare,
  float,
  isDict,
  isFloat,
  isList,
  isNumber,
  items,
  lengthOf,
  numberOf,
  raise,
  truth,
  type Dict,
  type Keywords,
  type Value,
} from './values';

type Run = (value: Value, args: readonly Value[]) => Value;
type Filter = readonly [names: readonly string[], run: Run];

const whole = (value: Value, otherwise: number): number =>
  isNumber(value) ? Math.trunc(numberOf(value)) : value === undefined ? otherwise : raise('an integer is required');

/** An attribute or a path of them ("function.name"), of each item. */
const attribute = (item: Value, path: Value): Value =>
  (typeof path === 'number' ? [path] : str(path).split('.')).reduce<Value>((value, part) => {
    if (value === undefined) return raise(`${str(path)} is undefined`);
    if (isDict(value)) return value.get(part);
    return isList(value) || value instanceof Tuple ? items(value)[Number(part)] : undefined;
  }, item);

const folded = (value: Value): Value => (typeof value === 'string' ? value.toLowerCase() : value);
const sorted = (list: readonly Value[], key: (item: Value) => Value, reverse: boolean): Value[] => {
  const order = [...list]
    .map((item) => [key(item), item] as const)
    .sort(([a], [b]) => (reverse ? compare(b, a) : compare(a, b)));
  return order.map(([, item]) => item);
};
const keyOf =
  (by: Value, sensitive: boolean) =>
  (item: Value): Value => {
    const value = by === undefined || by === null ? item : attribute(item, by);
    return sensitive ? value : folded(value);
  };

function toInt(value: Value, otherwise: Value): Value {
  if (isNumber(value)) return Math.trunc(numberOf(value));
  const text = typeof value === 'string' ? strip(value, null, 'both') : '';
  if (/^[+-]?\d+(_\d+)*$/.test(text)) return Number(text.replaceAll('_', ''));
  const parsed = toFloat(value, null);
  return isNumber(parsed) && Number.isFinite(numberOf(parsed)) ? Math.trunc(numberOf(parsed)) : otherwise;
}

function toFloat(value: Value, otherwise: Value): Value {
  if (isNumber(value)) return float(numberOf(value));
  const text = typeof value === 'string' ? strip(value, null, 'both') : '';
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return float(Number(text));
  const named = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(text);
  return named ? (named[2] === undefined ? NaN : named[1] === '-' ? -Infinity : Infinity) : otherwise;
}

function indent(text: string, width: Value, first: Value, blank: Value): string {
  const by = typeof width === 'string' ? width : ' '.repeat(Math.max(0, whole(width, 4)));
  const lines = splitLines(`${text}\n`);
  const rest = truth(blank)
    ? lines.join(`\n${by}`)
    : lines.map((line, i) => (i > 0 && line !== '' ? by + line : line)).join('\n');
  return truth(first) ? by + rest : rest;
}

function toJson(value: Value, [ascii, indentation, separators, sortKeys]: readonly Value[]): string {
  const spaces =
    indentation === undefined || indentation === null
      ? null
      : typeof indentation === 'string'
        ? indentation
        : ' '.repeat(whole(indentation, 0));
  const [comma = spaces === null ? ', ' : ',', colon = ': '] =
    separators === undefined || separators === null ? [] : items(separators).map(str);
  return jsonText(value, {
    ascii: truth(ascii),
    indent: spaces,
    separators: [comma, colon],
    sortKeys: truth(sortKeys),
  });
}

const dict = (value: Value, name: string): Dict => (isDict(value) ? value : raise(`${name}: not a dict`));
const pairs = (value: Dict): Value[] => [...value].map((pair) => new Tuple(pair));
const titleStart = /([-\s({[<]+)/u;

const filters: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['safe', [[], (value) => value]],
  ['string', [[], (value) => str(value)]],
  ['tojson', [['ensure_ascii', 'indent', 'separators', 'sort_keys'], (value, args) => toJson(value, args)]],
  ['trim', [['chars'], (value, [chars]) => strip(str(value), chars, 'both')]],
  ['upper', [[], (value) => str(value).toUpperCase()]],
  ['lower', [[], (value) => str(value).toLowerCase()]],
  ['capitalize', [[], (value) => capitalize(str(value))]],
  ['title', [[], (value) => str(value).split(titleStart).map(capitalize).join('')]],
  [
    'replace',
    [
      ['old', 'new', 'count'],
      (value, [from, to, count]) => replace(str(value), str(from), str(to), count === null ? -1 : whole(count, -1)),
    ],
  ],
  ['indent', [['width', 'first', 'blank'], (value, [width, first, blank]) => indent(str(value), width, first, blank)]],
  ['length', [[], (value) => lengthOf(value)]],
  ['list', [[], (value) => [...items(value)]]],
  ['first', [[], (value) => items(value)[0]]],
  ['last', [[], (value) => items(value).at(-1)]],
  [
    'reverse',
    [
      [],
      (value) => (typeof value === 'string' ? [...characters(value)].reverse().join('') : [...items(value)].reverse()),
    ],
  ],
  [
    'join',
    [
      ['d', 'attribute'],
      (value, [by, path]) =>
        items(value)
          .map((item) => str(path === undefined || path === null ? item : attribute(item, path)))
          .join(str(by)),
    ],
  ],
  [
    'default',
    [
      ['default_value', 'boolean'],
      (value, [otherwise, falsy]) =>
        value === undefined || (truth(falsy) && !truth(value)) ? (otherwise === undefined ? '' : otherwise) : value,
    ],
  ],
  ['int', [['default'], (value, [otherwise]) => toInt(value, otherwise === undefined ? 0 : otherwise)]],
  ['float', [['default'], (value, [otherwise]) => toFloat(value, otherwise === undefined ? float(0) : otherwise)]],
  [
    'abs',
    [
      [],
      (value) =>
        isNumber(value)
          ? isFloat(value)
            ? float(Math.abs(numberOf(value)))
            : Math.abs(numberOf(value))
          : raise('bad operand type for abs()'),
    ],
  ],
  ['items', [[], (value) => (value === undefined ? [] : pairs(dict(value, 'items')))]],
  [
    'dictsort',
    [
      ['case_sensitive', 'by', 'reverse'],
      (value, [sensitive, by, reverse]) =>
        sorted(pairs(dict(value, 'dictsort')), keyOf(by === 'value' ? 1 : 0, truth(sensitive)), truth(reverse)),
    ],
  ],
  [
    'sort',
    [
      ['reverse', 'case_sensitive', 'attribute'],
      (value, [reverse, sensitive, by]) => sorted(items(value), keyOf(by, truth(sensitive)), truth(reverse)),
    ],
  ],
  [
    'unique',
    [['case_sensitive', 'attribute'], (value, [sensitive, by]) => unique(items(value), keyOf(by, truth(sensitive)))],
  ],
]);
const aliases: ReadonlyMap<string, string> = new Map([
  ['count', 'length'],
  ['d', 'default'],
]);
const selecting: ReadonlyMap<string, { readonly attribute: boolean; readonly keep: boolean }> = new Map([
  ['select', { attribute: false, keep: true }],
  ['reject', { attribute: false, keep: false }],
  ['selectattr', { attribute: true, keep: true }],
  ['rejectattr', { attribute: true, keep: false }],
]);

function unique(list: readonly Value[], key: (item: Value) => Value): Value[] {
  const seen = new Set<Value>();
  return list.filter((item) => {
    const value = key(item);
    return !seen.has(value) && seen.add(value);
  });
}

export const isFilter = (name: string): boolean =>
  filters.has(aliases.get(name) ?? name) || selecting.has(name) || name === 'map';

export function applyFilter(name: string, value: Value, args: readonly Value[], keywords: Keywords): Value {
  const selection = selecting.get(name);
  if (selection) return select(selection, value, args);
  if (name === 'map') return map(value, args, keywords);
  const filter = filters.get(aliases.get(name) ?? name);
  if (!filter) throw new Unsupported(`the filter "${name}"`);
  return filter[1](value, bind(name, filter[0], args, keywords));
}

function select(
  { attribute: byAttribute, keep }: { readonly attribute: boolean; readonly keep: boolean },
  value: Value,
  args: readonly Value[],
): Value {
  const [path, rest] = byAttribute ? [args[0], args.slice(1)] : [undefined, args];
  const [test, ...more] = rest;
  return items(value).filter((item) => {
    const subject = byAttribute ? attribute(item, path) : item;
    return (test === undefined ? truth(subject) : isTest(str(test), subject, more)) === keep;
  });
}

function map(value: Value, args: readonly Value[], keywords: Keywords): Value {
  const path = keywords.get('attribute');
  if (path === undefined) {
    const [name, ...more] = args;
    return items(value).map((item) => applyFilter(str(name), item, more, keywords));
  }
  return items(value).map((item) => {
    const found = attribute(item, path);
    return found === undefined ? keywords.get('default') : found;
  });
}
