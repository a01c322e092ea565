import type { GraphBuilder, Value } from '../../graph/types';
import type { LayerInputs } from '../family';
import { rmsNorm, splitHeads, swiglu } from '../shared/layers';
import { rotatedHeads } from '../shared/rope';
import type { LlamaOwn } from './config';

// M = B * T rows of the residual stream, H heads, K key-value heads, d head dim

export function layer(
  g: GraphBuilder,
  x: Value,
  { config, rows, rotary, weight, linears, attend }: LayerInputs<LlamaOwn>,
): Value {
  const norm = (y: Value, name: string): Value => rmsNorm(g, y, weight(`${name}.weight`), config.normEpsilon);
  const { heads, kvHeads } = config;
  const projected = linears(norm(x, 'input_layernorm'), ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj']);
  const [q, k, v] = projected as [Value, Value, Value]; // [M, H d], [M, K d] twice
  const mixed = attend(
    rotatedHeads(g, q, heads, rotary.query),
    rotatedHeads(g, k, kvHeads, rotary.key),
    splitHeads(g, v, rows, kvHeads),
  ); // [M, H d]
  const afterAttention = g.add(x, linears(mixed, ['self_attn.o_proj'])[0]!);
  const [gate, up] = linears(norm(afterAttention, 'post_attention_layernorm'), ['mlp.gate_proj', 'mlp.up_proj']) as [
    Value,
    Value,
  ];
  return g.add(afterAttention, linears(swiglu(g, gate, up), ['mlp.down_proj'])[0]!);
}
