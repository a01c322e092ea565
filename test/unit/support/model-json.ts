import { AppFailure } from '../../../src-main/shared/result';

/** config.json of small models, as transformers writes it. */
export const llamaJson = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 32,
  hidden_size: 24,
  intermediate_size: 40,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 6,
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: true,
  hidden_act: 'silu',
} as const;

export const neoxJson = {
  architectures: ['GPTNeoXForCausalLM'],
  model_type: 'gpt_neox',
  vocab_size: 32,
  hidden_size: 32,
  intermediate_size: 40,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  max_position_embeddings: 128,
  layer_norm_eps: 1e-5,
  rotary_pct: 0.25,
  rotary_emb_base: 10000,
  hidden_act: 'gelu',
} as const;

/** What reading refuses: the field (or key, tensor, module) it names, and its words. */
export interface Refused {
  readonly code: string;
  readonly message: string;
  readonly named: unknown;
}

function refusedBy(thrown: unknown): Refused {
  if (!(thrown instanceof AppFailure)) throw thrown;
  const { code, message, details = {} } = thrown.error;
  const { field, key, tensor, module, pattern, shard } = details as Readonly<Record<string, unknown>>;
  return { code, message, named: field ?? key ?? tensor ?? module ?? pattern ?? shard };
}

/** Fails where nothing is refused. */
export async function refusalOf(read: () => unknown): Promise<Refused> {
  try {
    await read();
  } catch (thrown) {
    return refusedBy(thrown);
  }
  throw new Error('nothing was refused');
}
