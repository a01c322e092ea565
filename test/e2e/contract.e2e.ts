import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { datasetFormats } from '../../src-main/shared/spec/run-spec';
import { sampo, temporaryFolder, writeSpec, type Finished } from './support/cli';
import * as shape from './support/contract-shapes';
import { pairFiles, renamedFile, tinyModel } from './support/option-files';

// The command line as docs/contract.md has it, one row for each command and each of its flags: what stdout holds with
// --json, and how it ends.

const work = temporaryFolder();
const home = path.join(work, 'home');
const model = path.join(work, 'model');
const data = pairFiles(path.join(work, 'data'));
const renamed = renamedFile(path.join(work, 'data'));
const adapter = path.join(work, 'adapter');
const out = (name: string): string => path.join(work, 'out', name);
const written = (name: string, value: unknown): string => {
  writeFileSync(path.join(work, name), JSON.stringify(value));
  return path.join(work, name);
};
const spec = (change: object = {}, training: object = {}): string =>
  writeSpec(work, {
    model: { path: model },
    dataset: { path: data['pairs'] },
    method: { id: 'dpo' },
    adapter: { rank: 2 },
    training: { maxSteps: 2, pairsPerStep: 2, maxLength: 96, checkpointEvery: 100, ...training },
    probes: { everySteps: 2, maxNewTokens: 4, prompts: ['What is a cow?'] },
    ...change,
  });
const messages = written('messages.json', [{ role: 'user', content: 'What is a cow?' }]);
const badSpec = written('bad-spec.json', { model: { path: model }, dataset: { path: data['pairs'] }, trainin: {} });
const endless = spec({}, { maxSteps: 100_000, epochs: 100_000 });
const diverging = spec({ adapter: { kind: 'none' } }, { learningRate: 1e38, warmupRatio: 0, clipNorm: null });
const long = path.join(work, 'long.jsonl');
writeFileSync(
  long,
  Array.from({ length: 20_000 }, (_, i) =>
    JSON.stringify({
      prompt: `What is the color of ${i} cows?`,
      chosen: 'A cow is white.',
      rejected: 'It is a big animal.',
    }),
  ).join('\n'),
);
const backup = (): string => path.join(home, 'backups', readdirSync(path.join(home, 'backups'))[0]!);
const runIds: string[] = []; // as the rows make them
const firstRun = (): string => runIds[0]!;

/** A machine whose TensorFlow is broken: the loader finds these first. */
const brokenLibraries = path.join(work, 'libraries');
mkdirSync(brokenLibraries);
for (const name of ['libtensorflow.so.2', 'libtensorflow_framework.so.2'])
  writeFileSync(path.join(brokenLibraries, name), 'no library');
const withoutTensorflow = { SAMPO_ENGINE: 'tensorflow', LD_LIBRARY_PATH: brokenLibraries };

interface Row {
  readonly args: readonly (string | (() => string))[]; // a function: known once earlier rows are done
  readonly shape: z.ZodType;
  /** 0 unless it is said. */
  readonly code?: number;
  /** stdout is a stream: a JSON value a line. */
  readonly stream?: true;
  readonly env?: NodeJS.ProcessEnv;
  /** What the refusal names. */
  readonly names?: RegExp;
  /** Ctrl-C once stdout holds it. */
  readonly interruptAt?: string;
  readonly onlyOnLinux?: true;
}
const failed = (args: Row['args'], code: number, names: RegExp, more: Partial<Row> = {}): Row => ({
  args,
  shape: shape.failure,
  code,
  names,
  ...more,
});
const generate = ['generate', '--model', model, '--max-new-tokens', '4'];

/** In this order: later rows speak of the runs that earlier ones made. */
const table: readonly Row[] = [
  { args: ['--version'], shape: shape.version },
  { args: ['--help'], shape: shape.help },
  { args: ['engine', 'list'], shape: shape.cuda },
  { args: ['engine', 'remove', 'cuda'], shape: shape.cuda, env: { SAMPO_CACHE: path.join(work, 'cache') } },
  { args: ['runs', 'list'], shape: shape.runList },
  { args: ['train', '--spec', spec()], shape: shape.events('finished'), stream: true },
  {
    args: ['train', '--spec', spec({ method: { id: 'sampo' }, adapter: { kind: 'none' } })],
    shape: shape.events('finished'),
    stream: true,
  },
  { args: ['runs', 'list'], shape: shape.runList.length(2) },
  { args: ['runs', 'show', 'last'], shape: shape.runShown },
  { args: ['compare', firstRun, 'last'], shape: shape.comparison },
  { args: ['export', 'last', '--form', 'merged', '--out', out('merged')], shape: shape.exported },
  ...['f32', 'f16', 'bf16'].map(
    (dtype): Row => ({
      args: ['export', 'last', '--form', 'merged', '--dtype', dtype, '--out', out(dtype)],
      shape: shape.exported,
    }),
  ),
  { args: ['export', firstRun, '--form', 'adapter', '--out', adapter], shape: shape.exported },
  {
    args: ['export', firstRun, '--form', 'adapter', '--dtype', 'bf16', '--out', out('adapter16')],
    shape: shape.exported,
  },
  ...datasetFormats.map((format): Row => {
    const read = format === 'auto' ? 'pairs' : format;
    return { args: ['data', 'inspect', data[read]!, '--format', format], shape: shape.inspection(read, 'words') };
  }),
  { args: ['data', 'inspect', data['pairs']!, '--model', model], shape: shape.inspection('pairs', 'tokens') },
  {
    args: ['data', 'inspect', renamed.path, '--columns', JSON.stringify(renamed.columns)],
    shape: shape.inspection('pairs', 'words'),
  },
  {
    args: ['logprobs', '--model', model, '--data', data['pairs']!, '--adapter', adapter, '--max-length', '96'],
    shape: shape.pairLogprobs(96),
  },
  {
    args: ['logprobs', '--model', model, '--data', data['alpaca']!, '--format', 'alpaca'],
    shape: shape.pairLogprobs(512),
  },
  {
    args: ['logprobs', '--model', model, '--data', renamed.path, '--columns', JSON.stringify(renamed.columns)],
    shape: shape.pairLogprobs(512),
  },
  {
    args: [...generate, '--prompt', 'What is a cow?', '--temperature', '0.7', '--seed', '7', '--adapter', adapter],
    shape: shape.answer(4),
  },
  { args: [...generate, '--prompt', ''], shape: shape.answer(4) },
  { args: [...generate, '--messages', messages], shape: shape.answer(4) },
  { args: ['methods'], shape: shape.catalogue },
  { args: ['spec', '--example'], shape: shape.specOf('sampo') },
  { args: ['spec', '--example', 'simpo'], shape: shape.specOf('simpo') },
  { args: ['spec', '--check', spec()], shape: shape.specOk },
  { args: ['spec', '--schema'], shape: shape.jsonSchema },
  { args: ['doctor'], shape: shape.doctor('tensorflow'), env: { SAMPO_ENGINE: 'tensorflow' } },
  { args: ['doctor'], shape: shape.doctor('wasm'), env: { SAMPO_ENGINE: 'wasm' } },

  // 1: failed while running
  failed(['train', '--spec', diverging], 1, /not a finite number/, { shape: shape.events('failed'), stream: true }),
  // 3: something is missing on this machine
  failed(['doctor'], 3, /TensorFlow does not load/, { env: withoutTensorflow, onlyOnLinux: true }),
  failed([...generate, '--prompt', 'x'], 3, /TensorFlow does not load/, {
    env: withoutTensorflow,
    onlyOnLinux: true,
  }),
  failed(['train', '--spec', spec()], 3, /TensorFlow does not load/, {
    shape: shape.events('failed'),
    stream: true,
    env: withoutTensorflow,
    onlyOnLinux: true,
  }),
  failed(['engine', 'install', 'cuda', '--wheels', out('nowhere')], 3, /is missing|Linux x64 only/),
  // 130: stopped by the user; what was begun on stdout is closed
  {
    args: ['train', '--spec', endless],
    shape: shape.events('stopped'),
    stream: true,
    code: 130,
    interruptAt: '"event":"metrics","step":3',
  },
  {
    args: ['train', '--resume', 'last'],
    shape: shape.events('stopped'),
    stream: true,
    code: 130,
    interruptAt: '"event":"metrics"',
  },
  failed(['logprobs', '--model', model, '--data', long, '--max-length', '64'], 130, /Cancelled/, {
    shape: shape.pairLogprobs(64).extend(shape.failure.shape),
    interruptAt: '"pairs":',
  }),
  { args: ['sample'], shape: shape.events('stopped'), stream: true, code: 130, interruptAt: '"event":"metrics"' },

  // 2: what the specification promises and a later version brings
  ...[
    'models list',
    'models search x',
    'models get a/b',
    'models remove x',
    'push last',
    'evaluate --model m',
    'evaluate score',
    'evaluate loglikelihood',
    'judge --task tldr',
    'judge score',
    'chat --model m',
    'targets list',
    'targets check x',
    'hub',
  ].map((command) => failed(command.split(' '), 2, new RegExp(`no command ${command.split(' ')[0]}\\.`))),
  failed(['data', 'convert', 'a.jsonl'], 2, /no command data convert/),
  failed(['data', 'get', 'a/b'], 2, /no command data get/),
  failed(['data', 'inspect', 'a.jsonl', '--pairing', 'all'], 2, /no flag --pairing/),
  failed(['data', 'inspect', 'a.jsonl', 'b.jsonl'], 2, /takes 2 words/),
  ...['--prompts', '--raw', '--top-p', '--top-k', '--repetition-penalty', '--stop'].map((flag) =>
    failed([...generate, '--prompt', 'x', flag], 2, new RegExp(`no flag ${flag} `)),
  ),
  failed(['train', '--spec', badSpec, '--target', 'x'], 2, /no flag --target/),
  failed(['export', 'last', '--form', 'gguf', '--out', out('gguf')], 2, /GGUF/),
  ...['ranked', 'compared', 'rated'].map((format) =>
    failed(['data', 'inspect', data['pairs']!, '--format', format], 2, new RegExp(`--format ${format} is not known`)),
  ),
  failed(['generate', '--model', 'hub:a/b', '--prompt', 'x'], 2, /hub:a\/b/),
  failed(['spec', '--check', spec({ target: { kind: 'local' } })], 2, /unknown field target/),
  failed(['runs', 'list'], 2, /SAMPO_ENGINE is pjrt/, { env: { SAMPO_ENGINE: 'pjrt' } }),

  // 2: words
  failed(['trian'], 2, /no command trian/),
  failed([], 2, /No command is given/),
  failed(['--nonsense'], 2, /no flag --nonsense/),
  failed(['runs', 'liszt'], 2, /needs a run|no command runs liszt/),
  failed(['runs', 'recover', 'x'], 2, /runs recover takes no run \(x\)/),
  failed(['runs', 'show', 'r_nowhere'], 2, /no run r_nowhere/),
  failed(['runs', 'delete', ''], 2, /A word after the command is empty/),
  failed(['compare', 'last'], 2, /takes 2 to 8 words/),
  failed(['methods', 'dpo'], 2, /takes 0 words/),
  failed(['history', 'check', 'x'], 2, /takes nothing after it/),
  failed(['history', 'chek'], 2, /no command history chek/),
  failed(['engine', 'lst'], 2, /no command engine lst/),
  failed(['engine', 'install'], 2, /needs the engine's name/),
  failed(['engine', 'remove', 'rocm'], 2, /rocm/),
  failed(['engine', 'list', '--nonsense'], 2, /--nonsense/),
  failed(['spec'], 2, /Say what to do/),
  failed(['spec', '--check', badSpec], 2, /unknown field trainin/),
  failed(['spec', '--example', 'dpoo'], 2, /Method dpoo/),
  failed(['train', '--spec', badSpec], 2, /unknown field trainin/),
  failed(['train', '--resume', 'r_nowhere'], 2, /no run r_nowhere/),
  failed(['train', '--spec', badSpec, '--resume', 'last'], 2, /either --spec FILE or --resume RUN/),
  failed([...generate], 2, /--prompt TEXT or --messages/),
  failed(['generate', '--prompt', 'x'], 2, /--model is missing/),
  failed(['logprobs', '--model', model], 2, /--data is missing/),
  failed(['logprobs', '--data', data['pairs']!], 2, /--model is missing/),
  failed(['export', 'last', '--out', out('x')], 2, /--form is missing/),
  failed(['export', 'last', '--form', 'merged'], 2, /--out is missing/),
  // 2: values
  failed(
    ['logprobs', '--model', model, '--data', data['pairs']!, '--max-length', '0.5'],
    2,
    /--max-length 0\.5 is not a whole number/,
  ),
  failed(['logprobs', '--model', model, '--data', out('nowhere.jsonl')], 2, /nowhere\.jsonl/),
  failed([...generate, '--prompt', 'x', '--temperature', 'warm'], 2, /--temperature warm is not a number/),
  failed([...generate, '--prompt', 'x', '--seed', '1.5'], 2, /--seed 1\.5 is not a whole number/),
  failed(['generate', '--model', model, '--prompt', 'x', '--max-new-tokens', '0'], 2, /--max-new-tokens 0 is not/),
  failed([...generate, '--messages', badSpec], 2, /bad-spec\.json is not a list of messages/),
  failed([...generate, '--prompt', 'x', '--adapter', out('nowhere')], 2, /nowhere/),
  failed(['export', 'last', '--form', 'onnx', '--out', out('x')], 2, /--form onnx is not known/),
  failed(['export', 'last', '--form', 'merged', '--dtype', 'f64', '--out', out('x')], 2, /--dtype f64 is not known/),
  failed(['data', 'inspect', renamed.path, '--columns', '{"ask": "x"}'], 2, /ask/),
  failed(['data', 'inspect', renamed.path, '--columns', 'ask'], 2, /--columns is not JSON/),

  // the history as a file, last because it begins another one
  { args: ['history', 'check'], shape: shape.historyChecked },
  { args: ['history', 'backups'], shape: shape.historyBackups },
  { args: ['runs', 'delete', 'last'], shape: shape.runDeleted },
  { args: ['history', 'new'], shape: shape.historyNew },
  { args: ['runs', 'recover'], shape: shape.runsRecovered },
  { args: ['history', 'restore'], shape: shape.historyRestored },
  { args: ['history', 'restore', backup], shape: shape.historyRestored },
];

const wordsOf = ({ args }: Row): string =>
  args
    .map((part) => (typeof part === 'string' ? part : '…'))
    .join(' ')
    .replaceAll(work, '');
const nameOf = (row: Row): string =>
  [
    row.code ?? 0,
    ...Object.entries(row.env ?? {}).map(([name, value]) => `${name}=${value!.replace(work, '')}`),
    wordsOf(row),
    row.names ?? '',
  ].join(' ');

/** What every command keeps to, whatever it does. */
async function keepsTo(row: Row): Promise<void> {
  const args = row.args.map((part) => (typeof part === 'string' ? part : part()));
  let asked = false;
  const interrupt = (child: ChildProcess): void => {
    let seen = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      seen += String(chunk);
      if (asked || row.interruptAt === undefined || !seen.includes(row.interruptAt)) return;
      asked = true;
      child.kill('SIGINT');
    });
  };
  const done: Finished = await sampo(home, args, undefined, {
    env: { SAMPO_ENGINE: '', ...row.env },
    onStart: interrupt,
  });
  const told = `${done.stdout.slice(0, 2000)}\n${done.stderr}`;
  expect(done.code, told).toBe(row.code ?? 0);
  expect(asked, told).toBe(row.interruptAt !== undefined);
  const value: unknown = row.stream ? done.events() : done.json();
  expect(done.stdout.endsWith('\n'), told).toBe(true);
  const { success, error } = row.shape.safeParse(value);
  if (!success) throw new Error(`${z.prettifyError(error)}\n${told}`);
  if (row.names) expect(JSON.stringify(value).replaceAll('\\"', '"')).toMatch(row.names);
  expect(done.stderr.split('\n').filter((line) => /^\s*[[{]/.test(line))).toEqual([]);
  if (row.stream && args[0] === 'train') runIds.push((value as [{ runId: string }])[0].runId);
}

beforeAll(() => tinyModel(model, 1));

describe('what is promised', () => {
  it.each(table.filter((row) => row.code !== 2).map((row) => [nameOf(row), row] as const))('%s', async (_name, row) => {
    if (row.onlyOnLinux && process.platform !== 'linux') return;
    await keepsTo(row);
  });
});

describe('what is refused', () => {
  it.concurrent.each(table.filter((row) => row.code === 2).map((row) => [nameOf(row), row] as const))(
    '%s',
    (_name, row) => keepsTo(row),
  );
});

describe('the table', () => {
  let commands: shape.Help;
  beforeAll(async () => {
    commands = [
      ...(await sampo(home, ['--help'])).json<shape.Help>(),
      ...(await sampo(home, ['engine', '--help'])).json<shape.Help>(),
    ];
  });

  it('has a row for each command and each of its flags', () => {
    const shown = table.filter(({ code }) => code !== 2).map(wordsOf);
    const named = commands.flatMap(({ command, usage }) =>
      usage.split(' | ').map((part) => {
        const words = /^[a-z]+( [a-z]+)*/.exec(part)?.[0] ?? command; // `--messages FILE`: flags alone
        return words.startsWith(command) ? words : `${command} ${words}`;
      }),
    );
    const flagged = commands.flatMap(({ command, flags }) => flags.map(({ name }) => [command, `--${name}`] as const));
    expect(named.filter((words) => !shown.some((row) => `${row} `.startsWith(`${words} `)))).toEqual([]);
    expect(
      flagged.filter(
        ([command, flag]) => !shown.some((row) => row.startsWith(`${command} `) && `${row} `.includes(` ${flag} `)),
      ),
    ).toEqual([]);
    expect([named.length, flagged.length]).toEqual([
      expect.toSatisfy((n: number) => n > 15),
      expect.toSatisfy((n: number) => n > 20),
    ]);
  });

  it('of flags: help, an unknown one, one without its value, one with nothing in it', async () => {
    const rows = commands.flatMap(({ command, flags }): readonly Row[] => [
      { args: [command, '--help'], shape: shape.help.length(1) },
      failed([command, '--nonsense'], 2, /--nonsense/),
      ...flags
        .filter(({ value }) => value !== null)
        .flatMap(({ name }) => [
          failed([command, `--${name}`], 2, new RegExp(`--${name}`)),
          ...(name === 'prompt'
            ? []
            : [failed([command, `--${name}`, ''], 2, new RegExp(`--${name} has an empty value`))]),
        ]),
    ]);
    expect(rows.length).toBeGreaterThan(60);
    const waiting = [...rows];
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await keepsTo(next);
    };
    await Promise.all([lane(), lane()]);
  });
});
