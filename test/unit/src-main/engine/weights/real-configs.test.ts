import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelParameters } from '../../../../../src-main/engine/program/load-weights';
import { parseModelConfig } from '../../../../../src-main/engine/weights/config';
import { refusalOf } from '../../../support/model-json';

// config.json as models that people have say it (configs/): none is refused, and what is told is worth telling.

const folder = join(import.meta.dirname, 'configs');
const json = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Record<string, unknown>;

const parameters: Readonly<Record<string, number>> = {
  'smollm2-135m': 134_515_008,
  'smollm2-135m-instruct': 134_515_008,
  'tinyllama-1.1b-chat': 1_100_048_384,
  'llama-1-7b-early': 6_738_415_616,
  'llama-2-7b': 6_738_415_616,
  'llama-3.1-8b-instruct': 8_030_261_248,
  'llama-3.2-1b': 1_235_814_400,
  'llama-3.2-1b-unsloth': 1_235_814_400,
  'llama-3.2-1b-transformers-5': 1_235_814_400,
  'pythia-70m': 70_426_624,
  'pythia-160m-saved-again': 162_322_944,
};
const notes: Readonly<Record<string, readonly string[]>> = {
  'llama-1-7b-early': ['pad_token_id is -1: there is no padding token.'],
  'llama-3.2-1b-unsloth': [
    'attention_dropout is 0.05: training here goes without dropout, as TRL’s default does.',
    'max_seq_length_trained is 2048: this field is not known here and has no effect.',
  ],
};

describe('config.json of real models', () => {
  it('are all listed here', () => {
    expect(
      readdirSync(folder)
        .map((name) => name.replace('.json', ''))
        .sort(),
    ).toEqual(Object.keys(parameters).sort());
  });

  it.each(Object.entries(parameters))('%s has %i parameters, as its page says', (name, count) => {
    const { config, notes: told } = parseModelConfig(json(name), `${name}/config.json`);
    expect([modelParameters(config), [...told].sort()]).toEqual([count, notes[name] ?? []]);
  });

  it('of transformers 4 and 5 mean the same', () => {
    const read = (name: string) => ({ ...parseModelConfig(json(name), 'config.json').config, huggingFace: null });
    expect(read('llama-3.2-1b-transformers-5')).toEqual(read('llama-3.2-1b'));
  });

  it('with weights of bitsandbytes are refused by name', async () => {
    const quantization_config = { _load_in_4bit: true, bnb_4bit_quant_type: 'nf4', quant_method: 'bitsandbytes' };
    const { named, message } = await refusalOf(() =>
      parseModelConfig({ ...json('llama-3.2-1b-unsloth'), quantization_config }, 'config.json'),
    );
    expect([named, message]).toEqual(['quantization_config', expect.stringContaining('weights in a quantized form')]);
  });
});
