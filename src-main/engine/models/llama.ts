import type { Value } from '../graph/types';
import type { Family } from './family';
import { linearSpecs } from './layer-specs';
import { rmsNorm, splitHeads, swiglu } from './layers';
import { rotatedHeads } from './rope';
import type { ModelConfig, WeightSpec } from './types';

/** Llama 1 to 3 and its relatives (Touvron et al. 2023; transformers `modeling_llama.py`). */
export const llama: Family = {
  id: 'llama',
  embedding: 'model.embed_tokens.weight',
  layerPrefix: (layer) => `model.layers.${layer}.`,
  headName: (config) => (config.tiedHead ? 'model.embed_tokens.weight' : 'lm_head.weight'),

  weights: (config) => [
    {
      name: 'model.embed_tokens.weight',
      shape: [config.vocabulary, config.width],
      role: 'embedding',
      layer: null,
      module: null,
    },
    ...Array.from({ length: config.layers }, (_, layer) => layerWeights(config, layer)).flat(),
    { name: 'model.norm.weight', shape: [config.width], role: 'norm', layer: null, module: null },
    ...(config.tiedHead
      ? []
      : [
          {
            name: 'lm_head.weight',
            shape: [config.vocabulary, config.width],
            role: 'head',
            layer: null,
            module: null,
          } as const,
        ]),
  ],

  layer: (g, x, { config, rows, rotary, weight, linears, attend }) => {
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
  },

  finalNorm: (g, x, config, weight) => rmsNorm(g, x, weight('model.norm.weight'), config.normEpsilon),
};

function layerWeights(config: ModelConfig, layer: number): readonly WeightSpec[] {
  const { width, heads, kvHeads, headDim, ffWidth } = config;
  const prefix = llama.layerPrefix(layer);
  const linear = (path: string, out: number, input: number, bias: boolean): readonly WeightSpec[] =>
    linearSpecs(prefix, layer, path, out, input, bias);
  return [
    { name: `${prefix}input_layernorm.weight`, shape: [width], role: 'norm', layer, module: null },
    ...linear('self_attn.q_proj', heads * headDim, width, config.attentionBias),
    ...linear('self_attn.k_proj', kvHeads * headDim, width, config.attentionBias),
    ...linear('self_attn.v_proj', kvHeads * headDim, width, config.attentionBias),
    ...linear('self_attn.o_proj', width, heads * headDim, config.attentionBias),
    { name: `${prefix}post_attention_layernorm.weight`, shape: [width], role: 'norm', layer, module: null },
    ...linear('mlp.gate_proj', ffWidth, width, config.mlpBias),
    ...linear('mlp.up_proj', ffWidth, width, config.mlpBias),
    ...linear('mlp.down_proj', width, ffWidth, config.mlpBias),
  ];
}
