import { linearSpecs, vocabularySpec } from '../shared/linear-specs';
import type { WeightSpec } from '../types';
import type { LlamaConfig } from './config';

export const embedding = 'model.embed_tokens.weight';
export const layerPrefix = (layer: number): string => `model.layers.${layer}.`;
export const headName = (config: LlamaConfig): string => (config.tiedHead ? embedding : 'lm_head.weight');

export const weights = (config: LlamaConfig): readonly WeightSpec[] => [
  vocabularySpec(embedding, 'embedding', config),
  ...Array.from({ length: config.layers }, (_, layer) => layerWeights(config, layer)).flat(),
  { name: 'model.norm.weight', shape: [config.width], role: 'norm', layer: null, module: null },
  ...(config.tiedHead ? [] : [vocabularySpec(headName(config), 'head', config)]),
];

function layerWeights(config: LlamaConfig, layer: number): readonly WeightSpec[] {
  const { width, heads, kvHeads, headDim, ffWidth } = config;
  const prefix = layerPrefix(layer);
  const linear = (path: string, out: number, input: number, bias: boolean): readonly WeightSpec[] =>
    linearSpecs(prefix, layer, path, out, input, bias);
  return [
    { name: `${prefix}input_layernorm.weight`, shape: [width], role: 'norm', layer, module: null },
    ...linear('self_attn.q_proj', heads * headDim, width, config.own.attentionBias),
    ...linear('self_attn.k_proj', kvHeads * headDim, width, config.own.attentionBias),
    ...linear('self_attn.v_proj', kvHeads * headDim, width, config.own.attentionBias),
    ...linear('self_attn.o_proj', width, heads * headDim, config.own.attentionBias),
    { name: `${prefix}post_attention_layernorm.weight`, shape: [width], role: 'norm', layer, module: null },
    ...linear('mlp.gate_proj', ffWidth, width, config.own.mlpBias),
    ...linear('mlp.up_proj', ffWidth, width, config.own.mlpBias),
    ...linear('mlp.down_proj', width, ffWidth, config.own.mlpBias),
  ];
}
