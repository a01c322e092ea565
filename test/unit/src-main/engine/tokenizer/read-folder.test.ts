import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTokenizerFolder } from '../../../../../src-main/engine/tokenizer/read-folder';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sampo-tokenizer-'));
  write('tokenizer.json', '{"version":"1.0"}');
});
afterEach(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string): void => {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
};
const read = () => readTokenizerFolder(folder, 3, 10);

describe('readTokenizerFolder', () => {
  it('reads every file that is there', async () => {
    write('tokenizer_config.json', '{"a":1}');
    write('special_tokens_map.json', '{"b":1}');
    write('added_tokens.json', '{"c":1}');
    write('generation_config.json', '{"d":1}');
    expect(await read()).toEqual({
      tokenizer: { version: '1.0' },
      config: { a: 1 },
      specialTokens: { b: 1 },
      addedTokens: { c: 1 },
      generation: { d: 1 },
      templates: new Map(),
      modelEos: 3,
      embeddings: 10,
      where: folder,
      notes: [],
    });
  });

  it('does without all but tokenizer.json', async () => {
    expect(await read()).toMatchObject({ config: {}, specialTokens: {}, addedTokens: {}, generation: {} });
    rmSync(path.join(folder, 'tokenizer.json'));
    await expect(read()).rejects.toMatchObject({
      error: { code: 'bad-model', message: `${folder} has no tokenizer.json.`, details: { file: folder } },
    });
  });

  it('takes templates from their own files', async () => {
    write('chat_template.jinja', 'A');
    write('additional_chat_templates/tool_use.jinja', 'B');
    write('additional_chat_templates/notes.txt', 'C');
    write('chat_template.json', '{"chat_template":"older"}');
    expect((await read()).templates).toEqual(
      new Map([
        ['default', 'A'],
        ['tool_use', 'B'],
      ]),
    );
  });

  it('takes chat_template.json where there is no other, and says so', async () => {
    write('chat_template.json', '{"chat_template":"older"}');
    expect(await read()).toMatchObject({
      templates: new Map([['default', 'older']]),
      notes: ['The chat template is that of chat_template.json: the tokenizer has none of its own.'],
    });
    write('tokenizer_config.json', '{"chat_template":"own"}');
    expect(await read()).toMatchObject({ templates: new Map(), notes: [] });
  });

  it.each(['[1]', 'null', '{', ''])('refuses %j as a file', async (text) => {
    write('tokenizer_config.json', text);
    await expect(read()).rejects.toThrow('tokenizer_config.json is not a JSON object');
  });
});
