import { z } from 'zod';
import { throwFailure } from '../../shared/result';
import type { ModelConfig } from '../models/types';
import { llamaRules, neoxRules } from './config-fields';
import { judgeFields, shown, type FieldRules, type Fields } from './fields';
import { readRope, type RopeFallback, type RopeSource } from './rope-fields';

export interface ReadConfig {
  readonly config: ModelConfig;
  /** What the file says that has no effect here, for a person to know. */
  readonly notes: readonly string[];
}

/** config.json of transformers 4 and 5. Ranges are wider than any model's, so that a damaged number is found before anything is made of it. */
const whole = (most: number) => {
  const error = `it must be a whole number from 1 to ${most.toLocaleString('en')}`;
  return z.int(error).min(1, error).max(most, error);
};
const epsilon = (otherwise: number) => {
  const error = 'it must be a number from 0 to 1';
  return z.number(error).min(0, error).max(1, error).default(otherwise);
};
const flag = (otherwise: boolean) => z.boolean('it must be true or false').default(otherwise);
const anyNumber = (otherwise: number) => z.number('it must be a number').default(otherwise);
const heads = whole(4096);
const common = {
  num_hidden_layers: whole(1000),
  hidden_size: whole(1 << 17),
  num_attention_heads: heads,
  intermediate_size: whole(1 << 20),
  vocab_size: whole(1 << 22),
  max_position_embeddings: whole(1e9),
  tie_word_embeddings: flag(false),
  hidden_act: z.string('it must be a text').optional(),
};
const llamaFields = z.looseObject({
  ...common,
  num_key_value_heads: heads.nullish(),
  head_dim: whole(8192).nullish(),
  rms_norm_eps: epsilon(1e-6),
  rope_theta: anyNumber(10000),
  attention_bias: flag(false),
  mlp_bias: flag(false),
});
const neoxFields = z.looseObject({
  ...common,
  layer_norm_eps: epsilon(1e-5),
  rotary_pct: anyNumber(0.25),
  rotary_emb_base: anyNumber(10000),
  use_parallel_residual: flag(true),
  attention_bias: flag(true),
});

const supported = 'Supported: LlamaForCausalLM (Llama 1 to 3, SmolLM2, TinyLlama, …) and GPTNeoXForCausalLM (Pythia).';
const families: ReadonlyMap<
  string,
  { readonly modelType: string; read(json: Fields, source: Source): ModelConfig; readonly rules: FieldRules }
> = new Map([
  ['LlamaForCausalLM', { modelType: 'llama', read: llama, rules: llamaRules }],
  ['GPTNeoXForCausalLM', { modelType: 'gpt_neox', read: gptNeox, rules: neoxRules }],
]);

/** GGUF has names of its own. */
type Source = RopeSource;

/** Reads a parsed config.json. Throws AppFailure('bad-model') that names the architecture or the field. */
export function parseModelConfig(
  json: unknown,
  where: string,
  called: Source['called'] = (field) => field,
): ReadConfig {
  const base = z
    .looseObject({ architectures: z.array(z.string()).nullish(), model_type: z.string().nullish() })
    .safeParse(json);
  if (!base.success)
    return throwFailure(
      'bad-model',
      `${where} is not a model configuration.`,
      'Choose the folder of a Hugging Face model.',
      { file: where },
    );
  const { architectures, model_type: modelType, ...rest } = base.data;
  const byType = [...families].find(([, { modelType: own }]) => own === modelType)?.[0];
  const architecture =
    architectures?.[0] ??
    byType ??
    modelType ??
    throwFailure('bad-model', `${where} names no architecture (architectures, model_type).`, supported, {
      file: where,
      field: 'architectures',
    });
  const family =
    families.get(architecture) ??
    throwFailure('bad-model', `${where} describes a ${architecture}, which is not supported.`, supported, {
      file: where,
      architecture,
    });
  // transformers chooses the code by model_type
  if (modelType && modelType !== family.modelType)
    throwFailure(
      'bad-model',
      `${where}: field model_type is ${shown(modelType)}, but architectures says ${architecture}.`,
      supported,
      { file: where, field: 'model_type' },
    );
  const notes: string[] = [];
  const source = { where, called, notes };
  const config = family.read(base.data, source);
  const verdict = judgeFields(rest, family.rules);
  const refused = verdict.refused[0];
  if (refused)
    throwFailure(
      'bad-model',
      `${where}: field ${called(refused.name)} is ${shown(refused.value)}: it asks for ${refused.asks}, which is not supported.`,
      'Choose a model without it.',
      { file: where, field: refused.name },
    );
  checkTokenIds(rest, config.vocabulary, source);
  // transformers does not read such fields either
  const unknown = verdict.unknown.map(
    ({ name, value }) => `${name} is ${shown(value)}: this field is not known here and has no effect.`,
  );
  return { config, notes: [...notes, ...verdict.notes, ...unknown] };
}

function read<T>(schema: z.ZodType<T>, json: Fields, { where, called }: Source): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const field = path.join('.');
  return badField(
    where,
    called(field),
    path.reduce<unknown>((value, key) => (value as Fields)[String(key)], json),
    message,
  );
}

const badField = (where: string, field: string, value: unknown, why: string): never =>
  throwFailure(
    'bad-model',
    `${where}: field ${field} is ${shown(value)}: ${why}.`,
    'The file may be damaged or of an unusual model; compare it with the original.',
    { file: where, field },
  );

function llama(json: Fields, source: Source): ModelConfig {
  const c = read(llamaFields, json, source);
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
    family: 'llama',
    layers: c.num_hidden_layers,
    width: c.hidden_size,
    heads: c.num_attention_heads,
    kvHeads,
    headDim,
    ffWidth: c.intermediate_size,
    vocabulary: c.vocab_size,
    contextLength: c.max_position_embeddings,
    normEpsilon: c.rms_norm_eps,
    tiedHead: c.tie_word_embeddings,
    rope,
    attentionBias: c.attention_bias,
    mlpBias: c.mlp_bias,
    parallelResidual: false,
    activation: 'silu',
    huggingFace: json,
  };
}

const activations: ReadonlyMap<string, ModelConfig['activation']> = new Map([
  ['gelu', 'gelu'],
  ['gelu_new', 'gelu_tanh'],
  ['gelu_pytorch_tanh', 'gelu_tanh'],
  ['gelu_fast', 'gelu_tanh'],
]);

function gptNeox(json: Fields, source: Source): ModelConfig {
  const c = read(neoxFields, json, source);
  const headDim = evenHeads(c, source);
  const activation =
    activations.get(c.hidden_act ?? 'gelu') ??
    badField(
      source.where,
      'hidden_act',
      c.hidden_act,
      `a GPT-NeoX with this activation is not supported, only with ${[...activations.keys()].join(', ')}`,
    );
  return {
    family: 'gpt_neox',
    layers: c.num_hidden_layers,
    width: c.hidden_size,
    heads: c.num_attention_heads,
    kvHeads: c.num_attention_heads,
    headDim,
    ffWidth: c.intermediate_size,
    vocabulary: c.vocab_size,
    contextLength: c.max_position_embeddings,
    normEpsilon: c.layer_norm_eps,
    tiedHead: c.tie_word_embeddings,
    rope: rotary(json, source, headDim, {
      theta: c.rotary_emb_base,
      thetaField: 'rotary_emb_base',
      part: c.rotary_pct,
      partField: 'rotary_pct',
    }),
    attentionBias: c.attention_bias,
    mlpBias: true,
    parallelResidual: c.use_parallel_residual,
    activation,
    huggingFace: json,
  };
}

function evenHeads(
  {
    hidden_size: width,
    num_attention_heads: count,
  }: { readonly hidden_size: number; readonly num_attention_heads: number },
  { where, called }: Source,
): number {
  return width % count === 0
    ? width / count
    : badField(where, called('num_attention_heads'), count, `hidden_size, ${width}, is not a multiple of it`);
}

function rotary(json: Fields, source: Source, headDim: number, fallback: RopeFallback): ModelConfig['rope'] {
  const { theta, part, scaling } = readRope(json, source, fallback);
  const { where } = source;
  const dims = Math.floor(headDim * part);
  if (dims < 2 || dims % 2 !== 0)
    badField(
      where,
      fallback.partField,
      part,
      `it rotates ${dims} of a head’s ${headDim} numbers; it must be an even number, at least 2`,
    );
  if (scaling?.kind === 'factors' && scaling.factors.length !== dims / 2)
    badField(where, 'rope_parameters.short_factor', scaling.factors, `it must hold ${dims / 2} numbers`);
  return { theta, dims, scaling };
}

/** Special tokens must be rows of the embedding; old Llama files mark “no padding token” by −1. */
function checkTokenIds(json: Fields, vocabulary: number, { where, called, notes }: Source): void {
  for (const field of ['bos_token_id', 'eos_token_id', 'pad_token_id']) {
    const value = json[field] ?? [];
    const ids: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (field === 'pad_token_id' && value === -1) notes.push(`${field} is -1: there is no padding token.`);
    else if (!ids.every((id) => typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < vocabulary))
      badField(where, called(field), value, `token ids go from 0 to ${vocabulary - 1} (vocab_size)`);
  }
}
