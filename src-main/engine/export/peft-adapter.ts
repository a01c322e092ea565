import { linearModules } from '../models/family';
import type { LoraPlan, ModelConfig } from '../models/types';
import { loraSpecs } from '../train/program';
import { safetensorsType, writeFolder, type ExportDtype, type ExportedFile } from './folder';
import type { TrainedTensors } from './huggingface';

export interface PeftExport {
  readonly config: ModelConfig;
  readonly baseModel: string;
  readonly trained: TrainedTensors;
  readonly lora: LoraPlan;
  readonly dtype: ExportDtype;
  readonly modelCard: string;
}

/** A folder that `peft` opens on the base model. */
export async function writePeftAdapter(outDir: string, { config, baseModel, trained, lora, dtype, modelCard }: PeftExport): Promise<readonly ExportedFile[]> {
  const settings = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: baseModel,
    r: lora.rank,
    lora_alpha: lora.alpha,
    lora_dropout: 0,
    target_modules: targetModules(config, lora),
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    inference_mode: true,
    use_rslora: false,
    use_dora: false,
    modules_to_save: null,
  };
  const tensors = loraSpecs(config, lora).map(({ name, shape }) => ({ name: `base_model.model.${name}`, shape, read: () => trained(name)! }));
  return writeFolder(outDir, async (folder) => {
    await folder.file('adapter_config.json', `${JSON.stringify(settings, null, 2)}\n`);
    await folder.file('README.md', modelCard);
    await folder.tensors('adapter_model.safetensors', safetensorsType[dtype], tensors);
  });
}

/** Short names when they mean exactly the adapted layers, since peft matches them as endings; full names otherwise. */
function targetModules(config: ModelConfig, { modules }: LoraPlan): readonly string[] {
  const short = linearModules(config).filter((name) => modules.some((module) => module.endsWith(`.${name}`)));
  return modules.length === short.length * config.layers ? short : modules;
}
