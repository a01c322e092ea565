import { statSync } from 'node:fs';
import path from 'node:path';
import { datasetExtensions } from '../shared/data/dataset-files';
import { throwFailure } from '../shared/result';
import type { PickedFile } from '../shared/views/library';
import type { FileTokens } from './file-tokens';

const endings = datasetExtensions.map((extension) => `.${extension}`);

/**
 * The file at `dropped`, as if it had been picked. The preload sends what Electron says of a File: a path, or '' for
 * what a page made itself. Throws AppFailure('bad-input' | 'not-found' | 'no-permission').
 */
export function acceptDrop(tokens: FileTokens, said: unknown): PickedFile {
  const dropped = typeof said === 'string' ? said : '';
  if (!path.isAbsolute(dropped))
    throwFailure(
      'bad-input',
      'What was dropped is not a file on this computer.',
      'Save it as a file first, then drop that file or choose it.',
    );
  const name = path.basename(dropped);
  const info =
    statSync(dropped, { throwIfNoEntry: false }) ??
    throwFailure('not-found', `${name} is no longer there.`, 'Drop the file from where it is now.', { path: dropped });
  if (info.isDirectory())
    throwFailure('bad-input', `${name} is a folder.`, 'Drop the file with the pairs in it.', { path: dropped });
  if (!info.isFile())
    throwFailure('bad-input', `${name} is not a regular file.`, 'Drop a file with one pair a row.', { path: dropped });
  if (!endings.some((ending) => name.toLowerCase().endsWith(ending)))
    throwFailure(
      'bad-input',
      `${name} does not look like preference data: its name ends with none of ${endings.join(', ')}.`,
      'Drop a JSON or JSONL file. If it is one under another name, use “Choose a file”, which takes all files.',
      { path: dropped },
    );
  return tokens.issue(dropped);
}
