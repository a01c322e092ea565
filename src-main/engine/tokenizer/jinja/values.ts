/**
 * Python's values in JavaScript, as far as chat templates see them: none is null, undefined is undefined, an int is a
 * whole number, a list an array, a dict a Map (never an object: names come from files and must not reach what every
 * object has).
 */
export type Value =
  | null
  | undefined
  | boolean
  | number
  | string
  | Float
  | Value[]
  | Tuple
  | Dict
  | Attributes
  | Callable;
export type Dict = Map<Value, Value>;
export type Keywords = ReadonlyMap<string, Value>;
export type Callable = (args: readonly Value[], keywords: Keywords) => Value;

/** A float whose value is a whole number; others are plain numbers. */
export class Float {
  constructor(readonly value: number) {}
}
export class Tuple {
  constructor(readonly items: readonly Value[]) {}
}
/** What has attributes but is no dict: a namespace, `loop`. */
export class Attributes {
  constructor(readonly values: Map<string, Value>) {}
}

/** The template needs something that this app does not have: its model is refused, not a row. */
export class Unsupported extends Error {}

/** What Python would raise. */
export const raise = (message: string): never => {
  throw new Error(message);
};

export const isList = (value: Value): value is Value[] => Array.isArray(value);
export const isDict = (value: Value): value is Dict => value instanceof Map;
export const isNumber = (value: Value): value is number | Float | boolean =>
  typeof value === 'number' || typeof value === 'boolean' || value instanceof Float;
export const isFloat = (value: Value): boolean =>
  value instanceof Float || (typeof value === 'number' && !Number.isInteger(value));
export const numberOf = (value: number | Float | boolean): number =>
  value instanceof Float ? value.value : Number(value);
export const float = (value: number): Value => (Number.isInteger(value) ? new Float(value) : value);

export const typeName = (value: Value): string => {
  if (value === null) return 'NoneType';
  if (value === undefined) return 'Undefined';
  if (typeof value === 'boolean') return 'bool';
  if (isFloat(value)) return 'float';
  if (typeof value === 'number') return 'int';
  if (typeof value === 'string') return 'str';
  if (isList(value)) return 'list';
  if (value instanceof Tuple) return 'tuple';
  if (isDict(value)) return 'dict';
  return value instanceof Attributes ? 'Namespace' : 'function';
};

/** JSON's values as a template's. */
export function fromJson(value: unknown): Value {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value === 'object' && value !== null)
    return new Map(Object.entries(value).map(([key, item]) => [key, fromJson(item)]));
  return value as Value;
}

export function truth(value: Value): boolean {
  if (value instanceof Float) return value.value !== 0;
  if (isList(value)) return value.length > 0;
  if (value instanceof Tuple) return value.items.length > 0;
  return isDict(value) ? value.size > 0 : Boolean(value);
}

export function equal(a: Value, b: Value): boolean {
  if (isNumber(a) && isNumber(b)) return numberOf(a) === numberOf(b);
  if (isList(a) && isList(b)) return sameItems(a, b);
  if (a instanceof Tuple && b instanceof Tuple) return sameItems(a.items, b.items);
  if (isDict(a) && isDict(b))
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && equal(value, b.get(key)));
  return a === b;
}

const sameItems = (a: readonly Value[], b: readonly Value[]): boolean =>
  a.length === b.length && a.every((item, i) => equal(item, b[i]));

/** The characters of Python: code points. */
export const characters = (text: string): readonly string[] => Array.from(text);

/** What a loop goes over. */
export function items(value: Value): readonly Value[] {
  if (value === undefined) return [];
  if (isList(value)) return value;
  if (value instanceof Tuple) return value.items;
  if (isDict(value)) return [...value.keys()];
  if (typeof value === 'string') return characters(value);
  return raise(`'${typeName(value)}' object is not iterable`);
}

export function lengthOf(value: Value): number {
  if (isDict(value)) return value.size;
  return isNumber(value) || value === null || typeof value === 'function' || value instanceof Attributes
    ? raise(`object of type '${typeName(value)}' has no len()`)
    : items(value).length;
}

export function contains(container: Value, item: Value): boolean {
  if (typeof container === 'string')
    return typeof item === 'string'
      ? container.includes(item)
      : raise(`'in <string>' requires string as left operand, not ${typeName(item)}`);
  if (isDict(container)) return container.has(item);
  return items(container).some((other) => equal(other, item));
}

/** Like Python's `<`; raises where the two have no order. */
export function compare(a: Value, b: Value): number {
  if (isNumber(a) && isNumber(b)) return Math.sign(numberOf(a) - numberOf(b));
  if (typeof a === 'string' && typeof b === 'string') return byCodePoint(a, b);
  const [left, right] = [
    a instanceof Tuple ? a.items : isList(a) ? a : null,
    b instanceof Tuple ? b.items : isList(b) ? b : null,
  ];
  if (left === null || right === null || isList(a) !== isList(b))
    return raise(`'<' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
  const at = left.findIndex((item, i) => i >= right.length || !equal(item, right[i]));
  if (at < 0) return Math.sign(left.length - right.length);
  return at >= right.length ? 1 : compare(left[at], right[at]);
}

/** UTF-16's order is not that of code points. */
export function byCodePoint(a: string, b: string): number {
  const [left, right] = [characters(a), characters(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++)
    if (left[i] !== right[i]) return Math.sign(left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!);
  return Math.sign(left.length - right.length);
}
