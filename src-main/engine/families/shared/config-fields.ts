import { z } from 'zod';
import { throwFailure } from '../../../shared/result';
import type { ModelShape } from '../types';
import { shown, type Fields } from './fields';
import { readRope, type RopeFallback, type RopeSource } from './rope-fields';

/** Which file a configuration comes from; GGUF has names of its own for its fields. */
export type ConfigSource = RopeSource;

/**
 * config.json of transformers 4 and 5. Ranges are wider than any model's, so that a damaged number is found before
 * anything is made of it.
 */
export const whole = (most: number) => {
  const error = `it must be a whole number from 1 to ${most.toLocaleString('en')}`;
  return z.int(error).min(1, error).max(most, error);
};
export const epsilon = (otherwise: number) => {
  const error = 'it must be a number from 0 to 1';
  return z.number(error).min(0, error).max(1, error).default(otherwise);
};
export const flag = (otherwise: boolean) => z.boolean('it must be true or false').default(otherwise);
export const anyNumber = (otherwise: number) => z.number('it must be a number').default(otherwise);
export const heads = whole(4096);
export const commonFields = {
  num_hidden_layers: whole(1000),
  hidden_size: whole(1 << 17),
  num_attention_heads: heads,
  intermediate_size: whole(1 << 20),
  vocab_size: whole(1 << 22),
  max_position_embeddings: whole(1e9),
  tie_word_embeddings: flag(false),
  hidden_act: z.string('it must be a text').optional(),
};
export function readFields<T>(schema: z.ZodType<T>, json: Fields, { where, called }: ConfigSource): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const field = path.join('.');
  return badField(
    where,
    called(field),
    path.reduce<unknown>((value, key) => (value as Fields)[String(key)], json),
    message,
  );
}

export const badField = (where: string, field: string, value: unknown, why: string): never =>
  throwFailure(
    'bad-model',
    `${where}: field ${field} is ${shown(value)}: ${why}.`,
    'The file may be damaged or of an unusual model; compare it with the original.',
    { file: where, field },
  );

export function evenHeads(
  {
    hidden_size: width,
    num_attention_heads: count,
  }: { readonly hidden_size: number; readonly num_attention_heads: number },
  { where, called }: ConfigSource,
): number {
  return width % count === 0
    ? width / count
    : badField(where, called('num_attention_heads'), count, `hidden_size, ${width}, is not a multiple of it`);
}

/** Rotary positions from `rope_parameters`, `rope_scaling` or what is outside of them. */
export function rotary(
  json: Fields,
  source: ConfigSource,
  headDim: number,
  fallback: RopeFallback,
): ModelShape['rope'] {
  const { theta, part, scaling } = readRope(json, source, fallback);
  const { where } = source;
  const dims = Math.floor(headDim * part);
  if (dims < 2 || dims % 2 !== 0)
    badField(
      where,
      fallback.partField,
      part,
      `it rotates ${dims} of a head’s ${headDim} numbers; it must be an even number, at least 2`,
    );
  if (scaling?.kind === 'factors' && scaling.factors.length !== dims / 2)
    badField(where, 'rope_parameters.short_factor', scaling.factors, `it must hold ${dims / 2} numbers`);
  return { theta, dims, scaling };
}

/** What all families read alike. */
export const commonShape = (
  c: z.infer<z.ZodObject<typeof commonFields>>,
  json: Fields,
): Pick<
  ModelShape,
  'layers' | 'width' | 'heads' | 'ffWidth' | 'vocabulary' | 'contextLength' | 'tiedHead' | 'huggingFace'
> => ({
  layers: c.num_hidden_layers,
  width: c.hidden_size,
  heads: c.num_attention_heads,
  ffWidth: c.intermediate_size,
  vocabulary: c.vocab_size,
  contextLength: c.max_position_embeddings,
  tiedHead: c.tie_word_embeddings,
  huggingFace: json,
});
