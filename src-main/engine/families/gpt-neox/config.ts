import { z } from 'zod';
import { harmless, honoured, noted, refused } from '../shared/config-rules';
import {
  anyNumber,
  badField,
  commonFields,
  commonShape,
  epsilon,
  evenHeads,
  flag,
  readFields,
  rotary,
  type ConfigSource,
} from '../shared/config-fields';
import { refusalUnless, type FieldRules, type Fields } from '../shared/fields';
import type { FamilyConfig } from '../types';

export interface NeoxOwn {
  readonly attentionBias: boolean;
  readonly parallelResidual: boolean;
  readonly activation: 'gelu' | 'gelu_tanh';
}
export type NeoxConfig = FamilyConfig<NeoxOwn>;

const neoxTheta = ({ rope_parameters: rope, rotary_emb_base: outside }: Fields): unknown =>
  (rope as Fields | null | undefined)?.rope_theta ?? outside ?? 10000;

export const configRules: FieldRules = {
  honoured: [...honoured, 'layer_norm_eps', 'rotary_pct', 'rotary_emb_base', 'use_parallel_residual'],
  harmless,
  noted,
  refused: new Map([
    ...refused,
    [
      'partial_rotary_factor',
      refusalUnless(
        'positions in another part of each head than rotary_pct',
        (value, json) => Number(value) === Number(json.rotary_pct ?? 0.25),
      ),
    ],
    // transformers 4 writes it beside rotary_emb_base, and no version reads it
    [
      'rope_theta',
      refusalUnless('another base of positions than rotary_emb_base', (value, json) => value === neoxTheta(json)),
    ],
    [
      'num_key_value_heads',
      refusalUnless('heads that share keys and values', (value, json) => value === json.num_attention_heads),
    ],
    [
      'head_dim',
      refusalUnless(
        'heads of another size than hidden_size / num_attention_heads',
        (value, json) => value === Number(json.hidden_size) / Number(json.num_attention_heads),
      ),
    ],
    ['mlp_bias', refusalUnless('a feed-forward without biases', (value) => value === true)],
  ]),
};

const neoxFields = z.looseObject({
  ...commonFields,
  layer_norm_eps: epsilon(1e-5),
  rotary_pct: anyNumber(0.25),
  rotary_emb_base: anyNumber(10000),
  use_parallel_residual: flag(true),
  attention_bias: flag(true),
});

const activations: ReadonlyMap<string, NeoxOwn['activation']> = new Map([
  ['gelu', 'gelu'],
  ['gelu_new', 'gelu_tanh'],
  ['gelu_pytorch_tanh', 'gelu_tanh'],
  ['gelu_fast', 'gelu_tanh'],
]);

export function readConfig(json: Fields, source: ConfigSource): NeoxConfig {
  const c = readFields(neoxFields, json, source);
  const headDim = evenHeads(c, source);
  const activation =
    activations.get(c.hidden_act ?? 'gelu') ??
    badField(
      source.where,
      'hidden_act',
      c.hidden_act,
      `a GPT-NeoX with this activation is not supported, only with ${[...activations.keys()].join(', ')}`,
    );
  return {
    ...commonShape(c, json),
    kvHeads: c.num_attention_heads,
    headDim,
    normEpsilon: c.layer_norm_eps,
    rope: rotary(json, source, headDim, {
      theta: c.rotary_emb_base,
      thetaField: 'rotary_emb_base',
      part: c.rotary_pct,
      partField: 'rotary_pct',
    }),
    own: { attentionBias: c.attention_bias, parallelResidual: c.use_parallel_residual, activation },
  };
}
