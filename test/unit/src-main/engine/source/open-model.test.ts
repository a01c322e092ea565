import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeContent, writeFolder } from '../../../../../src-main/engine/export/output-folder';
import { openModel } from '../../../../../src-main/engine/source/open-model';

const starter = path.join(import.meta.dirname, '../../../../../resources/starter/model');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sampo-templates-'));
  cpSync(starter, path.join(folder, 'model'), { recursive: true });
  mkdirSync(path.join(folder, 'model/additional_chat_templates'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('carries templates by name into an export, in their own folder', async () => {
  writeFileSync(path.join(folder, 'model/chat_template.jinja'), 'one');
  writeFileSync(path.join(folder, 'model/additional_chat_templates/tool_use.jinja'), 'two');
  writeFileSync(path.join(folder, 'model/additional_chat_templates/notes.txt'), 'three');
  const source = await openModel(path.join(folder, 'model'));
  const files = await source.companionFiles();
  await source.close();
  const out = path.join(folder, 'out');
  const { files: written } = await writeFolder(out, (partial) =>
    Promise.all(files.map(({ name, content }) => writeContent(partial, name, content))),
  );
  expect(written.map(({ name }) => name)).toEqual([
    'tokenizer.json',
    'tokenizer_config.json',
    'chat_template.jinja',
    'additional_chat_templates/tool_use.jinja',
  ]);
  expect(readFileSync(path.join(out, 'additional_chat_templates/tool_use.jinja'), 'utf8')).toBe('two');
});

it('refuses a config.json that is nested too deeply, by its file', async () => {
  const file = path.join(folder, 'model/config.json');
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
  writeFileSync(file, readFileSync(file, 'utf8').trimEnd().replace(/\}$/, `,"deep":${deep}}`));
  await expect(openModel(path.join(folder, 'model'))).rejects.toMatchObject({
    error: { code: 'bad-model', message: `${file} is nested too deeply.` },
  });
});

describe('a tensor beside the weights', () => {
  const models = path.join(import.meta.dirname, '../../../../golden/forward/models');
  /** A golden model whose file holds one tensor more, of four bytes. */
  const openWith = async (model: string, name: string, dtype: 'F32' | 'U8') => {
    const copy = path.join(folder, model);
    cpSync(path.join(models, model), copy, { recursive: true });
    const file = path.join(copy, 'model.safetensors');
    const bytes = readFileSync(file);
    const length = Number(bytes.readBigUInt64LE());
    const data = bytes.subarray(8 + length);
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, unknown>;
    header[name] = { dtype, shape: [dtype === 'U8' ? 4 : 1], data_offsets: [data.length, data.length + 4] };
    const text = Buffer.from(JSON.stringify(header));
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(text.length));
    writeFileSync(file, Buffer.concat([head, text, data, Buffer.alloc(4)]));
    return openModel(copy);
  };

  // old versions of transformers saved what they computed: rotary tables of both families, masks of GPT-NeoX
  it.each([
    ['neox-parallel', 'gpt_neox.layers.0.attention.bias'],
    ['neox-parallel', 'gpt_neox.layers.0.attention.masked_bias'],
    ['neox-parallel', 'gpt_neox.layers.1.attention.rotary_emb.inv_freq'],
    ['llama-gqa-tied', 'model.layers.0.self_attn.rotary_emb.inv_freq'],
  ])('%s: %s is computed here, and passed over', async (model, name) => {
    for (const dtype of ['F32', 'U8'] as const) {
      const source = await openWith(model, name, dtype);
      expect([source.tensors.has(name), source.notes]).toEqual([false, []]);
      await source.close();
    }
  });

  // no version saved masks of a Llama: such a tensor would be a part of the model left out
  it.each([
    ['llama-gqa-tied', 'model.layers.0.attention.bias'],
    ['llama-gqa-tied', 'model.layers.0.self_attn.attention.masked_bias'],
    ['llama-gqa-tied', 'model.layers.0.self_attn.q_proj.bias'],
    ['neox-parallel', 'gpt_neox.layers.0.attention.scale'],
  ])('%s: %s is refused by its name', async (model, name) => {
    await expect(openWith(model, name, 'F32')).rejects.toMatchObject({
      error: {
        code: 'bad-model',
        message: expect.stringContaining(`holds the tensor ${name}, which has no place`) as string,
      },
    });
  });
});
