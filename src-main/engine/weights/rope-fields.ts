import { throwFailure } from '../../shared/result';
import type { RopeScaling } from '../models/types';
import { isNothing, shown, type Fields } from './fields';

/** What `rope_scaling` (transformers 4) or `rope_parameters` (5) says. */
export interface Rope {
  readonly theta: number;
  /** Which part of a head's numbers is rotated. */
  readonly part: number;
  readonly scaling: RopeScaling | null;
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
const refuser = (where: string): Refuse => (field, value, why) =>
  throwFailure('bad-model', `${where}: field ${field} is ${shown(value)}: ${why}.`, 'Supported: plain rotary positions, and the scalings linear and llama3.', { file: where, field });

/** Throws AppFailure('bad-model') for what is not honoured; keys that transformers does not read for a type are told in `notes`. */
export function readRope(json: Fields, where: string, fallback: RopeFallback, notes: string[]): Rope {
  const refuse = refuser(where);
  const field = isNothing(json.rope_parameters) ? 'rope_scaling' : 'rope_parameters';
  const given = isNothing(json[field]) ? {} : json[field];
  if (typeof given !== 'object' || Array.isArray(given)) return refuse(field, given, 'it must be an object');
  const rope = given as Fields;
  if (field === 'rope_parameters' && disagree(rope, json.rope_scaling)) refuse('rope_scaling', json.rope_scaling, 'rope_parameters says something else');
  for (const [key, value] of Object.entries(rope))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) refuse(`${field}.${key}`, value, 'positions of their own for some layers are not supported');
  const kind = rope.rope_type ?? rope.type ?? 'default';
  const known = keysOf.get(kind) ?? refuse(`${field}.${rope.rope_type === undefined ? 'type' : 'rope_type'}`, kind, 'this way to scale positions is not supported');
  for (const [key, value] of Object.entries(rope)) {
    if (always.includes(key) || known.includes(key) || isNothing(value)) continue;
    if (kind === 'default' && key !== trainedContext && value !== 1) refuse(`${field}.${key}`, value, 'no rope_type says what to do with it');
    notes.push(`${field}.${key} is ${shown(value)}: positions of type ${String(kind)} do not read it.`);
  }
  /** Above 0, from the dictionary or from outside of it. */
  const positive = (key: string, most: number, otherwise?: number, outside?: string): number => {
    const value = rope[key] ?? otherwise;
    const name = rope[key] === undefined && outside !== undefined ? outside : `${field}.${key}`;
    return typeof value === 'number' && value > 0 && value <= most ? value : refuse(name, value, `it must be a number above 0 and at most ${most}`);
  };
  return {
    theta: positive('rope_theta', 1e15, fallback.theta, fallback.thetaField),
    part: positive('partial_rotary_factor', 1, fallback.part, fallback.partField),
    scaling: scalingOf(kind, rope, json, (key, otherwise, outside) => positive(key, 1e9, otherwise, outside), (key, value, why) => refuse(`${field}.${key}`, value, why)),
  };
}

/** Whether two dictionaries that may both be there say different things under one key. */
const disagree = (a: Fields, b: unknown): boolean =>
  !isNothing(b) && Object.entries(b as Fields).some(([key, value]) => Object.hasOwn(a, key) && JSON.stringify(a[key]) !== JSON.stringify(value));

function scalingOf(kind: unknown, rope: Fields, json: Fields, positive: (key: string, otherwise?: number, outside?: string) => number, refuse: Refuse): RopeScaling | null {
  if (kind === 'linear') return { kind, factor: positive('factor') };
  if (kind === 'llama3') {
    // a top-level field wins, as in transformers (Phi-3 and relatives keep it there)
    const outside = json[trainedContext];
    const originalContext = typeof outside === 'number' ? outside : positive(trainedContext, Number(json.max_position_embeddings), 'max_position_embeddings');
    const scaling = { kind, factor: positive('factor'), lowFrequencyFactor: positive('low_freq_factor'), highFrequencyFactor: positive('high_freq_factor'), originalContext } as const;
    if (scaling.highFrequencyFactor <= scaling.lowFrequencyFactor) refuse('high_freq_factor', scaling.highFrequencyFactor, `it must be above low_freq_factor, ${scaling.lowFrequencyFactor}`);
    return scaling;
  }
  if (kind !== 'longrope') return null;
  const { short_factor: factors, long_factor: long, attention_factor: attention } = rope;
  // what an export writes for factors of a GGUF file that no other type can say: one list for every length, attention as it is
  if (attention !== 1 || JSON.stringify(factors) !== JSON.stringify(long)) refuse('rope_type', kind, 'factors that change with the length of a text are not supported');
  if (!Array.isArray(factors) || !factors.every((f): f is number => typeof f === 'number' && f > 0)) return refuse('short_factor', factors, 'it must be a list of numbers above 0');
  return { kind: 'factors', factors };
}
