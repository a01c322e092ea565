import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { log } from '../../shared/log';
import { isOwnerAlive } from '../engines/process-owner';

/**
 * What writeFolder (engine/export/output-folder.ts) names a folder that is not whole yet: `.sampo-export-<pid of the
 * engine>-<random>`.
 */
const partialName = /^\.sampo-export-(\d+)-[0-9a-f]{8}$/;
const notesFolder = (caches: string): string => path.join(caches, 'exporting');

/**
 * Notes where an export writes until it is done, so that the next start finds what a killed one left. Returns how to
 * take the note back.
 */
export function noteExport(caches: string, parent: string): () => void {
  const folder = notesFolder(caches);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const note = path.join(folder, `${process.pid}-${Date.now()}.json`);
  writeFileSync(note, JSON.stringify({ parent }), { mode: 0o600 });
  return () => rmSync(note, { force: true });
}

/** Removes what is left of exports whose engine is gone, in `parent`. Never anything under another name. */
export function sweepPartialExports(parent: string): readonly string[] {
  if (!existsSync(parent)) return [];
  const isLeft = (name: string): boolean => {
    const pid = partialName.exec(name)?.[1];
    return pid !== undefined && !isOwnerAlive(`${pid}:`);
  };
  const left = readdirSync(parent, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && isLeft(entry.name),
  );
  return left.flatMap(({ name }) => {
    const folder = path.join(parent, name);
    try {
      rmSync(folder, { recursive: true, force: true });
      log.info('exports', `removed what was left of an export: ${folder}`);
      return [folder];
    } catch (thrown) {
      log.error('exports', `what is left of an export cannot be removed: ${folder}`, thrown);
      return [];
    }
  });
}

/** At start: wherever an export was under way that nobody finishes any more. */
export function sweepNotedExports(caches: string): void {
  const folder = notesFolder(caches);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = /^(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && isOwnerAlive(`${pid}:`)) continue;
    try {
      sweepPartialExports(
        (JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as { readonly parent: string }).parent,
      );
    } catch (thrown) {
      log.error('exports', 'a note of an export could not be read', thrown);
    }
    rmSync(path.join(folder, name), { force: true });
  }
}
