import { AppFailure, type AppError } from './result';

/**
 * The one way to say something that is not a result, in every process. Where it goes is set at a process' start: main
 * and the command line write a file (app/log-file.ts); the engine tells its parent on stderr; preload and page tell
 * main by the console. Never prompts, answers or rows of data: ids, counts, codes and messages of the app.
 */
export const levels = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];
export type Sink = (level: Level, source: string, text: string) => void;

let sink: Sink | null = null;
let least: Level = 'info';

/** From now on everything of `from` and worse goes there; null: nowhere (tests). */
export function logTo(next: Sink | null, from: Level = 'info'): void {
  sink = next;
  least = from;
}

/** What `SAMPO_LOG` says: a level, or nothing for `info`; null where it says something else. */
export function levelOf(given: string | undefined): Level | null {
  if (!given) return 'info';
  return levels.find((level) => level === given) ?? null;
}

const at =
  (level: Level) =>
  /** `thrown`: an AppFailure by its code and message, anything else with its stack. */
  (source: string, text: string, thrown?: unknown): void => {
    if (sink === null || levels.indexOf(level) < levels.indexOf(least)) return;
    sink(level, source, thrown === undefined ? text : `${text}: ${described(thrown)}`);
  };

export const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };

/**
 * Messages of these codes are about the app and its machine. All others may quote a row, a field, a folder's or a
 * model's name: of them the code says enough.
 */
const plain: ReadonlySet<AppError['code']> = new Set(['engine-failed', 'database', 'no-space', 'internal', 'stopped']);
export const forLog = ({ code, message }: AppError): string => (plain.has(code) ? `${code}: ${message}` : code);

function described(thrown: unknown): string {
  if (thrown instanceof AppFailure) return forLog(thrown.error);
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown).slice(0, 200);
}

/** Preload and page: main listens to their console (app/electron/window.ts). */
// biome-ignore lint/suspicious/noConsole: the only line a sandboxed page has to main's log
export const consoleSink: Sink = (level, source, text) => console[level](`${source}: ${text}`);

/** The engine: a line of stderr says its level, so that its parent can sort it. */
export const engineLine = (level: Level, source: string, text: string): string =>
  text
    .split('\n')
    .map((line) => `[${level} ${source}] ${line}\n`)
    .join('');

export function parseEngineLine(line: string): readonly [Level, string, string] | null {
  const [, level, source, text] = /^\[(debug|info|warn|error) ([\w-]+)\] (.*)$/.exec(line) ?? [];
  return level === undefined ? null : [level as Level, source!, text!];
}
