import { inCheckout } from '../shared/build-kind';
import { appError, type AppError, type ErrorCode } from '../shared/result';

const homeBy = inCheckout('--home or SAMPO_HOME', 'SAMPO_HOME');
const rescue = inCheckout(
  'npx sampo history restore puts the last backup in its place, npx sampo history new starts an empty one; both ' +
    'keep the damaged file under another name. Checkpoints and exports stay as they are.',
  'Close the app and start it again: it offers the last backup or an empty history, and keeps the damaged file ' +
    'under another name. Checkpoints and exports stay as they are.',
);

/** The file opens, but what it holds is broken. `damaged` tells callers that a backup helps. */
export const damaged = (file: string, problems: readonly string[]): AppError =>
  appError(
    'database',
    `The run history ${file} is damaged: ${problems[0]!.split('\n').slice(0, 2).join(' ')}`,
    rescue,
    { file, damaged: true, problems },
  );

/** SQLite's codes by their beginning (extended ones go on after it): what happened to the file, and what to do. */
const faults: readonly (readonly [code: string, kind: ErrorCode, happened: string, hint: string])[] = [
  [
    'SQLITE_FULL',
    'no-space',
    'cannot be written: the disk is full',
    `Free some disk space, or choose another folder with ${homeBy}. A run at work can be resumed from its last ` +
      'checkpoint.',
  ],
  ['SQLITE_NOTADB', 'database', 'is damaged or not a database', rescue],
  ['SQLITE_CORRUPT', 'database', 'is damaged', rescue],
  [
    'SQLITE_READONLY',
    'no-permission',
    'cannot be written',
    `Allow writing to the file and its folder, or choose another folder with ${homeBy}.`,
  ],
  [
    'SQLITE_CANTOPEN',
    'no-permission',
    'cannot be opened',
    `Allow writing to the file and its folder, or choose another folder with ${homeBy}.`,
  ],
  [
    'SQLITE_BUSY',
    'database',
    'was held by another program for more than ten seconds',
    'Close other windows of SamPO Studio on this folder and try again.',
  ],
  ['SQLITE_IOERR', 'database', 'cannot be read or written', 'Check the disk: it may be full, damaged or unplugged.'],
];

/** Faults of SQLite that a person can act on; null: not one of them. */
export function databaseError(thrown: unknown, file = 'sampo.sqlite'): AppError | null {
  const code = thrown instanceof Error ? (thrown as { readonly code?: unknown }).code : undefined;
  if (typeof code !== 'string') return null;
  const fault = faults.find(([known]) => code.startsWith(known));
  return fault
    ? appError(fault[1], `The run history ${file} ${fault[2]} (${code}).`, fault[3], {
        file,
        systemCode: code,
        ...(fault[3] === rescue ? { damaged: true } : {}),
      })
    : null;
}
