import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { throwFailure, toAppError } from '../shared/result';

/** Where everything the app keeps lies. The window and the command line share it. */
export interface Folders {
  readonly home: string;
  readonly database: string;
  readonly runs: string;
  readonly caches: string;
  readonly exports: string;
  readonly logs: string;
}

/** `--home`, `SAMPO_HOME`, or the platform's place for application data (as Electron's `userData`). */
export function defaultHome(): string {
  const own = process.env.SAMPO_HOME;
  if (own) return path.resolve(own);
  const name = 'SamPO Studio';
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Application Support', name);
  if (process.platform === 'win32') return path.join(process.env.APPDATA ?? path.join(homedir(), 'AppData', 'Roaming'), name);
  return path.join(process.env.XDG_CONFIG_HOME ?? path.join(homedir(), '.config'), name);
}

export function openFolders(home: string): Folders {
  const folders = { home, database: path.join(home, 'sampo.sqlite'), runs: path.join(home, 'runs'), caches: path.join(home, 'caches'), exports: path.join(home, 'exports'), logs: path.join(home, 'logs') };
  for (const folder of [folders.home, folders.runs, folders.caches, folders.exports, folders.logs]) openFolder(folder);
  return folders;
}

function openFolder(folder: string): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
  } catch (thrown) {
    const { code, message } = toAppError(thrown);
    throwFailure(code, `The data folder ${folder} cannot be used: ${message}.`, 'Make room or allow writing there, or choose another folder with --home or SAMPO_HOME.', { folder });
  }
}

/** With its parents, one by one: where no folder can be made in an existing one (/proc), Node's own recursion never ends. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) throwFailure('bad-input', `${folder} is a file`, 'Choose another folder.', { folder });
    return;
  }
  makeFolder(path.dirname(folder));
  mkdirSync(folder);
}
