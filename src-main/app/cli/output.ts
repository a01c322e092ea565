import { largest } from '../../shared/extremes';
import type { AppError } from '../../shared/result';
import { atHome } from '../../shared/shell-words';

/** Exit codes of docs/contract.md. */
export const exitCodes = { done: 0, failed: 1, refused: 2, missing: 3, stopped: 130 } as const;

const refusedCodes: ReadonlySet<AppError['code']> = new Set([
  'bad-input',
  'bad-spec',
  'bad-data',
  'bad-model',
  'unsupported',
  'not-found',
  'no-permission',
  'no-space',
  'database',
]);

/**
 * Of a command that was refused before its work began; a disk that fills up during training is no refusal (see
 * `follow`).
 */
export function exitCodeOf(error: AppError): number {
  if (error.code === 'missing-on-machine') return exitCodes.missing;
  if (error.code === 'stopped') return exitCodes.stopped;
  return refusedCodes.has(error.code) ? exitCodes.refused : exitCodes.failed;
}

/** stdout carries the result (JSON alone with `--json`); everything else goes to stderr. */
export interface Output {
  readonly json: boolean;
  result(value: unknown, words: () => string): void;
  /**
   * A result `{name: […]}` that comes in parts; as `result` where there are no more, with `error` beside the list where
   * it breaks off.
   */
  list(name: string): ResultList;
  /** One event of a stream: a line of JSON, or nothing. */
  event(value: unknown): void;
  note(line: string): void;
  /** Replaces the line before it on a terminal; elsewhere at most one line in ten seconds. */
  progress(line: string): void;
  error(error: AppError): void;
}

export interface ResultList {
  add(values: readonly unknown[]): void;
  end(words: () => string): void;
}

export function makeOutput(json: boolean, home: string | null = null): Output {
  const hereToo = (text: string): string => (home === null ? text : atHome(text, home, process.platform));
  const { stdout, stderr } = process;
  const colours = stderr.isTTY && !process.env.NO_COLOR;
  let open = false;
  let last = 0;
  let listEnd = ''; // what closes the list that is being written
  const close = (): void => {
    if (open) stderr.write('\n');
    open = false;
  };
  return {
    json,
    result: (value, words) => {
      close();
      stdout.write(json ? `${JSON.stringify(value)}\n` : `${words()}\n`);
    },
    list: (name) => ({
      add: (values) => {
        if (!json || values.length === 0) return;
        const items = values.map((value) => JSON.stringify(value)).join(',');
        stdout.write(`${listEnd === '' ? `{${JSON.stringify(name)}:[` : ','}${items}`);
        listEnd = ']';
      },
      end: (words) => {
        close();
        stdout.write(json ? `${listEnd === '' ? `{${JSON.stringify(name)}:[` : ''}]}\n` : `${words()}\n`);
        listEnd = '';
      },
    }),
    event: (value) => {
      if (json) stdout.write(`${JSON.stringify(value)}\n`);
    },
    note: (line) => {
      close();
      stderr.write(`${hereToo(line)}\n`);
    },
    progress: (line) => {
      if (stderr.isTTY) {
        stderr.write(`\r\u001b[K${line}`);
        open = true;
      } else if (Date.now() - last > 10_000) {
        last = Date.now();
        stderr.write(`${line}\n`);
      }
    },
    error: (given) => {
      close();
      const error = { ...given, hint: hereToo(given.hint) };
      // still one JSON value: a list that was begun is closed
      if (json)
        stdout.write(
          listEnd === '' ? `${JSON.stringify({ error })}\n` : `${listEnd},"error":${JSON.stringify(error)}}\n`,
        );
      else
        stderr.write(
          `${colours ? '\u001b[31m' : ''}Error: ${error.message}${colours ? '\u001b[0m' : ''}\n${error.hint}\n`,
        );
    },
  };
}

/**
 * Nobody reads any more (`| head`, a terminal that was closed): a run at work saves and stops as at Ctrl-C, other
 * commands just end.
 */
export function endWithReader(): void {
  let isGone = false;
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', () => {
      if (!isGone) process.kill(process.pid, 'SIGTERM');
      isGone = true;
    });
}

/** Columns padded to their widest cell; numbers to the right. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headers.map((header, i) => largest([header, ...rows.map((row) => row[i]!)], (cell) => cell.length)!);
  const isNumber = (cell: string): boolean => /^[−+-]?[\d.,]+( ?%| ?tokens)?$|^–$/.test(cell);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (isNumber(cell) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(headers), line(widths.map((w) => '─'.repeat(w))), ...rows.map(line)].join('\n');
}

export const shown = (value: number | null | undefined, digits = 3): string =>
  value === null || value === undefined ? '–' : Number(value.toPrecision(digits)).toString();
