import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export async function sha256File(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

export const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

export const exists = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );
export const sizeOf = (path) =>
  stat(path).then(
    (s) => s.size,
    () => 0,
  );

/** Readers see the old file or the new one, never half of it. */
export async function writeAtomic(path, content) {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

export const readJson = (path) => readFile(path, 'utf8').then(JSON.parse, () => null);

/**
 * A folder that is either complete or absent: `fill` works in a temporary sibling that is renamed when it is done.
 * Two set-ups may race; the loser throws its copy away, which is right because both hold the same content.
 */
export async function completeFolder(target, fill) {
  if (await exists(target)) return false;
  await mkdir(dirname(target), { recursive: true });
  const temporary = join(dirname(target), `.partial-${randomBytes(6).toString('hex')}`);
  await mkdir(temporary);
  try {
    await fill(temporary);
    await rename(temporary, target).catch(async (error) => {
      if (!(await exists(target))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return true;
}
