import type { GraphBuilder, Value } from '../../graph/types';
import type { LayerInputs } from '../family';
import { gelu, geluTanh, layerNorm } from '../shared/layers';
import { rotatedHeads } from '../shared/rope';
import type { NeoxOwn } from './config';

// M = B * T rows of the residual stream, T tokens, H heads, d head dim

export function layer(
  g: GraphBuilder,
  x: Value,
  { config, rows, rotary, weight, linears, attend }: LayerInputs<NeoxOwn>,
): Value {
  const linear = (y: Value, module: string): Value => linears(y, [module])[0]!;
  const { heads, headDim } = config;
  const tokens = x.shape[0]! / rows;
  const norm = (y: Value, name: string): Value =>
    layerNorm(g, y, weight(`${name}.weight`), weight(`${name}.bias`), config.normEpsilon);
  // query, key and value of a head stand side by side: [M, H, 3, d]
  const qkv = g.reshape(linear(norm(x, 'input_layernorm'), 'attention.query_key_value'), [
    rows,
    tokens,
    heads,
    3 * headDim,
  ]);
  const [q, k, v] = g.split(qkv, [headDim, headDim, headDim], 3) as [Value, Value, Value]; // [B, T, H, d]
  const mixed = attend(
    rotatedHeads(g, q, heads, rotary.query),
    rotatedHeads(g, k, heads, rotary.key),
    g.transpose(v, [0, 2, 1, 3]),
  );
  const attended = linear(mixed, 'attention.dense');
  const activation = config.own.activation === 'gelu_tanh' ? geluTanh : gelu;
  const feedForward = (y: Value): Value =>
    linear(activation(g, linear(norm(y, 'post_attention_layernorm'), 'mlp.dense_h_to_4h')), 'mlp.dense_4h_to_h');
  if (config.own.parallelResidual) return g.add(g.add(x, attended), feedForward(x));
  const afterAttention = g.add(x, attended);
  return g.add(afterAttention, feedForward(afterAttention));
}
