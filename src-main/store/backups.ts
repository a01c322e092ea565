import { inCheckout } from '../shared/build-kind';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { throwFailure } from '../shared/result';
import { loadDriver, type Database } from './driver';

/** Why a backup was taken. Two of each are kept: a month of daily ones must not push out what was before an update. */
export type BackupReason = 'before-update' | 'daily';
const kept = 2;

export interface Backup {
  readonly file: string;
  readonly reason: BackupReason;
  readonly takenAt: number; // ms since 1970
  readonly bytes: number;
}

export const backupFolder = (file: string): string => path.join(path.dirname(file), 'backups');
const pattern = /^sampo-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z)-(before-update|daily)\.sqlite$/;
const stamp = (now: number): string => new Date(now).toISOString().replace(/[:.]/g, '-');
const timeOf = (text: string): number => Date.parse(text.replace(/T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z/, 'T$1:$2:$3.$4Z'));

/** Newest first. */
export function listBackups(file: string): readonly Backup[] {
  const folder = backupFolder(file);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name): readonly Backup[] => {
      const [, time, reason] = pattern.exec(name) ?? [];
      if (time === undefined) return [];
      const inside = path.join(folder, name);
      return [
        {
          file: inside,
          reason: reason as BackupReason,
          takenAt: timeOf(time),
          bytes: statSync(inside, { throwIfNoEntry: false })?.size ?? 0,
        },
      ];
    })
    .sort((a, b) => b.takenAt - a.takenAt);
}

/**
 * Copies what the database holds now into a file of its own, looks whether the copy can be read, and gives it its name
 * when it is on disk.
 */
export function takeBackup(database: Database, file: string, reason: BackupReason, now: number = Date.now()): Backup {
  const folder = backupFolder(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const target = path.join(folder, `sampo-${stamp(now)}-${reason}.sqlite`);
  const partial = `${target}.part-${process.pid}`;
  try {
    rmSync(partial, { force: true });
    database.prepare('VACUUM INTO ?').run(partial);
    chmodSync(partial, 0o600);
    refuseUnreadable(partial);
    sync(partial);
    renameSync(partial, target);
  } catch (thrown) {
    rmSync(partial, { force: true });
    throw thrown;
  }
  for (const old of listBackups(file)
    .filter((backup) => backup.reason === reason)
    .slice(kept))
    rmSync(old.file, { force: true });
  return { file: target, reason, takenAt: now, bytes: statSync(target).size };
}

const dayMs = 24 * 60 * 60_000;
/** Copied in well under a second; a larger one is copied before updates only. */
const mostDailyBytes = 64 * 2 ** 20;

/** At the end of a program: a copy where there is something to lose and the last one is a day old. */
export function backupDaily(database: Database, file: string, now: number = Date.now()): Backup | null {
  const newest = listBackups(file).find((backup) => backup.reason === 'daily');
  if (newest !== undefined && now - newest.takenAt < dayMs) return null;
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > mostDailyBytes) return null;
  if (database.prepare('SELECT 1 FROM runs LIMIT 1').get() === undefined) return null;
  return takeBackup(database, file, 'daily', now);
}

function refuseUnreadable(file: string): void {
  const Driver = loadDriver();
  const copy = new Driver(file, { readonly: true });
  try {
    const found = copy.pragma('quick_check(1)', { simple: true }) as string;
    if (found !== 'ok')
      throwFailure(
        'database',
        `A backup of the run history could not be read again: ${found}.`,
        'Check the disk. Nothing was changed.',
        { file },
      );
  } finally {
    copy.close();
  }
}

function sync(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** What belongs to a database beside its file. */
const companions = ['', '-wal', '-shm'] as const;

/**
 * Gives a database another name, with all that belongs to it; null: there was none. Refused while another program has
 * it open.
 */
export function setAside(file: string, now: number = Date.now()): string | null {
  if (!existsSync(file)) return null;
  refuseInUse(file);
  const aside = path.join(path.dirname(file), `sampo-set-aside-${stamp(now)}.sqlite`);
  for (const companion of companions)
    if (existsSync(`${file}${companion}`)) renameSync(`${file}${companion}`, `${aside}${companion}`);
  return aside;
}

/** Puts a backup where the database was. What was there is kept under the name that this returns. */
export function restoreBackup(file: string, backup: string, now: number = Date.now()): string | null {
  if (!existsSync(backup))
    throwFailure(
      'not-found',
      `There is no backup ${backup}.`,
      inCheckout('npx sampo history backups lists them.', 'Choose another one.'),
    );
  refuseUnreadable(backup);
  const partial = `${file}.part-${process.pid}`;
  copyFileSync(backup, partial);
  try {
    chmodSync(partial, 0o600);
    sync(partial);
    const aside = setAside(file, now);
    // not renamed: that would write over what another program made here meanwhile
    copyFileSync(partial, file, constants.COPYFILE_EXCL);
    return aside;
  } finally {
    rmSync(partial, { force: true });
  }
}

/** A database that is damaged can often not be locked at all; one that says "busy" is somebody's. */
function refuseInUse(file: string): void {
  const Driver = loadDriver();
  try {
    const database = new Driver(file, { timeout: 500 });
    try {
      database.pragma('locking_mode = EXCLUSIVE');
      database.exec('BEGIN EXCLUSIVE; ROLLBACK');
    } finally {
      database.close();
    }
  } catch (thrown) {
    if (thrown instanceof Error && String((thrown as { readonly code?: unknown }).code).startsWith('SQLITE_BUSY'))
      throwFailure(
        'database',
        `The run history ${file} is in use by another program.`,
        'Close other windows of SamPO Studio and other sampo commands on this folder, then try again.',
        { file },
      );
  }
}
