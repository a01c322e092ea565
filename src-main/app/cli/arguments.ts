import { parseArgs } from 'node:util';
import { throwFailure, messageOf } from '../../shared/result';
import { nearestName } from '../../shared/spec/run-spec-check';

export interface Flag {
  readonly name: string;
  readonly value: string | null; // what stands for the value in the help; null: a switch
  readonly mayBeEmpty?: true;
}

export interface Arguments {
  readonly words: readonly string[];
  flag(name: string): string | null;
  has(name: string): boolean;
  required(name: string): string;
  number(name: string, fallback: number, check: (n: number) => boolean, what: string): number;
}

/** Parses flags and positional words; an unknown flag is refused with the nearest known one. */
export function parseArguments(input: readonly string[], flags: readonly Flag[]): Arguments {
  const known = new Map(flags.map((f) => [f.name, f]));
  const seen = new Set<string>();
  for (const part of input) {
    if (part === '--') break;
    const name = /^--([^=]+)/.exec(part)?.[1];
    if (name === undefined) continue;
    if (seen.has(name))
      throwFailure('bad-input', `--${name} is given twice.`, 'Leave one of them out.', { flag: name });
    seen.add(name);
    if (known.has(name)) continue;
    const nearest = nearestName(name, [...known.keys()]);
    throwFailure(
      'bad-input',
      `There is no flag --${name} here.`,
      nearest ? `Did you mean --${nearest}?` : `Known: ${[...known.keys()].map((k) => `--${k}`).join(', ')}.`,
      { flag: name },
    );
  }
  const options = Object.fromEntries(
    flags.map((f) => [f.name, { type: f.value === null ? ('boolean' as const) : ('string' as const) }]),
  );
  const { values, positionals } = (() => {
    try {
      return parseArgs({ args: [...input], options, allowPositionals: true, strict: true });
    } catch (thrown) {
      return throwFailure(
        'bad-input',
        `The command line is not right: ${messageOf(thrown)}`,
        'npx sampo --help shows every command.',
      );
    }
  })();
  for (const { name, value, mayBeEmpty } of flags) {
    // an unset variable in a script, say: as a path it would be the current folder
    if (values[name] !== '' || mayBeEmpty) continue;
    throwFailure('bad-input', `--${name} has an empty value.`, `Give --${name} ${value}.`, { flag: name });
  }
  // as a run it would be the only one there is, since every id begins with it
  if (positionals.includes(''))
    throwFailure('bad-input', 'A word after the command is empty.', 'Fill it in, or leave it out.');
  const flag = (name: string): string | null => (typeof values[name] === 'string' ? (values[name] as string) : null);
  const required = (name: string): string =>
    flag(name) ??
    throwFailure('bad-input', `--${name} is missing.`, `Give --${name} ${known.get(name)?.value ?? ''}.`, {
      flag: name,
    });
  return {
    words: positionals,
    flag,
    has: (name) => values[name] === true,
    required,
    number: (name, fallback, check, what) => {
      const text = flag(name);
      if (text === null) return fallback;
      const value = Number(text);
      if (text.trim() === '' || !Number.isFinite(value) || !check(value))
        throwFailure('bad-input', `--${name} ${text} is not ${what}.`, `Give ${what}.`, { flag: name });
      return value;
    },
  };
}
