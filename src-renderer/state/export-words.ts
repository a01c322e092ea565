import type { Requests } from '../../src-main/shared/ipc/contract';
import { fileNameFor, fileNameProblem } from '../../src-main/shared/file-names';
import type { ExportView } from '../../src-main/shared/views/export';
import type { RunView } from '../../src-main/shared/views/run';
import { formatBytes } from './format';
import { runName } from './run-words';

export type ExportChoice = Pick<Requests['exports:start']['in'], 'form' | 'dtype'>;

export const dtypeNames: Readonly<Record<ExportChoice['dtype'], { readonly label: string; readonly help: string }>> = {
  f16: { label: 'float16', help: 'Half the size; what most programs expect.' },
  bf16: { label: 'bfloat16', help: 'Half the size, wider range, fewer digits; what most models are published in.' },
  f32: { label: 'float32', help: 'Exactly what was trained; twice the size.' },
};

export const exportFiles = (form: ExportChoice['form']): readonly { readonly name: string; readonly what: string }[] =>
  form === 'merged'
    ? [
        { name: 'model.safetensors', what: 'the weights, with the adapter merged in where there is one' },
        { name: 'config.json', what: 'the architecture' },
        { name: 'tokenizer files', what: 'as the base model has them, with the chat template' },
        { name: 'README.md', what: 'the model card, with its length section' },
      ]
    : [
        { name: 'adapter_model.safetensors', what: 'the LoRA weights' },
        { name: 'adapter_config.json', what: 'rank, alpha, layers and the base model' },
        { name: 'README.md', what: 'the model card, with its length section' },
      ];

/** Safe on every file system; the rest is left to the person. */
export const folderNameFor = (run: RunView): string =>
  fileNameFor(`${run.modelName}-${runName(run)}`.toLowerCase().replace(/[^a-z0-9._]+/g, '-'), 'export');

/** Why the export cannot start, or null. */
export function exportProblem(state: {
  readonly hasFolder: boolean;
  readonly name: string;
  readonly estimatedBytes: number | null;
  readonly diskFreeBytes: number | null;
}): string | null {
  const name = state.name.trim();
  if (!state.hasFolder) return 'Choose a folder first.';
  if (name === '') return 'Give the new folder a name.';
  const refused = fileNameProblem(name);
  if (refused !== null) return refused;
  if (state.estimatedBytes !== null && state.diskFreeBytes !== null && state.estimatedBytes > state.diskFreeBytes)
    return `Needs ${formatBytes(state.estimatedBytes)}, but only ${formatBytes(state.diskFreeBytes)} are free.`;
  return null;
}

/** A path as a Python string literal, backslashes and quotes included. */
const pythonString = (text: string): string => JSON.stringify(text);

/** The lines that load the result. */
export function loadingCode({ form, path }: Pick<ExportView, 'form' | 'path'>): string {
  const folder = pythonString(path);
  return form === 'merged'
    ? 'from transformers import AutoModelForCausalLM, AutoTokenizer\n' +
        `model = AutoModelForCausalLM.from_pretrained(${folder})\n` +
        `tokenizer = AutoTokenizer.from_pretrained(${folder})`
    : 'from peft import AutoPeftModelForCausalLM\n' +
        `model = AutoPeftModelForCausalLM.from_pretrained(${folder})\n` +
        'merged = model.merge_and_unload()  # a plain transformers model';
}
