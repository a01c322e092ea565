import { z } from 'zod';
import { throwFailure } from '../../shared/result';
import { families, type ModelConfig } from '../families/registry';
import { badField, type ConfigSource } from '../families/shared/config-fields';
import { judgeFields, shown, type Fields } from '../families/shared/fields';

export interface ReadConfig {
  readonly config: ModelConfig;
  /** What the file says that has no effect here, for a person to know. */
  readonly notes: readonly string[];
}

const supported = `Supported: ${families.map(({ architecture, models }) => `${architecture} (${models})`).join(' and ')}.`;

/** Reads a parsed config.json. Throws AppFailure('bad-model') that names the architecture or the field. */
export function parseModelConfig(
  json: unknown,
  where: string,
  called: ConfigSource['called'] = (field) => field,
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
  const byType = families.find(({ id }) => id === modelType)?.architecture;
  const architecture =
    architectures?.[0] ??
    byType ??
    modelType ??
    throwFailure('bad-model', `${where} names no architecture (architectures, model_type).`, supported, {
      file: where,
      field: 'architectures',
    });
  const family =
    families.find((one) => one.architecture === architecture) ??
    throwFailure('bad-model', `${where} describes a ${architecture}, which is not supported.`, supported, {
      file: where,
      architecture,
    });
  // transformers chooses the code by model_type
  if (modelType && modelType !== family.id)
    throwFailure(
      'bad-model',
      `${where}: field model_type is ${shown(modelType)}, but architectures says ${architecture}.`,
      supported,
      { file: where, field: 'model_type' },
    );
  const notes: string[] = [];
  const source = { where, called, notes };
  // a family's own reading and its id belong together, which the list of all of them cannot say
  const config = { ...family.readConfig(base.data, source), family: family.id } as ModelConfig;
  const verdict = judgeFields(rest, family.configRules);
  const refused = verdict.refused[0];
  if (refused)
    throwFailure(
      'bad-model',
      `${where}: field ${called(refused.name)} is ${shown(refused.value)}: it asks for ${refused.asks}, which is ` +
        'not supported.',
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

/** Special tokens must be rows of the embedding; old Llama files mark “no padding token” by −1. */
function checkTokenIds(json: Fields, vocabulary: number, { where, called, notes }: ConfigSource): void {
  for (const field of ['bos_token_id', 'eos_token_id', 'pad_token_id']) {
    const value = json[field] ?? [];
    const ids: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (field === 'pad_token_id' && value === -1) notes.push(`${field} is -1: there is no padding token.`);
    else if (!ids.every((id) => typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < vocabulary))
      badField(where, called(field), value, `token ids go from 0 to ${vocabulary - 1} (vocab_size)`);
  }
}
