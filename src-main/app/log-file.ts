import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { levelOf, levels, logTo, type Level } from '../shared/log';
import { throwFailure } from '../shared/result';
import { redact } from './redact';

/** Five files of two megabytes: weeks of work, and never a full disk. */
export const logLimits = { bytes: 2 * 2 ** 20, files: 5 } as const;
/** One line of a library may be a whole tensor. */
const longestLine = 4000;

/**
 * A log in a folder: `sampo.log`, older ones `sampo.1.log` and on. Several processes may append to it; it never throws.
 */
export class LogFile {
  readonly file: string;

  constructor(
    readonly folder: string,
    private readonly limits: { readonly bytes: number; readonly files: number } = logLimits,
  ) {
    this.file = path.join(folder, 'sampo.log');
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch {
      // each line tries again
    }
  }

  write(level: Level, source: string, text: string): void {
    const head = `${new Date().toISOString()} ${level.padEnd(5)} [${process.pid} ${source}] `;
    const lines = text
      .split('\n')
      .map(
        (line) =>
          `${head}${redact(line.slice(0, longestLine))}${line.length > longestLine ? `… (${line.length} characters)` : ''}\n`,
      );
    try {
      this.rotate();
      appendFileSync(this.file, lines.join(''), { mode: 0o600 });
    } catch {
      // a full disk, say: the work that is logged matters more than the log
    }
  }

  /** The newest lines, the oldest of them first. */
  tail(lines: number): readonly string[] {
    let found: readonly string[] = [];
    for (let number = 0; number < this.limits.files && found.length < lines; number++) {
      const file = this.numbered(number);
      if (!existsSync(file)) break;
      const older = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
      found = [...older.slice(found.length - lines), ...found];
    }
    return found;
  }

  private rotate(): void {
    const size = statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
    if (size < this.limits.bytes) return;
    for (let number = this.limits.files - 2; number >= 0; number--) {
      const from = this.numbered(number);
      if (existsSync(from)) renameSync(from, this.numbered(number + 1));
    }
  }

  private readonly numbered = (number: number): string =>
    number === 0 ? this.file : path.join(this.folder, `sampo.${number}.log`);
}

/** Everything that is logged goes to this home's log from now on, from the level that `SAMPO_LOG` names. */
export function openLog(file: LogFile, given = process.env['SAMPO_LOG']): void {
  const level =
    levelOf(given) ??
    throwFailure('bad-input', `SAMPO_LOG is ${given}, which is no level.`, `Known: ${levels.join(', ')}.`, {
      variable: 'SAMPO_LOG',
    });
  logTo((at, source, text) => file.write(at, source, text), level);
}
