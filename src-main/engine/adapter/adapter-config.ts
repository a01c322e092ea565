import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { throwFailure } from '../../shared/result';
import type { LoraSize } from '../model/lora-plan';
import { naming, withDeadline } from '../tokenizer/deadline';
import {
  isNothing,
  judgeFields,
  refusal,
  refusalUnless,
  shown,
  type FieldRules,
  type Fields,
} from '../families/shared/fields';

/** What an adapter_config.json of PEFT says, as peft 0.21 reads it. */
export interface AdapterConfig extends LoraSize {
  readonly rankStabilized: boolean;
  /** Rank and alpha of a module by the patterns. */
  loraSizeOf(module: string): LoraSize;
  /** Whether the configuration adapts a module, by its name in the model. */
  targets(module: string): boolean;
  readonly notes: readonly string[];
}

const rules: FieldRules = {
  honoured: [
    'peft_type',
    'r',
    'lora_alpha',
    'use_rslora',
    'rank_pattern',
    'alpha_pattern',
    'target_modules',
    'exclude_modules',
    'layers_to_transform',
    'layers_pattern',
  ],
  // where it came from, what it was made for, and options of features that are refused when they are on
  harmless: [
    'base_model_name_or_path',
    'revision',
    'peft_version',
    'inference_mode',
    'auto_mapping',
    'megatron_core',
    'qalora_group_size',
    'ensure_weight_tying',
    'runtime_config',
    'task_type',
  ],
  noted: new Map([
    ['lora_dropout', 'training here goes without dropout, as TRL’s default does.'],
    ['fan_in_fan_out', 'linear layers of this model are stored the usual way; peft ignores it for them too.'],
  ]),
  refused: new Map([
    [
      'init_lora_weights',
      refusalUnless(
        'a start that changes the base model’s weights',
        (value) => typeof value === 'boolean' || value === 'gaussian' || value === 'orthogonal',
      ),
    ],
    ['use_dora', refusal('DoRA')],
    ['use_qalora', refusal('QA-LoRA')],
    ['use_bdlora', refusal('block-diagonal LoRA')],
    ['bias', refusal('trained biases', 'none')],
    ['lora_bias', refusal('biases of the adapter')],
    ['modules_to_save', refusal('modules that are trained whole')],
    ['trainable_token_indices', refusal('trained embeddings')],
    ['target_parameters', refusal('adapters of single parameters')],
    ['layer_replication', refusal('layers that are used more than once')],
    ['alora_invocation_tokens', refusal('an adapter that begins at certain tokens')],
    ['loftq_config', refusal('a start that changes the base model’s weights (LoftQ)')],
    ['corda_config', refusal('a start that changes the base model’s weights (CorDA)')],
    ['eva_config', refusal('a start from data (EVA)')],
    ['lora_ga_config', refusal('a start that changes the base model’s weights (LoRA-GA)')],
    ['megatron_config', refusal('layers of Megatron')],
    ...['arrow_config', 'kasa_config', 'monteclora_config', 'velora_config'].map(
      (name) => [name, refusal('another kind of adapter')] as const,
    ),
  ]),
};

const sizePattern = (value: z.ZodNumber) =>
  z
    .record(z.string(), value)
    .nullish()
    .transform((pattern) => Object.entries(pattern ?? {}));
const alpha = z.number().positive().max(1e6); // wider than any adapter's: a damaged number
const names = z.union([z.string(), z.array(z.string())]).nullish();
const schema = z.object({
  peft_type: z.string(),
  r: z.int().positive(),
  lora_alpha: alpha,
  use_rslora: z.boolean().nullish(),
  rank_pattern: sizePattern(z.int().positive()),
  alpha_pattern: sizePattern(alpha),
  target_modules: names,
  exclude_modules: names,
  layers_to_transform: z.union([z.int(), z.array(z.int())]).nullish(),
  layers_pattern: names,
});

export async function readAdapterConfig(folder: string): Promise<AdapterConfig> {
  const where = join(folder, 'adapter_config.json');
  const text = await readFile(where, 'utf8').catch(() =>
    throwFailure('bad-model', `${folder} has no adapter_config.json.`, 'Choose the folder of a PEFT adapter.', {
      folder,
    }),
  );
  const json = asJson(text);
  if (json.peft_type !== 'LORA')
    throwFailure(
      'bad-model',
      `${where} does not describe a LoRA adapter: peft_type is ${shown(json.peft_type)}.`,
      'Choose a LoRA adapter made by PEFT.',
      { folder },
    );
  const { refused, unknown, notes } = judgeFields(json, rules);
  for (const { name, value, asks } of refused) {
    throwFailure(
      'unsupported',
      `The adapter ${folder} has ${name} ${shown(value)}: it asks for ${asks}, which is not supported.`,
      'Choose a plain LoRA adapter, or merge this one into its model with peft.',
      { folder, field: name },
    );
  }
  for (const { name, value } of unknown) {
    throwFailure(
      'unsupported',
      `The adapter ${folder} has ${name} ${shown(value)}: this field is not known here and may change what the ` +
        'adapter computes.',
      'If it is without effect, take it out of adapter_config.json; else merge the adapter with peft.',
      { folder, field: name },
    );
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throwFailure(
      'bad-model',
      `${where}: field ${path.join('.')}: ${message}.`,
      'The file may be damaged; copy the adapter again.',
      { folder, field: path.join('.') },
    );
  }
  return configOf(parsed.data!, where, notes);
}

function configOf(c: z.infer<typeof schema>, where: string, notes: readonly string[]): AdapterConfig {
  const matcher = matching(where);
  const firstOf = (pattern: readonly (readonly [string, number])[], module: string, otherwise: number): number =>
    pattern.find(([key]) => matcher(`^(.*\\.)?(${key})$`, key, module))?.[1] ?? otherwise;
  const listed = (list: readonly string[], module: string): boolean =>
    list.some((name) => module === name || module.endsWith(`.${name}`));
  const layers =
    c.layers_to_transform === null || c.layers_to_transform === undefined ? [] : [c.layers_to_transform].flat();
  const layerPatterns = isNothing(c.layers_pattern) ? null : [c.layers_pattern!].flat();
  const inLayers = (module: string): boolean => {
    if (layers.length === 0) return true;
    const patterns = layerPatterns?.map((pattern) => [`^(?:|.*?\\.)${pattern}\\.(\\d+)\\.`, pattern] as const) ?? [
      ['^.*?\\.[^.]*\\.(\\d+)\\.', ''] as const,
    ];
    const found = patterns.flatMap(([regex, key]) => matcher(regex, key, module)?.[1] ?? [])[0];
    return found !== undefined && layers.includes(Number(found));
  };
  return {
    rank: c.r,
    alpha: c.lora_alpha,
    rankStabilized: c.use_rslora ?? false,
    notes,
    loraSizeOf: (module) => ({
      rank: firstOf(c.rank_pattern, module, c.r),
      alpha: firstOf(c.alpha_pattern, module, c.lora_alpha),
    }),
    targets: (module) => {
      const { target_modules: target, exclude_modules: excluded } = c;
      if (
        typeof excluded === 'string' ? matcher(`^(?:${excluded})$`, excluded, module) : listed(excluded ?? [], module)
      )
        return false;
      if (typeof target === 'string')
        return target === 'all-linear' || matcher(`^(?:${target})$`, target, module) !== null;
      return (target === null || target === undefined || listed(target, module)) && inLayers(module);
    },
  };
}

/**
 * Patterns are regular expressions of Python; what JavaScript reads otherwise is refused, and one that never ends is
 * ended.
 */
function matching(where: string): (regex: string, key: string, text: string) => RegExpExecArray | null {
  const compiled = new Map<string, RegExp>();
  const compile = (regex: string, key: string): RegExp => {
    const refuse = (): never =>
      throwFailure(
        'unsupported',
        `${where}: the pattern ${shown(key)} is not supported.`,
        'Write the modules’ names out in adapter_config.json.',
        { file: where, pattern: key },
      );
    if (/\\[AZ]|\(\?[P#(a-zA-Z-]/.test(key)) refuse();
    try {
      return new RegExp(regex);
    } catch {
      return refuse();
    }
  };
  return (regex, key, text) => {
    const known = compiled.get(regex) ?? compile(regex, key);
    compiled.set(regex, known);
    return naming(`The pattern ${shown(key)}`, where, () => withDeadline(() => known.exec(text)));
  };
}

function asJson(text: string): Fields {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    return {};
  }
}
