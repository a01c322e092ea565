import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { throwFailure } from '../../shared/result';
import type { Json, TokenizerFiles } from './types';

/** Templates by name, each in a file of its own. */
export const namedTemplates = 'additional_chat_templates';

/** The tokenizer's files of a Hugging Face folder, as transformers 5 finds them. */
export async function readTokenizerFolder(
  folder: string,
  modelEos: unknown,
  embeddings: number,
): Promise<TokenizerFiles> {
  const names = new Set(await readdir(folder));
  const file = (name: string): string => path.join(folder, name);
  const optional = async (name: string): Promise<Json> => (names.has(name) ? readJson(file(name)) : {});
  if (!names.has('tokenizer.json'))
    throwFailure(
      'bad-model',
      `${folder} has no tokenizer.json.`,
      'Copy tokenizer.json of the original model into the folder (transformers writes it with save_pretrained of ' +
        'a fast tokenizer).',
      { file: folder },
    );
  const templates = new Map<string, string>();
  const notes: string[] = [];
  if (names.has('chat_template.jinja')) templates.set('default', await readFile(file('chat_template.jinja'), 'utf8'));
  const more = names.has(namedTemplates) ? await readdir(file(namedTemplates)) : [];
  for (const name of more.filter((one) => one.endsWith('.jinja')).sort())
    templates.set(path.basename(name, '.jinja'), await readFile(path.join(folder, namedTemplates, name), 'utf8'));
  const config = await optional('tokenizer_config.json');
  if (templates.size === 0 && config.chat_template === undefined) {
    // of processors, where the tokenizer has none
    const { chat_template: older } = await optional('chat_template.json');
    if (typeof older === 'string') {
      templates.set('default', older);
      notes.push('The chat template is that of chat_template.json: the tokenizer has none of its own.');
    }
  }
  return {
    tokenizer: await readJson(file('tokenizer.json')),
    config,
    specialTokens: await optional('special_tokens_map.json'),
    addedTokens: await optional('added_tokens.json'),
    generation: await optional('generation_config.json'),
    templates,
    modelEos,
    embeddings,
    where: folder,
    notes,
  };
}

export async function readJson(file: string): Promise<Json> {
  const text = await readFile(file, 'utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  } catch {
    // said below
  }
  return throwFailure('bad-model', `${file} is not a JSON object.`, 'The file is damaged; copy or download it again.', {
    file,
  });
}
