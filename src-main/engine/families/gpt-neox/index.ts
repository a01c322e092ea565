import type { Family } from '../family';
import { layerNorm } from '../shared/layers';
import { configRules, readConfig, type NeoxOwn } from './config';
import { layer } from './layer';
import { embedding, finalNormName, headName, layerPrefix, weights } from './weights';

/** GPT-NeoX and Pythia (Black et al. 2022, arXiv 2204.06745; transformers `modeling_gpt_neox.py`). */
export const gptNeox: Family<'gpt_neox', NeoxOwn> = {
  id: 'gpt_neox',
  name: 'GPT-NeoX family',
  architecture: 'GPTNeoXForCausalLM',
  models: 'Pythia',
  configRules,
  readConfig,
  gguf: null,
  weights,
  computedTensors: /\.(rotary_emb\.inv_freq|attention\.bias|attention\.masked_bias)$/,
  embedding,
  headName,
  adapterTargets: { attention: ['query_key_value', 'dense'], mlp: ['dense_h_to_4h', 'dense_4h_to_h'] },
  layerPrefix,
  layerKind: () => 'layer',
  layer,
  finalNorm: (g, x, config, weight) =>
    layerNorm(g, x, weight(`${finalNormName}.weight`), weight(`${finalNormName}.bias`), config.normEpsilon),
};
