import { stringMethod } from './strings';
import {
  Attributes,
  Tuple,
  characters,
  equal,
  isDict,
  isFloat,
  isList,
  isNumber,
  items,
  numberOf,
  raise,
  typeName,
  type Callable,
  type Dict,
  type Value,
} from './values';

const dictMethods: ReadonlyMap<string, (self: Dict) => Callable> = new Map<string, (self: Dict) => Callable>([
  [
    'get',
    (self) =>
      ([key, otherwise]) =>
        self.has(key) ? self.get(key) : otherwise === undefined ? null : otherwise,
  ],
  ['items', (self) => () => [...self].map((pair) => new Tuple(pair))],
  ['keys', (self) => () => [...self.keys()]],
  ['values', (self) => () => [...self.values()]],
  ['copy', (self) => () => new Map(self)],
]);
const listMethods: ReadonlyMap<string, (self: readonly Value[]) => Callable> = new Map<
  string,
  (self: readonly Value[]) => Callable
>([
  [
    'index',
    (self) =>
      ([item]) => {
        const at = self.findIndex((other) => equal(other, item));
        return at < 0 ? raise('is not in list') : at;
      },
  ],
  [
    'count',
    (self) =>
      ([item]) =>
        self.filter((other) => equal(other, item)).length,
  ],
  ['copy', (self) => () => [...self]],
]);
/** Methods that change a value: transformers' sandbox refuses them. */
const changing = new Set([
  'append',
  'clear',
  'extend',
  'insert',
  'pop',
  'popitem',
  'remove',
  'reverse',
  'setdefault',
  'sort',
  'update',
]);

function method(object: Value, name: string): Callable | undefined {
  if (typeof object === 'string') return stringMethod(object, name);
  const own = isDict(object)
    ? dictMethods.get(name)?.(object)
    : isList(object) || object instanceof Tuple
      ? listMethods.get(name)?.(items(object))
      : undefined;
  if (own === undefined && (isDict(object) || isList(object)) && changing.has(name))
    return () => raise(`access to attribute '${name}' of '${typeName(object)}' object is unsafe.`);
  return own;
}

/** `object.name`: Python looks for a method before it looks for a key of that name. */
export function attributeOf(object: Value, name: string): Value {
  if (object === undefined) return raise(`'${name}' of an undefined value`);
  if (object instanceof Attributes) return object.values.get(name);
  const found = method(object, name);
  return found ?? (isDict(object) ? object.get(name) : undefined);
}

/** `object[key]`: a key before a method. */
export function itemOf(object: Value, key: Value): Value {
  if (object === undefined) return raise(`item ${typeof key === 'string' ? key : ''} of an undefined value`);
  if (isDict(object) && object.has(key)) return object.get(key);
  if (isNumber(key) && !isFloat(key) && (typeof object === 'string' || isList(object) || object instanceof Tuple))
    return (typeof object === 'string' ? characters(object) : items(object)).at(numberOf(key));
  return typeof key === 'string'
    ? object instanceof Attributes
      ? object.values.get(key)
      : method(object, key)
    : undefined;
}

/** `object[from:to:by]`; as any subscript that Python refuses by type, one that is no slice is undefined. */
export function slice(object: Value, from: Value, to: Value, by: Value): Value {
  if (object === undefined) return raise('a slice of an undefined value');
  if (typeof object !== 'string' && !isList(object) && !(object instanceof Tuple)) return undefined;
  if ([from, to, by].some((end) => end !== null && (!isNumber(end) || isFloat(end)))) return undefined;
  const all = typeof object === 'string' ? characters(object) : items(object);
  const given = (value: Value): number | null => (isNumber(value) ? numberOf(value) : null);
  const step = given(by) ?? 1;
  if (step === 0) raise('slice step cannot be zero');
  const [lowest, highest] = step > 0 ? [0, all.length] : [-1, all.length - 1];
  const end = (value: number | null, otherwise: number): number =>
    value === null ? otherwise : Math.min(highest, Math.max(lowest, value < 0 ? value + all.length : value));
  const [start, stop] =
    step > 0
      ? [end(given(from), lowest), end(given(to), highest)]
      : [end(given(from), highest), end(given(to), lowest)];
  const taken: Value[] = [];
  for (let i = start; step > 0 ? i < stop : i > stop; i += step) taken.push(all[i]);
  if (typeof object === 'string') return taken.join('');
  return isList(object) ? taken : new Tuple(taken);
}
