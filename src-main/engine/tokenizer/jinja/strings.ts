import { str } from './text';
import {
  Tuple,
  Unsupported,
  characters,
  isList,
  isNumber,
  items,
  numberOf,
  raise,
  typeName,
  type Callable,
  type Keywords,
  type Value,
} from './values';

/** Arguments by place or name; what a caller gives beyond `names` is refused. */
export function bind(
  name: string,
  names: readonly string[],
  args: readonly Value[],
  keywords: Keywords,
): readonly Value[] {
  if (args.length > names.length) raise(`${name}() takes at most ${names.length} arguments (${args.length} given)`);
  for (const key of keywords.keys())
    if (!names.includes(key) || names.indexOf(key) < args.length)
      raise(`${name}() got an unexpected keyword argument '${key}'`);
  return names.map((key, i) => (i < args.length ? args[i] : keywords.get(key)));
}

/**
 * What Python's str.strip removes; JavaScript's trim also takes the byte order mark, and leaves the separators 1C to
 * 1F and 85.
 */
const space = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const spaces = new RegExp(`[${space}]+`, 'u');

export function strip(text: string, chars: Value, ends: 'both' | 'left' | 'right'): string {
  if (chars !== undefined && chars !== null && typeof chars !== 'string') raise('strip arg must be None or str');
  const wanted = typeof chars === 'string' ? new Set(characters(chars)) : null;
  const gone = (character: string): boolean => (wanted ? wanted.has(character) : spaces.test(character));
  const all = characters(text);
  let [from, to] = [0, all.length];
  if (ends !== 'right') while (from < to && gone(all[from]!)) from++;
  if (ends !== 'left') while (to > from && gone(all[to - 1]!)) to--;
  return all.slice(from, to).join('');
}

function split(text: string, separator: Value, limit: number): string[] {
  if (separator === undefined || separator === null) {
    const parts: string[] = [];
    let rest = strip(text, null, 'left');
    while (rest !== '') {
      const gap = spaces.exec(rest);
      if (parts.length === limit || !gap) return [...parts, rest];
      parts.push(rest.slice(0, gap.index));
      rest = rest.slice(gap.index + gap[0].length);
    }
    return parts;
  }
  if (typeof separator !== 'string' || separator === '') return raise('empty separator');
  const parts = text.split(separator);
  return limit < 0 || parts.length <= limit + 1
    ? parts
    : [...parts.slice(0, limit), parts.slice(limit).join(separator)];
}

function splitFromRight(text: string, separator: Value, limit: number): string[] {
  if (limit < 0) return split(text, separator, limit);
  if (typeof separator !== 'string') throw new Unsupported('rsplit() without a separator and with a limit');
  const parts = split(text, separator, -1);
  const cut = Math.max(1, parts.length - limit);
  return [parts.slice(0, cut).join(separator), ...parts.slice(cut)];
}

const lines = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/u;
export function splitLines(text: string): string[] {
  const parts = text.split(lines);
  if (parts.at(-1) === '') parts.pop();
  return parts;
}

export function replace(text: string, from: string, to: string, count: number): string {
  if (count < 0) return text.replaceAll(from, () => to);
  const parts = from === '' ? ['', ...characters(text), ''] : text.split(from);
  return parts.reduce((done, part, i) => `${done}${i <= count ? to : from}${part}`);
}

export const capitalize = (text: string): string => {
  const [first = '', ...rest] = characters(text);
  return first.toUpperCase() + rest.join('').toLowerCase();
};
/** Every letter after something that is no letter, "it's" to "It'S". */
const title = (text: string): string => text.replace(/\p{L}+/gu, capitalize);

const whole = (value: Value, otherwise: number): number =>
  value === undefined || value === null
    ? otherwise
    : isNumber(value)
      ? numberOf(value)
      : raise(`'${typeName(value)}' object cannot be interpreted as an integer`);
const text = (value: Value): string =>
  typeof value === 'string' ? value : raise(`must be str, not ${typeName(value)}`);
const starts = (value: Value, test: (part: string) => boolean): boolean =>
  value instanceof Tuple ? value.items.some((item) => test(text(item))) : test(text(value));
const every =
  (pattern: RegExp) =>
  (self: string): Value =>
    pattern.test(self);
/** `find` and its like count code points. */
const place = (self: string, index: number): number => (index < 0 ? -1 : characters(self.slice(0, index)).length);

type Method = readonly [names: readonly string[], run: (self: string, args: readonly Value[]) => Value];
const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['upper', [[], (self) => self.toUpperCase()]],
  ['lower', [[], (self) => self.toLowerCase()]],
  ['casefold', [[], (self) => self.toLowerCase()]],
  ['capitalize', [[], (self) => capitalize(self)]],
  ['title', [[], (self) => title(self)]],
  ['strip', [['chars'], (self, [chars]) => strip(self, chars, 'both')]],
  ['lstrip', [['chars'], (self, [chars]) => strip(self, chars, 'left')]],
  ['rstrip', [['chars'], (self, [chars]) => strip(self, chars, 'right')]],
  ['split', [['sep', 'maxsplit'], (self, [separator, limit]) => split(self, separator, whole(limit, -1))]],
  ['rsplit', [['sep', 'maxsplit'], (self, [separator, limit]) => splitFromRight(self, separator, whole(limit, -1))]],
  ['splitlines', [[], (self) => splitLines(self)]],
  [
    'partition',
    [
      ['sep'],
      (self, [by]) => {
        const i = self.indexOf(text(by));
        return new Tuple(i < 0 ? [self, '', ''] : [self.slice(0, i), text(by), self.slice(i + text(by).length)]);
      },
    ],
  ],
  [
    'rpartition',
    [
      ['sep'],
      (self, [by]) => {
        const i = self.lastIndexOf(text(by));
        return new Tuple(i < 0 ? ['', '', self] : [self.slice(0, i), text(by), self.slice(i + text(by).length)]);
      },
    ],
  ],
  [
    'replace',
    [['old', 'new', 'count'], (self, [from, to, count]) => replace(self, text(from), text(to), whole(count, -1))],
  ],
  ['startswith', [['prefix'], (self, [prefix]) => starts(prefix, (part) => self.startsWith(part))]],
  ['endswith', [['suffix'], (self, [suffix]) => starts(suffix, (part) => self.endsWith(part))]],
  [
    'removeprefix',
    [['prefix'], (self, [prefix]) => (self.startsWith(text(prefix)) ? self.slice(text(prefix).length) : self)],
  ],
  [
    'removesuffix',
    [
      ['suffix'],
      (self, [suffix]) =>
        text(suffix) !== '' && self.endsWith(text(suffix)) ? self.slice(0, -text(suffix).length) : self,
    ],
  ],
  ['find', [['sub'], (self, [sub]) => place(self, self.indexOf(text(sub)))]],
  ['rfind', [['sub'], (self, [sub]) => place(self, self.lastIndexOf(text(sub)))]],
  [
    'index',
    [
      ['sub'],
      (self, [sub]) => (self.includes(text(sub)) ? place(self, self.indexOf(text(sub))) : raise('substring not found')),
    ],
  ],
  [
    'count',
    [['sub'], (self, [sub]) => (text(sub) === '' ? characters(self).length + 1 : self.split(text(sub)).length - 1)],
  ],
  [
    'join',
    [
      ['iterable'],
      (self, [parts]) =>
        items(parts)
          .map((part) => text(part))
          .join(self),
    ],
  ],
  ['isdigit', [[], every(/^[\p{Nd}\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089]+$/u)]],
  ['isalpha', [[], every(/^\p{L}+$/u)]],
  ['isalnum', [[], every(/^[\p{L}\p{N}]+$/u)]],
  ['isspace', [[], every(new RegExp(`^[${space}]+$`, 'u'))]],
  ['isupper', [[], (self) => self !== self.toLowerCase() && self === self.toUpperCase()]],
  ['islower', [[], (self) => self !== self.toUpperCase() && self === self.toLowerCase()]],
]);
const unknown = new Set([
  'center',
  'encode',
  'expandtabs',
  'format',
  'format_map',
  'isascii',
  'isdecimal',
  'isidentifier',
  'isnumeric',
  'isprintable',
  'istitle',
  'ljust',
  'maketrans',
  'rindex',
  'rjust',
  'swapcase',
  'translate',
  'zfill',
]);

/** A method of a string, bound to it; undefined where Python has none of that name. */
export function stringMethod(self: string, name: string): Callable | undefined {
  const method = methods.get(name);
  if (method) return (args, keywords) => method[1](self, bind(name, method[0], args, keywords));
  if (unknown.has(name)) throw new Unsupported(`the string method ${name}()`);
  return undefined;
}

/** `"%s" % x`, as far as templates use it. */
export function percent(pattern: string, value: Value): string {
  const given = value instanceof Tuple ? value.items : [value];
  let used = 0;
  const done = pattern.replace(/%(.|$)/gsu, (_, kind: string) => {
    if (kind === '%') return '%';
    if (kind !== 's' && kind !== 'd') throw new Unsupported(`the format %${kind}`);
    if (used === given.length) raise('not enough arguments for format string');
    const next = given[used++];
    return kind === 'd' && isNumber(next)
      ? String(Math.trunc(numberOf(next)))
      : kind === 'd'
        ? raise('%d format: a real number is required')
        : str(next);
  });
  if (used < given.length && !(value instanceof Map) && !isList(value))
    raise('not all arguments converted during string formatting');
  return done;
}
