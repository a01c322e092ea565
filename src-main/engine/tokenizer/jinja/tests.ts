import {
  Float,
  Tuple,
  Unsupported,
  compare,
  contains,
  equal,
  isDict,
  isFloat,
  isList,
  isNumber,
  numberOf,
  raise,
  type Value,
} from './values';

type Test = (value: Value, others: readonly Value[]) => boolean;
const hasLength = (value: Value): boolean =>
  typeof value === 'string' || value === undefined || isList(value) || isDict(value) || value instanceof Tuple;
const remainder = (value: Value, by: number): number =>
  isNumber(value) ? Math.abs(numberOf(value) % by) : raise('not a number');

const tests: ReadonlyMap<string, Test> = new Map<string, Test>([
  ['defined', (value) => value !== undefined],
  ['undefined', (value) => value === undefined],
  ['none', (value) => value === null],
  ['boolean', (value) => typeof value === 'boolean'],
  ['true', (value) => value === true],
  ['false', (value) => value === false],
  ['integer', (value) => typeof value === 'number' && Number.isInteger(value)],
  ['float', (value) => isFloat(value)],
  ['number', (value) => isNumber(value)],
  ['string', (value) => typeof value === 'string'],
  ['mapping', (value) => isDict(value)],
  ['iterable', hasLength],
  ['sequence', hasLength],
  ['callable', (value) => typeof value === 'function'],
  ['odd', (value) => remainder(value, 2) === 1],
  ['even', (value) => remainder(value, 2) === 0],
  ['lower', (value) => typeof value === 'string' && value !== value.toUpperCase() && value === value.toLowerCase()],
  ['upper', (value) => typeof value === 'string' && value !== value.toLowerCase() && value === value.toUpperCase()],
  ['eq', (value, [other]) => equal(value, other)],
  ['ne', (value, [other]) => !equal(value, other)],
  ['gt', (value, [other]) => compare(value, other) > 0],
  ['ge', (value, [other]) => compare(value, other) >= 0],
  ['lt', (value, [other]) => compare(value, other) < 0],
  ['le', (value, [other]) => compare(value, other) <= 0],
  ['in', (value, [other]) => contains(other, value)],
  [
    'divisibleby',
    (value, [other]) => remainder(value, other instanceof Float || isNumber(other) ? numberOf(other) : 0) === 0,
  ],
]);
const aliases: ReadonlyMap<string, string> = new Map([
  ['equalto', 'eq'],
  ['==', 'eq'],
  ['!=', 'ne'],
  ['>', 'gt'],
  ['greaterthan', 'gt'],
  ['>=', 'ge'],
  ['<', 'lt'],
  ['lessthan', 'lt'],
  ['<=', 'le'],
]);

export const knowsTest = (name: string): boolean => tests.has(aliases.get(name) ?? name);

export function isTest(name: string, value: Value, others: readonly Value[]): boolean {
  const test = tests.get(aliases.get(name) ?? name);
  if (!test) throw new Unsupported(`the test "${name}"`);
  return test(value, others);
}
