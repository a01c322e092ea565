import type { Json } from './types';

/**
 * transformers 5.24 makes the steps of these classes anew, whatever tokenizer.json says. This app follows
 * tokenizer.json, as Hugging Face's tokenizers and every other runtime do: it is what the model was made with. Where
 * the class departs, a note says so.
 */
interface Made {
  readonly normalizer: string | null;
  readonly step: 'ByteLevel' | 'Metaspace';
  readonly prefixSpace: boolean; // unless tokenizer_config.json says otherwise
}
const classes: Readonly<Record<string, Made>> = {
  LlamaTokenizer: { normalizer: null, step: 'Metaspace', prefixSpace: true },
  GPT2Tokenizer: { normalizer: null, step: 'ByteLevel', prefixSpace: false },
  GPTNeoXTokenizer: { normalizer: 'NFC', step: 'ByteLevel', prefixSpace: false },
};

const typeOf = (step: unknown): string | null => {
  const { type } = (step ?? {}) as Json;
  return typeof type === 'string' ? type : null;
};

export function classNotes({ normalizer, pre_tokenizer: pre }: Json, config: Json): readonly string[] {
  const name = String(config.tokenizer_class).replace(/Fast$/, '');
  const made = Object.hasOwn(classes, name) ? classes[name]! : null;
  if (made === null || isLlama3(name, pre)) return [];
  const space = typeof config.add_prefix_space === 'boolean' ? config.add_prefix_space : made.prefixSpace;
  const same =
    typeOf(normalizer) === made.normalizer &&
    typeOf(pre) === made.step &&
    adds(pre as Json) === space &&
    whole(pre as Json);
  if (same) return [];
  const named = `tokenizer_config.json names ${name}`;
  return [
    `${named}, for which transformers 5 makes other steps than tokenizer.json has. ` +
      'This app follows tokenizer.json; ids by transformers can differ.',
  ];
}

/** transformers too leaves a byte-level tokenizer.json of LlamaTokenizer as it is. */
const isLlama3 = (name: string, pre: unknown): boolean =>
  name === 'LlamaTokenizer' && (typeOf(pre) === 'Sequence' || typeOf(pre) === 'ByteLevel');

/** A space goes before the text. */
const adds = ({ type, add_prefix_space: older, prepend_scheme: scheme }: Json): boolean =>
  type === 'ByteLevel' ? older === true : scheme === undefined ? older !== false : scheme !== 'never';

const whole = ({ type, split, use_regex: regex }: Json): boolean =>
  type === 'ByteLevel' ? regex !== false : split === false;
