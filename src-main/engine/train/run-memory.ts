import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from './files';

const fileName = 'memory.json';
const schema = z.object({ freeBytes: z.number().positive() });

/**
 * Free memory that a run's shapes were planned for, in bytes. A resumed run keeps the first plan whatever is free now: other shapes round differently, and the result would
 * no longer equal that of an uninterrupted run bit for bit.
 */
export async function plannedMemory(runDir: string, resume: boolean, freeBytes: number): Promise<number> {
  if (resume) {
    const known = schema.safeParse(await readJson(join(runDir, fileName)));
    if (known.success) return known.data.freeBytes;
  }
  await mkdir(runDir, { recursive: true });
  await writeFileAtomic(join(runDir, fileName), async (file) => void (await file.write(JSON.stringify({ freeBytes }))));
  return freeBytes;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return null; // a run of an earlier version, or a damaged file: planned anew
  }
}
