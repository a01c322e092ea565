import { percent } from './strings';
import { str } from './text';
import {
  Tuple,
  compare,
  contains,
  equal,
  float,
  isFloat,
  isList,
  isNumber,
  numberOf,
  raise,
  typeName,
  type Value,
} from './values';

/** A template may double a list or a text until nothing is left of the memory. */
const longest = 1 << 24;
const limited = <T extends { readonly length: number }>(value: T): T =>
  value.length > longest ? raise('a value grows too large') : value;

const arithmetic: ReadonlyMap<string, (a: number, b: number) => number> = new Map<
  string,
  (a: number, b: number) => number
>([
  ['+', (a, b) => a + b],
  ['-', (a, b) => a - b],
  ['*', (a, b) => a * b],
  ['**', (a, b) => a ** b],
  ['//', (a, b) => Math.floor(a / b)],
  ['%', (a, b) => a - Math.floor(a / b) * b],
]);

function calculate(operator: string, a: number, b: number, isWhole: boolean): Value {
  if (operator === '/' || operator === '//' || operator === '%') if (b === 0) raise('division by zero');
  if (operator === '/') return float(a / b);
  const result = arithmetic.get(operator)!(a, b);
  if (!Number.isFinite(result)) raise('the result is no finite number');
  return isWhole && Number.isInteger(result) ? result : float(result);
}

const repeated = (value: string | Value[], times: number): Value => {
  if (!Number.isInteger(times)) return raise('a text or a list is repeated a whole number of times');
  if (value.length * times > longest) return raise('a value grows too large');
  return typeof value === 'string'
    ? value.repeat(Math.max(0, times))
    : Array.from({ length: Math.max(0, times) }, () => value).flat(1);
};

export function operate(operator: string, left: Value, right: Value): Value {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
    case '~':
      return limited(str(left) + str(right));
    case '<':
      return compare(left, right) < 0;
    case '<=':
      return compare(left, right) <= 0;
    case '>':
      return compare(left, right) > 0;
    case '>=':
      return compare(left, right) >= 0;
  }
  if (isNumber(left) && isNumber(right))
    return calculate(operator, numberOf(left), numberOf(right), !isFloat(left) && !isFloat(right));
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') return limited(left + right);
    if (isList(left) && isList(right)) return limited([...left, ...right]);
    if (left instanceof Tuple && right instanceof Tuple) return new Tuple([...left.items, ...right.items]);
  }
  if (operator === '%' && typeof left === 'string') return percent(left, right);
  if (operator === '*' && (typeof left === 'string' || isList(left)) && isNumber(right))
    return repeated(left, numberOf(right));
  if (operator === '*' && (typeof right === 'string' || isList(right)) && isNumber(left))
    return repeated(right, numberOf(left));
  return raise(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`);
}

export function sign(operator: string, value: Value): Value {
  if (!isNumber(value)) return raise(`bad operand type for unary ${operator}: '${typeName(value)}'`);
  const result = operator === '-' ? -numberOf(value) : numberOf(value);
  return isFloat(value) ? float(result) : result + 0;
}
