import type { Value } from '../graph/types';
import type { Family } from './family';
import { linearSpecs } from './layer-specs';
import { gelu, geluTanh, layerNorm } from './layers';
import { rotatedHeads } from './rope';
import type { ModelConfig, WeightSpec } from './types';

/** GPT-NeoX and Pythia (Black et al. 2022, arXiv 2204.06745; transformers `modeling_gpt_neox.py`). */
export const gptNeox: Family = {
  id: 'gpt_neox',
  embedding: 'gpt_neox.embed_in.weight',
  layerPrefix: (layer) => `gpt_neox.layers.${layer}.`,
  headName: (config) => (config.tiedHead ? 'gpt_neox.embed_in.weight' : 'embed_out.weight'),

  weights: (config) => [
    {
      name: 'gpt_neox.embed_in.weight',
      shape: [config.vocabulary, config.width],
      role: 'embedding',
      layer: null,
      module: null,
    },
    ...Array.from({ length: config.layers }, (_, layer) => layerWeights(config, layer)).flat(),
    ...normSpecs('gpt_neox.final_layer_norm', config.width, null),
    ...(config.tiedHead
      ? []
      : [
          {
            name: 'embed_out.weight',
            shape: [config.vocabulary, config.width],
            role: 'head',
            layer: null,
            module: null,
          } as const,
        ]),
  ],

  layer: (g, x, { config, rows, rotary, weight, linears, attend }) => {
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
    const activation = config.activation === 'gelu_tanh' ? geluTanh : gelu;
    const feedForward = (y: Value): Value =>
      linear(activation(g, linear(norm(y, 'post_attention_layernorm'), 'mlp.dense_h_to_4h')), 'mlp.dense_4h_to_h');
    if (config.parallelResidual) return g.add(g.add(x, attended), feedForward(x));
    const afterAttention = g.add(x, attended);
    return g.add(afterAttention, feedForward(afterAttention));
  },

  finalNorm: (g, x, config, weight) =>
    layerNorm(
      g,
      x,
      weight('gpt_neox.final_layer_norm.weight'),
      weight('gpt_neox.final_layer_norm.bias'),
      config.normEpsilon,
    ),
};

const normSpecs = (name: string, width: number, layer: number | null): readonly WeightSpec[] => [
  { name: `${name}.weight`, shape: [width], role: 'norm', layer, module: null },
  { name: `${name}.bias`, shape: [width], role: 'norm', layer, module: null },
];

function layerWeights(config: ModelConfig, layer: number): readonly WeightSpec[] {
  const { width, ffWidth } = config;
  const prefix = gptNeox.layerPrefix(layer);
  return [
    ...normSpecs(`${prefix}input_layernorm`, width, layer),
    ...normSpecs(`${prefix}post_attention_layernorm`, width, layer),
    ...linearSpecs(prefix, layer, 'attention.query_key_value', 3 * width, width, config.attentionBias),
    ...linearSpecs(prefix, layer, 'attention.dense', width, width, config.attentionBias),
    ...linearSpecs(prefix, layer, 'mlp.dense_h_to_4h', ffWidth, width, true),
    ...linearSpecs(prefix, layer, 'mlp.dense_4h_to_h', width, ffWidth, true),
  ];
}
