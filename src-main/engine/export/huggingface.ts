import { familyOf } from '../models/family';
import { loraNames } from '../models/forward';
import type { LoraPlan } from '../models/types';
import type { TensorToWrite } from '../weights/safetensors';
import type { ModelSource } from '../weights/types';
import { safetensorsType, torchType, writeFolder, type ExportDtype, type ExportedFile } from './folder';
import { mergeLoraInPlace } from './merge-lora';

/** Reads a trained tensor by name; null: it was not trained. */
export type TrainedTensors = (name: string) => Promise<Float32Array> | null;

export interface HuggingFaceExport {
  readonly source: ModelSource;
  readonly trained: TrainedTensors;
  readonly lora: LoraPlan | null;
  readonly dtype: ExportDtype;
  readonly modelCard: string;
  onTensor(done: number, total: number): Promise<void>;
}

/** A folder that `transformers` opens: the model's own configuration and tokenizer, and its weights with what was trained. One tensor is in memory at a time. */
export async function writeHuggingFaceFolder(outDir: string, { source, trained, lora, dtype, modelCard, onTensor }: HuggingFaceExport): Promise<readonly ExportedFile[]> {
  const specs = familyOf(source.config).weights(source.config);
  const adapted = new Set(lora?.modules.map((module) => `${module}.weight`));
  const tensors = specs.map(({ name, shape }, index): TensorToWrite => ({
    name,
    shape,
    read: async () => {
      await onTensor(index, specs.length);
      const whole = trained(name);
      if (whole) return whole;
      const values = await source.tensors.get(name)!.read();
      if (lora && adapted.has(name)) {
        const { a, b } = loraNames(name.slice(0, -'.weight'.length));
        mergeLoraInPlace(values, await trained(a)!, await trained(b)!, lora);
      }
      return values;
    },
  }));
  const config = { ...source.config.huggingFace, torch_dtype: torchType[dtype], ...('dtype' in source.config.huggingFace ? { dtype: torchType[dtype] } : {}) };
  const companions = await source.companionFiles();
  return writeFolder(outDir, async (folder) => {
    await folder.file('config.json', `${JSON.stringify(config, null, 2)}\n`);
    for (const { name, content } of companions) await folder.file(name, content);
    await folder.file('README.md', modelCard);
    await folder.tensors('model.safetensors', safetensorsType[dtype], tensors);
  });
}
