import { existsSync } from 'node:fs';
import path from 'node:path';
import { listBackups, restoreBackup, setAside, type Backup } from '../../store/backups';
import { openDatabase } from '../../store/open';
import { throwFailure } from '../../shared/result';
import { openFolders } from '../folders';
import type { Command } from './context';
import { exitCodes, table } from './output';

/** For the day the database is damaged: none of this opens the home as other commands do. */
export const history: Command = {
  usage: 'history check | history backups | history restore [FILE] | history new',
  help:
    'The file that holds all runs: whether it is whole, its backups, the newest backup (or FILE) put in its place, ' +
    'or an empty one. What was there is kept under another name.',
  flags: [],
  words: [1, 2],
  run: ({ args, output, home }) => {
    const { database } = openFolders(home);
    const [what, given] = args.words as readonly [string, string | undefined];
    if (given !== undefined && what !== 'restore')
      throwFailure('bad-input', `history ${what} takes nothing after it.`, `Usage: sampo ${history.usage}`);
    if (what === 'check') {
      if (!existsSync(database))
        return throwFailure(
          'not-found',
          `There is no run history in ${home}.`,
          'The first command that needs one makes it.',
        );
      openDatabase(database).close();
      output.result({ file: database, ok: true }, () => `${database} is whole.`);
    } else if (what === 'backups') {
      const backups = listBackups(database);
      output.result(backups, () =>
        backups.length === 0
          ? 'No backups yet: one is taken before an update, and once a day.'
          : table(
              ['taken', 'why', 'bytes', 'file'],
              backups.map((b) => [when(b), reasons[b.reason], `${b.bytes}`, b.file]),
            ),
      );
    } else if (what === 'restore') {
      const backup = given === undefined ? listBackups(database)[0]?.file : path.resolve(given);
      if (backup === undefined)
        return throwFailure(
          'not-found',
          `There is no backup in ${home}.`,
          'npx sampo history new starts an empty history; npx sampo runs recover then lists runs again from their ' +
            'folders.',
        );
      const aside = restoreBackup(database, backup);
      output.result({ restored: backup, setAside: aside }, () => `${backup} is the run history now.${kept(aside)}`);
    } else if (what === 'new') {
      const aside = setAside(database);
      openDatabase(database).close();
      output.result({ setAside: aside }, () => `An empty run history was made.${kept(aside)}`);
    } else throwFailure('bad-input', `There is no command history ${what}.`, `Usage: sampo ${history.usage}`);
    return Promise.resolve(exitCodes.done);
  },
};

const kept = (aside: string | null): string =>
  `${aside === null ? '' : ` What was there is kept as ${aside}.`} npx sampo runs recover lists runs again that ` +
  'only their folders know.';
const reasons: Readonly<Record<Backup['reason'], string>> = { 'before-update': 'before an update', daily: 'daily' };
const when = ({ takenAt }: Backup): string => new Date(takenAt).toISOString().slice(0, 16).replace('T', ' ');
