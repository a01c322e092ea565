import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import type { FileToken } from '../shared/ids';
import { throwFailure } from '../shared/result';
import type { PickedFile } from '../shared/views/library';

/**
 * Opaque names for what a person picked: the renderer can use only paths that it was handed, without knowing that it
 * may.
 */
export class FileTokens {
  private readonly paths = new Map<FileToken, string>();

  issue(picked: string): PickedFile {
    const token = randomBytes(16).toString('hex') as FileToken;
    this.paths.set(token, picked);
    const info = statSync(picked, { throwIfNoEntry: false });
    return { token, name: path.basename(picked), displayPath: picked, bytes: info?.isFile() ? info.size : 0 };
  }

  path(token: FileToken): string {
    return (
      this.paths.get(token) ??
      throwFailure('bad-input', 'This file was not picked in this session.', 'Choose it again.')
    );
  }
}
