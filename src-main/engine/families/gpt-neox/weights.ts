import { linearSpecs, vocabularySpec } from '../shared/linear-specs';
import type { WeightSpec } from '../types';
import type { NeoxConfig } from './config';

export const embedding = 'gpt_neox.embed_in.weight';
export const finalNormName = 'gpt_neox.final_layer_norm';
export const layerPrefix = (layer: number): string => `gpt_neox.layers.${layer}.`;
export const headName = (config: NeoxConfig): string => (config.tiedHead ? embedding : 'embed_out.weight');

export const weights = (config: NeoxConfig): readonly WeightSpec[] => [
  vocabularySpec(embedding, 'embedding', config),
  ...Array.from({ length: config.layers }, (_, layer) => layerWeights(config, layer)).flat(),
  ...normSpecs(finalNormName, config.width, null),
  ...(config.tiedHead ? [] : [vocabularySpec(headName(config), 'head', config)]),
];

const normSpecs = (name: string, width: number, layer: number | null): readonly WeightSpec[] => [
  { name: `${name}.weight`, shape: [width], role: 'norm', layer, module: null },
  { name: `${name}.bias`, shape: [width], role: 'norm', layer, module: null },
];

function layerWeights(config: NeoxConfig, layer: number): readonly WeightSpec[] {
  const { width, ffWidth } = config;
  const prefix = layerPrefix(layer);
  return [
    ...normSpecs(`${prefix}input_layernorm`, width, layer),
    ...normSpecs(`${prefix}post_attention_layernorm`, width, layer),
    ...linearSpecs(prefix, layer, 'attention.query_key_value', 3 * width, width, config.own.attentionBias),
    ...linearSpecs(prefix, layer, 'attention.dense', width, width, config.own.attentionBias),
    ...linearSpecs(prefix, layer, 'mlp.dense_h_to_4h', ffWidth, width, true),
    ...linearSpecs(prefix, layer, 'mlp.dense_4h_to_h', width, ffWidth, true),
  ];
}
