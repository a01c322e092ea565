import { inCheckout } from '../shared/build-kind';
import { accessSync, chmodSync, constants, existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
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
  if (process.platform === 'win32')
    return path.join(process.env.APPDATA ?? path.join(homedir(), 'AppData', 'Roaming'), name);
  return path.join(process.env.XDG_CONFIG_HOME ?? path.join(homedir(), '.config'), name);
}

export function openFolders(home: string): Folders {
  const folders = {
    home,
    database: path.join(home, 'sampo.sqlite'),
    runs: path.join(home, 'runs'),
    caches: path.join(home, 'caches'),
    exports: path.join(home, 'exports'),
    logs: path.join(home, 'logs'),
  };
  tightenHome(folders);
  for (const folder of [folders.home, folders.runs, folders.caches, folders.exports, folders.logs]) openFolder(folder);
  return folders;
}

/** For its owner alone: runs hold pieces of people's data. */
const privateMode = 0o700;

/**
 * Homes of older versions were open to everybody on the machine. Only what is ours is tightened: a home with our
 * database in it, and our folders in it; a folder that a person shares for other things stays as it is.
 */
function tightenHome({ home, database, runs, caches, exports: exported, logs }: Folders): void {
  if (process.platform === 'win32' || !existsSync(database)) return;
  for (const folder of [home, runs, caches, exported, logs]) {
    const info = lstatSync(folder, { throwIfNoEntry: false });
    const isSticky = ((info?.mode ?? 0) & 0o1000) !== 0; // /tmp and its like
    if (!info?.isDirectory() || info.uid !== process.getuid?.() || isSticky || (info.mode & 0o077) === 0) continue;
    try {
      chmodSync(folder, privateMode);
    } catch {
      // another file system may not know permissions
    }
  }
}

function openFolder(folder: string): void {
  try {
    makeFolder(folder, privateMode);
    accessSync(folder, constants.W_OK);
  } catch (thrown) {
    const { code, message } = toAppError(thrown);
    throwFailure(
      code,
      `The data folder ${folder} cannot be used: ${message}.`,
      'Make room or allow writing there, or choose another folder with ' +
        `${inCheckout('--home or SAMPO_HOME', 'SAMPO_HOME')}.`,
      { folder },
    );
  }
}

/**
 * With its parents, one by one: where no folder can be made in an existing one (/proc), Node's own recursion never
 * ends.
 */
export function makeFolder(folder: string, mode?: number): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory())
      throwFailure('bad-input', `${folder} is a file`, 'Choose another folder.', { folder });
    return;
  }
  makeFolder(path.dirname(folder), mode);
  mkdirSync(folder, mode === undefined ? {} : { mode });
}
