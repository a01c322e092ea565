import { throwFailure } from '../../../shared/result';
import type { RopeScaling } from '../types';
import { isNothing, shown, type Fields } from './fields';

/** What `rope_scaling` (transformers 4) or `rope_parameters` (5) says. */
export interface Rope {
  readonly theta: number;
  /** Which part of a head's numbers is rotated. */
  readonly part: number;
  readonly scaling: RopeScaling | null;
}

export interface RopeSource {
  readonly where: string;
  /** What the file itself calls a field of config.json. */
  readonly called: (field: string) => string;
  readonly notes: string[];
}

/** What is outside the dictionary: a value and the field that it comes from. */
export interface RopeFallback {
  readonly theta: number;
  readonly thetaField: string;
  readonly part: number;
  readonly partField: string;
}

/** What each type reads, as transformers' `modeling_rope_utils` does. */
const keysOf: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['default', []],
  ['linear', ['factor']],
  ['llama3', ['factor', 'low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings']],
  ['longrope', ['factor', 'short_factor', 'long_factor', 'attention_factor', 'original_max_position_embeddings']],
]);
const always = ['rope_type', 'type', 'rope_theta', 'partial_rotary_factor'];
const trainedContext = 'original_max_position_embeddings';

type Refuse = (field: string, value: unknown, why: string) => never;
const refuser =
  (where: string, called: (field: string) => string): Refuse =>
  (field, value, why) =>
    throwFailure(
      'bad-model',
      `${where}: field ${called(field)} is ${shown(value)}: ${why}.`,
      'Supported: plain rotary positions, and the scalings linear and llama3.',
      { file: where, field },
    );

/**
 * Throws AppFailure('bad-model') for what is not honoured; keys that transformers does not read for a type are told in
 * `notes`.
 */
export function readRope(json: Fields, { where, called, notes }: RopeSource, fallback: RopeFallback): Rope {
  const refuse = refuser(where, called);
  const field = isNothing(json.rope_parameters) ? 'rope_scaling' : 'rope_parameters';
  const given = isNothing(json[field]) ? {} : json[field];
  if (typeof given !== 'object' || Array.isArray(given)) return refuse(field, given, 'it must be an object');
  const rope = given as Fields;
  if (field === 'rope_parameters' && disagree(rope, json.rope_scaling))
    refuse('rope_scaling', json.rope_scaling, 'rope_parameters says something else');
  for (const [key, value] of Object.entries(rope))
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      refuse(`${field}.${key}`, value, 'positions of their own for some layers are not supported');
  const kind = rope.rope_type ?? rope.type ?? 'default';
  const known =
    keysOf.get(kind) ??
    refuse(
      `${field}.${rope.rope_type === undefined ? 'type' : 'rope_type'}`,
      kind,
      'this way to scale positions is not supported',
    );
  for (const [key, value] of Object.entries(rope)) {
    if (always.includes(key) || known.includes(key) || isNothing(value)) continue;
    if (kind === 'default' && key !== trainedContext && value !== 1)
      refuse(`${field}.${key}`, value, 'no rope_type says what to do with it');
    notes.push(`${field}.${key} is ${shown(value)}: positions of type ${String(kind)} do not read it.`);
  }
  const above0 = (name: string, value: unknown, most: number): number =>
    typeof value === 'number' && value > 0 && value <= most
      ? value
      : refuse(name, value, `it must be a number above 0 and at most ${most}`);
  /** From the dictionary or from outside of it. */
  const positive = (key: string, most: number, otherwise?: number, outside?: string): number =>
    above0(
      rope[key] === undefined && outside !== undefined ? outside : `${field}.${key}`,
      rope[key] ?? otherwise,
      most,
    );
  // a top-level field wins, as in transformers (Phi-3 and relatives keep it there); without any, what the model reads
  // at most
  const originalContext = (): number => {
    const outside = json[trainedContext];
    if (outside !== undefined && outside !== null) return above0(trainedContext, outside, 1e9);
    return positive(trainedContext, 1e9, Number(json.max_position_embeddings), 'max_position_embeddings');
  };
  return {
    theta: positive('rope_theta', 1e15, fallback.theta, fallback.thetaField),
    part: positive('partial_rotary_factor', 1, fallback.part, fallback.partField),
    scaling: scalingOf(kind, rope, {
      positive: (key) => positive(key, 1e9),
      originalContext,
      refuse: (key, value, why) => refuse(`${field}.${key}`, value, why),
    }),
  };
}

/** Whether two dictionaries that may both be there say different things under one key. */
const disagree = (a: Fields, b: unknown): boolean =>
  !isNothing(b) &&
  Object.entries(b as Fields).some(
    ([key, value]) => Object.hasOwn(a, key) && JSON.stringify(a[key]) !== JSON.stringify(value),
  );

interface Reading {
  readonly positive: (key: string) => number;
  readonly originalContext: () => number;
  readonly refuse: Refuse;
}

function scalingOf(kind: unknown, rope: Fields, { positive, originalContext, refuse }: Reading): RopeScaling | null {
  if (kind === 'linear') return { kind, factor: positive('factor') };
  if (kind === 'llama3') {
    const [low, high] = [positive('low_freq_factor'), positive('high_freq_factor')];
    if (high <= low) refuse('high_freq_factor', high, `it must be above low_freq_factor, ${low}`);
    return {
      kind,
      factor: positive('factor'),
      lowFrequencyFactor: low,
      highFrequencyFactor: high,
      originalContext: originalContext(),
    };
  }
  if (kind !== 'longrope') return null;
  const { short_factor: factors, long_factor: long, attention_factor: attention } = rope;
  // what an export writes for factors of a GGUF file that no other type can say: one list for every length, attention
  // as it is
  if (attention !== 1 || JSON.stringify(factors) !== JSON.stringify(long))
    refuse('rope_type', kind, 'factors that change with the length of a text are not supported');
  if (!Array.isArray(factors) || !factors.every((f): f is number => typeof f === 'number' && f > 0))
    return refuse('short_factor', factors, 'it must be a list of numbers above 0');
  return { kind: 'factors', factors };
}
