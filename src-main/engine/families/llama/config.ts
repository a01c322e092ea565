import { z } from 'zod';
import { harmless, honoured, isOne, noted, refused } from '../shared/config-rules';
import {
  anyNumber,
  badField,
  commonFields,
  commonShape,
  epsilon,
  evenHeads,
  flag,
  heads,
  readFields,
  rotary,
  whole,
  type ConfigSource,
} from '../shared/config-fields';
import { refusalUnless, type FieldRules, type Fields } from '../shared/fields';
import type { FamilyConfig } from '../types';

export interface LlamaOwn {
  readonly attentionBias: boolean;
  readonly mlpBias: boolean;
}
export type LlamaConfig = FamilyConfig<LlamaOwn>;

export const configRules: FieldRules = {
  honoured: [...honoured, 'rope_theta', 'num_key_value_heads', 'head_dim', 'rms_norm_eps', 'mlp_bias'],
  harmless,
  noted,
  refused: new Map([
    ...refused,
    ['partial_rotary_factor', refusalUnless('positions in a part of each head', isOne)],
    ['rotary_pct', refusalUnless('positions in a part of each head', isOne)],
  ]),
};

const llamaFields = z.looseObject({
  ...commonFields,
  num_key_value_heads: heads.nullish(),
  head_dim: whole(8192).nullish(),
  rms_norm_eps: epsilon(1e-6),
  rope_theta: anyNumber(10000),
  attention_bias: flag(false),
  mlp_bias: flag(false),
});
export function readConfig(json: Fields, source: ConfigSource): LlamaConfig {
  const c = readFields(llamaFields, json, source);
  const act = c.hidden_act ?? 'silu';
  if (act !== 'silu')
    badField(
      source.where,
      source.called('hidden_act'),
      act,
      'a Llama with this activation is not supported, only with silu',
    );
  const kvHeads = c.num_key_value_heads ?? c.num_attention_heads;
  if (c.num_attention_heads % kvHeads !== 0)
    badField(
      source.where,
      source.called('num_key_value_heads'),
      kvHeads,
      `the ${c.num_attention_heads} heads of num_attention_heads cannot share them evenly`,
    );
  const headDim = c.head_dim ?? evenHeads(c, source);
  if (headDim % 2 !== 0)
    badField(source.where, source.called('head_dim'), headDim, 'rotary positions need an even number');
  const rope = rotary(json, source, headDim, {
    theta: c.rope_theta,
    thetaField: source.called('rope_theta'),
    part: 1,
    partField: 'partial_rotary_factor',
  });
  if (rope.dims !== headDim)
    badField(
      source.where,
      'rope_parameters.partial_rotary_factor',
      rope.dims / headDim,
      'a Llama with positions in a part of each head is not supported',
    );
  return {
    ...commonShape(c, json),
    kvHeads,
    headDim,
    normEpsilon: c.rms_norm_eps,
    rope,
    own: { attentionBias: c.attention_bias, mlpBias: c.mlp_bias },
  };
}
