import {
  Attributes,
  Float,
  Tuple,
  byCodePoint,
  isDict,
  isFloat,
  isList,
  isNumber,
  numberOf,
  raise,
  typeName,
  type Dict,
  type Value,
} from './values';

/** Python's str(): what `{{ … }}` and `~` write. */
export function str(value: Value): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : repr(value);
}

function repr(value: Value): string {
  if (value === null) return 'None';
  if (value === undefined) return 'Undefined';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (isNumber(value)) return isFloat(value) ? floatText(numberOf(value)) : wholeText(numberOf(value));
  if (typeof value === 'string') return quoted(value);
  if (isList(value)) return `[${value.map(repr).join(', ')}]`;
  if (value instanceof Tuple)
    return value.items.length === 1 ? `(${repr(value.items[0])},)` : `(${value.items.map(repr).join(', ')})`;
  if (isDict(value)) return `{${[...value].map(([key, item]) => `${repr(key)}: ${repr(item)}`).join(', ')}}`;
  return raise(`a ${typeName(value)} has no text`);
}

/** A whole number in full: JavaScript writes large ones with an exponent. */
const wholeText = (value: number): string => (Number.isSafeInteger(value) ? String(value) : BigInt(value).toString());

/** Python's repr of a float: exponents below -4 and from 16 on, two digits at least. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (value !== 0 && (power < -4 || power >= 16))
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = text.replace(/[\\'"]|[\p{C}\p{Z}]/gu, (character) => {
    if (character === ' ' || ((character === "'" || character === '"') && character !== quote)) return character;
    if (character === quote) return `\\${quote}`;
    const code = character.codePointAt(0)!;
    const hex = (width: number): string => code.toString(16).padStart(width, '0');
    return escapes.get(character) ?? (code < 0x100 ? `\\x${hex(2)}` : code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`);
  });
  return `${quote}${inner}${quote}`;
}

export interface JsonOptions {
  readonly ascii: boolean;
  readonly indent: string | null;
  readonly separators: readonly [string, string];
  readonly sortKeys: boolean;
}

/** Python's json.dumps, as transformers' `tojson` calls it. */
export function jsonText(value: Value, options: JsonOptions, depth = 0): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (isNumber(value)) return repr(value).replace('inf', 'Infinity').replace('nan', 'NaN');
  if (typeof value === 'string') return jsonString(value, options.ascii);
  const [comma, colon] = options.separators;
  const list = (open: string, parts: readonly string[], close: string): string => {
    if (parts.length === 0 || options.indent === null) return `${open}${parts.join(comma)}${close}`;
    const line = `\n${options.indent.repeat(depth + 1)}`;
    return `${open}${line}${parts.join(`${comma}${line}`)}\n${options.indent.repeat(depth)}${close}`;
  };
  if (isList(value) || value instanceof Tuple)
    return list(
      '[',
      (isList(value) ? value : value.items).map((item) => jsonText(item, options, depth + 1)),
      ']',
    );
  if (isDict(value))
    return list(
      '{',
      entries(value, options).map(
        ([key, item]) => `${jsonString(key, options.ascii)}${colon}${jsonText(item, options, depth + 1)}`,
      ),
      '}',
    );
  return raise(
    `Object of type ${value instanceof Attributes ? 'Namespace' : typeName(value)} is not JSON serializable`,
  );
}

const entries = (dict: Dict, { sortKeys }: JsonOptions): readonly (readonly [string, Value])[] => {
  const all = [...dict].map(([key, item]) => [jsonKey(key), item] as const);
  return sortKeys ? all.sort(([a], [b]) => byCodePoint(a, b)) : all;
};

function jsonKey(key: Value): string {
  if (typeof key === 'string') return key;
  return key === null || typeof key === 'boolean' || typeof key === 'number' || key instanceof Float
    ? jsonText(key, { ascii: false, indent: null, separators: [', ', ': '], sortKeys: false })
    : raise(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

function jsonString(text: string, ascii: boolean): string {
  const json = JSON.stringify(text);
  return ascii
    ? json.replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : json;
}
