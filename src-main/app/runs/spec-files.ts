import { isRelease } from '../../shared/build-kind';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileNameFor } from '../../shared/file-names';
import { sampoCommand } from '../../shared/shell-words';
import type { RunSpec } from '../../shared/spec/run-spec';

/** A run spec as a file that the command line takes; paths in it are absolute. */
export const specText = (spec: RunSpec): string => `${JSON.stringify(spec, null, 2)}\n`;

/** Where the form's spec is saved: a name that any file system takes. */
export function specPath(home: string, spec: RunSpec, datasetName: string): string {
  const name = (spec.name || `${spec.method.id} on ${datasetName}`).normalize('NFKD').replace(/[^\w.-]+/g, '-');
  return path.join(home, 'specs', `${fileNameFor(name, spec.method.id)}.json`);
}

export function writeSpec(file: string, spec: RunSpec): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const partial = `${file}.partial`;
  writeFileSync(partial, specText(spec));
  renameSync(partial, file);
}

/** A run's own spec, in its folder; runs of before have it written when they are asked for it. */
export function runSpecFile(runDir: string, spec: RunSpec): string {
  const file = path.join(runDir, 'spec.json');
  if (!existsSync(file)) writeSpec(file, spec);
  return file;
}

/** Null in a package, which has no command line. */
export const trainCommand = (home: string, specFile: string): string | null =>
  isRelease ? null : sampoCommand(['--home', home, 'train', '--spec', specFile], process.platform);
