import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { throwFailure } from '../../shared/result';
import { writeSafetensors, type TensorToWrite } from '../weights/safetensors';

export interface ExportedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface FolderWriter {
  file(name: string, content: Uint8Array | string): Promise<void>;
  tensors(name: string, type: 'F32' | 'F16' | 'BF16', tensors: readonly TensorToWrite[]): Promise<void>;
}

/** Fills a new folder, or leaves nothing behind: it is written beside its place and renamed when complete. A folder that holds something is never touched. */
export async function writeFolder(outDir: string, fill: (writer: FolderWriter) => Promise<void>): Promise<readonly ExportedFile[]> {
  const target = path.resolve(outDir);
  const present = await readdir(target).catch((thrown: { readonly code?: string }) => (thrown.code === 'ENOENT' ? null : Promise.reject(thrown)));
  if (present !== null && present.length > 0) throwFailure('bad-input', `${target} is not empty.`, 'Choose a new or empty folder; an export never overwrites files.', { path: target });
  const temporary = `${target}.tmp-${process.pid}`;
  const files: ExportedFile[] = [];
  try {
    await mkdir(temporary, { recursive: true });
    await fill({
      file: async (name, content) => {
        const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
        await writeFile(path.join(temporary, name), bytes);
        files.push({ name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
      },
      tensors: async (name, type, tensors) => {
        files.push({ name, ...(await writeSafetensors(path.join(temporary, name), type, tensors)) });
      },
    });
    if (present !== null) await rmdir(target);
    await rename(temporary, target);
    return files;
  } catch (thrown) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw thrown;
  }
}

export const safetensorsType = { f32: 'F32', f16: 'F16', bf16: 'BF16' } as const;
export const torchType = { f32: 'float32', f16: 'float16', bf16: 'bfloat16' } as const;
export type ExportDtype = keyof typeof safetensorsType;
