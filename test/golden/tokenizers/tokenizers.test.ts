import { beforeAll, describe, expect, it } from 'vitest';
import { chatFormat } from '../../../src-main/engine/tokenizer/chat-format';
import type { ChatFormat, Json, TokenizerFiles } from '../../../src-main/engine/tokenizer/types';
import golden from './cases.json';

interface Case {
  readonly name: string;
  readonly tokenizer: Json;
  readonly ids: readonly (readonly [readonly number[], readonly number[]])[];
}
const filesOf = (tokenizer: Json): TokenizerFiles => ({
  tokenizer,
  config: { eos_token: '</s>' },
  specialTokens: {},
  addedTokens: {},
  generation: {},
  templates: new Map(),
  modelEos: null,
  embeddings: 2000,
  where: '/model',
  notes: [],
});
const open = (tokenizer: Json): ChatFormat => chatFormat(filesOf(tokenizer));

describe('ids as Hugging Face’s tokenizers give them', () => {
  describe.each(golden.cases as unknown as readonly Case[])('$name', ({ tokenizer, ids }) => {
    let format: ChatFormat;
    beforeAll(() => {
      format = open(tokenizer);
    });
    it.each(golden.texts.map((text, i) => [text, ids[i]!] as const))('%j', (text, [withSpecial, without]) => {
      expect(format.encode(text, true)).toEqual(withSpecial);
      expect(format.encode(text, false)).toEqual(without);
    });
  });
});
