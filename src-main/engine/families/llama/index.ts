import type { Family } from '../family';
import { rmsNorm } from '../shared/layers';
import { configRules, readConfig, type LlamaOwn } from './config';
import { gguf } from './gguf';
import { layer } from './layer';
import { embedding, headName, layerPrefix, weights } from './weights';

/** Llama 1 to 3 and its relatives (Touvron et al. 2023; transformers `modeling_llama.py`). */
export const llama: Family<'llama', LlamaOwn> = {
  id: 'llama',
  name: 'Llama family',
  architecture: 'LlamaForCausalLM',
  models: 'Llama 1 to 3, SmolLM2, TinyLlama, …',
  configRules,
  readConfig,
  gguf,
  weights,
  computedTensors: /\.rotary_emb\.inv_freq$/,
  embedding,
  headName,
  adapterTargets: {
    attention: ['q_proj', 'k_proj', 'v_proj', 'o_proj'],
    mlp: ['gate_proj', 'up_proj', 'down_proj'],
  },
  layerPrefix,
  layerKind: () => 'layer',
  layer,
  finalNorm: (g, x, config, weight) => rmsNorm(g, x, weight('model.norm.weight'), config.normEpsilon),
};
