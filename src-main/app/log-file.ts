import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { AppFailure, type AppError } from '../shared/result';
import { redact } from './redact';

export type Level = 'info' | 'warn' | 'error';

/** Five files of two megabytes: weeks of work, and never a full disk. */
export const logLimits = { bytes: 2 * 2 ** 20, files: 5 } as const;
/** One line of a library may be a whole tensor. */
const longestLine = 4000;

/** A log in a folder: `sampo.log`, older ones `sampo.1.log` and on. Several processes may append to it; it never throws. */
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

let current: LogFile | null = null;

/** Everything below goes to this home's log from now on; null: nowhere (tests). */
export const openLog = (file: LogFile | null): void => void (current = file);

const at =
  (level: Level) =>
  (source: string, text: string): void =>
    current?.write(level, source, text);

/** Never prompts, answers or rows of data: ids, counts, codes and messages of the app. */
export const log = {
  info: at('info'),
  warn: at('warn'),
  /** With what was thrown; an AppFailure by its code and message, anything else with its stack. */
  error: (source: string, text: string, thrown?: unknown): void =>
    current?.write('error', source, thrown === undefined ? text : `${text}: ${described(thrown)}`),
};

/** Messages of these codes are about the app and its machine. All others may quote a row, a field, a folder's or a model's name: of them the code says enough. */
const plain: ReadonlySet<AppError['code']> = new Set(['engine-failed', 'database', 'no-space', 'internal', 'stopped']);
export const forLog = ({ code, message }: AppError): string => (plain.has(code) ? `${code}: ${message}` : code);

function described(thrown: unknown): string {
  if (thrown instanceof AppFailure) return forLog(thrown.error);
  return thrown instanceof Error
    ? (thrown.stack ?? thrown.message)
    : inspect(thrown, { depth: 1, maxStringLength: 200 });
}
