import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppFailure, throwFailure, toAppError } from '../../shared/result';
import type { ExportOutcome } from '../protocol';

export type WrittenFile = ExportOutcome['files'][number];

/**
 * Makes a folder all at once: `fill` writes into a hidden neighbour, which takes the folder's name when everything is
 * on disk. A folder that already holds something is refused; on failure nothing is left.
 */
export async function writeFolder(
  outDir: string,
  fill: (folder: string) => Promise<readonly WrittenFile[]>,
): Promise<ExportOutcome> {
  const present = await readdir(outDir).catch((thrown: unknown) =>
    (thrown as { code?: string }).code === 'ENOENT' ? null : Promise.reject(thrown),
  );
  if (present !== null && present.length > 0)
    throwFailure('bad-input', `${outDir} is not empty.`, 'Choose a new or an empty folder.', { folder: outDir });
  const parent = path.dirname(outDir);
  await mkdir(parent, { recursive: true });
  // app/runs/partial-exports.ts knows the name, and removes what a killed process left
  const partial = path.join(parent, `.sampo-export-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await mkdir(partial);
    const files = await fill(partial);
    if (present !== null) await rm(outDir, { recursive: true });
    await rename(partial, outDir);
    return { path: outDir, files };
  } catch (thrown) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined); // the first failure is the one to tell
    if (thrown instanceof AppFailure) throw thrown;
    const cause = toAppError(thrown); // it names the neighbour, which nobody asked for
    throw new AppFailure({ ...cause, message: `${outDir} could not be written: ${cause.message}` });
  }
}

/** One small file, on disk before this returns. */
export async function writeContent(folder: string, name: string, content: string | Uint8Array): Promise<WrittenFile> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  const handle = await open(path.join(folder, name), 'w');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
