import path from 'node:path';
import { version } from '../../../package.json';
import { throwFailure } from '../../shared/result';
import { describeError } from '../errors';
import { nearestName } from '../../shared/spec/run-spec-check';
import type { SpawnEngine } from '../engines/engine-host';
import { defaultHome } from '../folders';
import { openServices, type Services } from '../services';
import { parseArguments, type Flag } from './arguments';
import type { Command } from './context';
import { history } from './history';
import { doctor, methods, sample, spec } from './info-commands';
import { data, exportModel, generate, logprobs } from './model-commands';
import { exitCodeOf, exitCodes, makeOutput } from './output';
import { compare, runs } from './runs';
import { endings, train } from './train';

export const commands: Readonly<Record<string, Command>> = {
  train,
  runs,
  compare,
  history,
  data,
  logprobs,
  generate,
  export: exportModel,
  methods,
  spec,
  sample,
  doctor,
};

/** Flags that every command takes, before or after its name. */
const switches = ['json', 'help', 'version'].map((name): Flag => ({ name, value: null }));
const common: readonly Flag[] = [{ name: 'home', value: 'DIR' }, ...switches];

/** Runs one command line (without `node` and script) and returns its exit code. */
export async function runCommandLine(input: readonly string[], spawn: SpawnEngine): Promise<number> {
  const output = makeOutput(input.includes('--json'), givenHome(input));
  let open: Services | null = null;
  /** Ctrl-C while a job works: it ends, and what was begun on stdout is closed. `follow` stops runs, which save. */
  const cancel = (): void => open?.jobs.cancelAll();
  try {
    const place = commandPlace(input);
    const name = input[place] ?? null;
    const command = name === null ? null : Object.hasOwn(commands, name) ? commands[name]! : unknown(name);
    if (input.includes('--help')) {
      const shown = command === null ? Object.entries(commands) : [[name!, command] as const];
      output.result(shown.map(helpOf), () => (command ? `sampo ${command.usage}\n\n${command.help}` : help()));
      return exitCodes.done;
    }
    if (input.includes('--version')) {
      output.result({ version }, () => version);
      return exitCodes.done;
    }
    if (name === null || command === null) {
      parseArguments(input, common); // an unknown flag is what is wrong then
      // stdout carries JSON alone
      if (output.json) throwFailure('bad-input', 'No command is given.', `Known: ${Object.keys(commands).join(', ')}.`);
      process.stdout.write(`${help()}\n`);
      return exitCodes.refused;
    }
    const rest = input.toSpliced(place, 1);
    const args = parseArguments(rest, [...common, ...command.flags]);
    const [least, most] = command.words;
    if (args.words.length < least || args.words.length > most)
      throwFailure(
        'bad-input',
        `sampo ${name} takes ${least === most ? least : `${least} to ${most}`} ${most === 1 ? 'word' : 'words'} ` +
          `after its name, not ${args.words.length}.`,
        `Usage: sampo ${command.usage}`,
      );
    const given = args.flag('home');
    const home = given === null ? defaultHome() : path.resolve(given);
    return await command.run({
      args,
      output,
      home,
      services: (events) => {
        if (open === null) for (const signal of endings) process.on(signal, cancel);
        return (open ??= openServices(home, spawn, events));
      },
    });
  } catch (thrown) {
    const error = describeError(thrown);
    output.error(error);
    return exitCodeOf(error);
  } finally {
    for (const signal of endings) process.off(signal, cancel);
    const services = open as Services | null;
    await services?.runs.shutDown();
    services?.close();
  }
}

/** What `--help` tells a program. */
const helpOf = ([command, { usage, help: words, flags }]: readonly [string, Command]): object => ({
  command,
  usage,
  help: words,
  flags: flags.map(({ name, value }) => ({ name, value })),
});

/** For the commands that errors name: without it they would look at another folder. */
function givenHome(input: readonly string[]): string | null {
  const place = input.findIndex((part) => part === '--home' || part.startsWith('--home='));
  return place < 0
    ? null
    : input[place] === '--home'
      ? (input[place + 1] ?? null)
      : input[place]!.slice('--home='.length);
}

/** Where the first word stands that is neither a flag nor a flag's value. */
function commandPlace(input: readonly string[]): number {
  for (let i = 0; i < input.length; i++) {
    const part = input[i]!;
    if (part === '--home') i++;
    else if (!part.startsWith('-')) return i;
  }
  return input.length;
}

function unknown(name: string): never {
  const nearest = nearestName(name, Object.keys(commands));
  return throwFailure(
    'bad-input',
    `There is no command ${name}.`,
    nearest ? `Did you mean ${nearest}?` : `Known: ${Object.keys(commands).join(', ')}.`,
  );
}

const help = (): string =>
  [
    'sampo [--home DIR] [--json] COMMAND … | --help | --version',
    '',
    ...Object.values(commands).flatMap((c) => [`  ${c.usage}`, `      ${c.help}`]),
    '  sampo engine list | install cuda [--wheels DIR] | remove cuda',
    '      The CUDA build of TensorFlow, for NVIDIA cards on Linux.',
    '',
    `State lies in ${defaultHome()} unless --home or SAMPO_HOME says otherwise. Relative paths count from the ` +
      'current folder.',
  ].join('\n');
