import path from 'node:path';
import { throwFailure } from '../../shared/result';
import { familyOf, type ModelConfig } from '../families/registry';
import { loraNames } from '../model/forward';
import { sizeIn, type LoraPlan } from '../model/lora-plan';
import type { ExportInput, ExportOutcome } from '../protocol';
import { writeSafetensors } from '../weights/safetensors';
import type { StoredTensor } from '../weights/types';
import type { ModelSource } from '../source/types';
import { mergeLoraInPlace } from './merge-lora';
import { writeContent, writeFolder } from './output-folder';

type StoredAs = 'F32' | 'F16' | 'BF16';
const stored: Readonly<Record<ExportInput['dtype'], { readonly type: StoredAs; readonly torch: string }>> = {
  f32: { type: 'F32', torch: 'float32' },
  f16: { type: 'F16', torch: 'float16' },
  bf16: { type: 'BF16', torch: 'bfloat16' },
};

export interface Trained {
  readonly source: ModelSource;
  /** Trained tensors of the checkpoint, by variable name. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly lora: LoraPlan | null;
}

const trainedTensor = (tensors: Trained['tensors'], name: string): StoredTensor =>
  tensors.get(name) ??
  throwFailure(
    'bad-input',
    `The checkpoint lacks ${name}.`,
    'It is of another run or damaged; resume the run to make a new one.',
    { tensor: name },
  );

/**
 * A folder that `transformers` loads with from_pretrained: merged weights, the base model's configuration and
 * tokenizer, the model card.
 */
export function writeMerged(
  { source, tensors, lora }: Trained,
  dtype: ExportInput['dtype'],
  outDir: string,
  modelCard: string,
  onProgress: (done: number, total: number) => void,
): Promise<ExportOutcome> {
  const { config } = source;
  const specs = familyOf(config).weights(config);
  const merged = async (name: string): Promise<Float32Array> => {
    if (lora === null) return trainedTensor(tensors, name).read();
    const base = await source.tensors.get(name)!.read();
    const module = name.replace(/\.weight$/, '');
    if (!lora.modules.includes(module)) return base;
    const { a, b } = loraNames(module);
    const { rank, scale } = sizeIn(lora, module);
    mergeLoraInPlace(base, await trainedTensor(tensors, a).read(), await trainedTensor(tensors, b).read(), rank, scale);
    return base;
  };
  return writeFolder(outDir, async (folder) => {
    let done = 0;
    const weights = await writeSafetensors(
      path.join(folder, 'model.safetensors'),
      stored[dtype].type,
      specs.map(({ name, shape }) => ({
        name,
        shape,
        read: async () => {
          const values = await merged(name);
          onProgress(++done, specs.length);
          return values;
        },
      })),
    );
    const { torch_dtype: _old, dtype: _new, ...kept } = config.huggingFace;
    const configJson = { ...kept, torch_dtype: stored[dtype].torch };
    return [
      { name: 'model.safetensors', ...weights },
      await writeContent(folder, 'config.json', `${JSON.stringify(configJson, null, 2)}\n`),
      ...(await Promise.all(
        (await source.companionFiles()).map(({ name, content }) => writeContent(folder, name, content)),
      )),
      await writeContent(folder, 'README.md', modelCard),
    ];
  });
}

/** A folder that `peft` loads onto the base model: adapter_model.safetensors and adapter_config.json. */
export function writeAdapter(
  { source, tensors, lora }: Trained & { readonly lora: LoraPlan },
  dtype: ExportInput['dtype'],
  outDir: string,
  modelCard: string,
  onProgress: (done: number, total: number) => void,
): Promise<ExportOutcome> {
  const names = lora.modules.flatMap((module) => [loraNames(module).a, loraNames(module).b]);
  return writeFolder(outDir, async (folder) => {
    let done = 0;
    const weights = await writeSafetensors(
      path.join(folder, 'adapter_model.safetensors'),
      stored[dtype].type,
      names.map((name) => {
        const tensor = trainedTensor(tensors, name);
        return {
          name: `base_model.model.${name}`,
          shape: tensor.shape,
          read: async () => {
            const values = await tensor.read();
            onProgress(++done, names.length);
            return values;
          },
        };
      }),
    );
    const adapterConfig = {
      peft_type: 'LORA',
      task_type: 'CAUSAL_LM',
      base_model_name_or_path: source.path,
      r: lora.rank,
      lora_alpha: lora.alpha,
      lora_dropout: 0,
      bias: 'none',
      fan_in_fan_out: false,
      inference_mode: true,
      init_lora_weights: true,
      use_rslora: lora.rankStabilized ?? false,
      ...patterns(lora),
      use_dora: false,
      modules_to_save: null,
      target_modules: targetModules(source.config, lora),
    };
    return [
      { name: 'adapter_model.safetensors', ...weights },
      await writeContent(folder, 'adapter_config.json', `${JSON.stringify(adapterConfig, null, 2)}\n`),
      await writeContent(folder, 'README.md', modelCard),
    ];
  });
}

/**
 * A name as the layers have it where all of that name are adapted, else the whole name: an adapter may be of some
 * layers only.
 */
function targetModules(config: ModelConfig, { modules }: LoraPlan): readonly string[] {
  const linear = familyOf(config)
    .weights(config)
    .filter(({ role }) => role === 'linear')
    .map(({ name }) => name.slice(0, -'.weight'.length));
  const isWhole = (short: string): boolean =>
    linear.every((module) => shortName(module) !== short || modules.includes(module));
  return [...new Set(modules.map((module) => (isWhole(shortName(module)) ? shortName(module) : module)))].sort();
}

/**
 * peft's `rank_pattern` and `alpha_pattern`: a name of a module as its layers have it where all of that name agree,
 * else the whole name.
 */
function patterns(lora: LoraPlan): {
  readonly rank_pattern: Readonly<Record<string, number>>;
  readonly alpha_pattern: Readonly<Record<string, number>>;
} {
  const pattern = (of: 'rank' | 'alpha'): Readonly<Record<string, number>> => {
    const value = (module: string): number => sizeIn(lora, module)[of];
    const agree = (name: string): boolean =>
      new Set(lora.modules.filter((module) => shortName(module) === name).map(value)).size === 1;
    return Object.fromEntries(
      lora.modules
        .filter((module) => value(module) !== lora[of])
        .map((module) => [agree(shortName(module)) ? shortName(module) : module, value(module)]),
    );
  };
  return { rank_pattern: pattern('rank'), alpha_pattern: pattern('alpha') };
}

const shortName = (module: string): string => module.slice(module.lastIndexOf('.') + 1);
