import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../../../src-main/shared/ipc/engine-events';
import type { DatasetInspection } from '../../../../../src-main/shared/data/dataset';
import { CommandLine } from '../../../support/command-line';
import { anyRun, anySpec } from '../../../support/runs';

let line: CommandLine;
beforeEach(() => void (line = new CommandLine()));

const side = (mean: number, median: number, min: number, max: number) => ({ mean, median, min, max });
const inspection = (change: Partial<DatasetInspection> = {}): DatasetInspection => ({
  format: 'pairs',
  rows: 5,
  usable: 3,
  problems: [{ row: 4, field: 'chosen', code: 'empty-response', message: 'The chosen response is empty.' }],
  problemGroups: [
    { code: 'empty-response', field: 'chosen', count: 1, rows: [4], message: 'The chosen response is empty.' },
    { code: 'not-json', field: '', count: 1, rows: [5], message: 'It is not JSON.' },
  ],
  warnings: [{ code: 'duplicate', field: '', count: 1, rows: [2], message: 'As row 1.' }],
  notes: ['The column "id" is not read.'],
  profile: {
    unit: 'tokens',
    prompt: side(10.123, 11, 7, 20),
    chosen: side(30, 31.5, 3, 99),
    rejected: side(21, 20, 1, 50),
  } as unknown as DatasetInspection['profile'],
  verdict: 'Longer answers win.',
  ...change,
});

describe('data inspect', () => {
  const plain = { path: 'p.jsonl', format: 'auto', columns: null, modelPath: null, maxLength: null };
  it.each([
    [[], plain],
    [['--model', 'm'], { ...plain, modelPath: 'm' }],
    [['--format', 'hh'], { ...plain, format: 'hh' }],
    [
      ['--columns', '{"prompt": "q", "rejected": "bad"}', '--format=pairs'],
      { ...plain, format: 'pairs', columns: { prompt: 'q', rejected: 'bad' } },
    ],
  ])('with %j asks the engine for that', async (flags, input) => {
    line.answers({ 'inspect-dataset': () => inspection() });
    expect(await line.json('data', 'inspect', 'p.jsonl', ...flags)).toEqual(inspection());
    expect(line.heard).toMatchObject([{ kind: 'start', job: 'inspect-dataset' }]);
    expect(line.input()).toEqual(input);
  });

  it('says in words what the file holds, and what is wrong with which rows', async () => {
    const progress: EngineEvent = { kind: 'progress', what: 'read rows', done: 1, total: 9 };
    line.answers({ 'inspect-dataset': () => inspection() }, [progress]);
    const said = await line.run('data', 'inspect', 'p.jsonl');
    expect(said.code).toBe(0);
    expect(said.stdout.split('\n')).toEqual([
      'Longer answers win.',
      '5 rows as pairs, 3 usable',
      '                   mean  median  min  max',
      '─────────────────  ────  ──────  ───  ───',
      'prompt (tokens)    10.1      11    7   20',
      'chosen (tokens)      30    31.5    3   99',
      'rejected (tokens)    21      20    1   50',
      '1 × empty-response in chosen (row 4): The chosen response is empty.',
      '1 × not-json (row 5): It is not JSON.',
      '1 pair occurs more than once (row 2); the first is row 2: As row 1.',
      'The column "id" is not read.',
      '',
    ]);
    expect(said.stderr).toBe('read rows: 1 of about 9\n');
  });

  it('refuses a file without a usable pair by its first problem', async () => {
    const many = Array.from({ length: 25 }, (_, i) => ({ ...inspection().problems[0]!, row: i + 1 }));
    line.answers({ 'inspect-dataset': () => inspection({ usable: 0, profile: null, problems: many }) });
    expect((await line.run('data', 'inspect', 'some/p.jsonl')).code).toBe(2);
    const error = await line.error('data', 'inspect', 'some/p.jsonl');
    expect(error).toMatchObject({
      code: 'bad-data',
      message: 'p.jsonl has no usable pair: The chosen response is empty.',
      details: { file: 'some/p.jsonl', problems: many.slice(0, 20), problemGroups: inspection().problemGroups },
    });
    line.answers({ 'inspect-dataset': () => inspection({ usable: 0, rows: 0, problems: [] }) });
    expect((await line.error('data', 'inspect', 'p.jsonl')).message).toBe('p.jsonl has no usable pair: it is empty');
  });

  it.each([
    [['inspect'], null, 'sampo data takes 2 words after its name, not 1.', /^Usage: sampo data inspect FILE/],
    [['inspect', 'a', 'b'], null, 'sampo data takes 2 words after its name, not 3.', /^Usage/],
    [['look', 'a'], null, 'There is no command data look.', /data inspect FILE/],
    [['inspect', 'a', '--format', 'csv'], 'format', '--format csv is not known.', /auto, pairs, messages/],
    [['inspect', 'a', '--columns', '{"prompt'], 'columns', /^--columns is not JSON: .+/, /"chosen": "better"/],
    [['inspect', 'a', '--columns', '{"promt": "q"}'], 'columns', /not for "promt"/, /mean prompt/],
    [['inspect', 'a', '--columns', '7'], 'columns', /are a JSON object/, /Roles: prompt, chosen/],
  ] as const)('refuses %j', async (words, flag, message, hint) => {
    const error = await line.error('data', ...words);
    expect(error).toMatchObject({ code: 'bad-input', hint: expect.stringMatching(hint) as string });
    expect(error.message).toMatch(message);
    expect(error.details?.['flag'] ?? null).toBe(flag);
    expect(line.heard).toEqual([]);
  });
});

describe('logprobs', () => {
  const pair = (row: number) => ({
    row,
    promptIds: [1],
    chosenIds: [1, 2, 3],
    rejectedIds: [4],
    chosenLogprobs: [-1.25, -2, -0.5],
    rejectedLogprobs: [-0.125],
  });
  const said: readonly EngineEvent[] = [
    { kind: 'progress', what: 'score pairs', done: 1, total: 3 },
    { kind: 'problem', message: 'Row 9 is left out.' },
    { kind: 'logprobs', pairs: [pair(1), pair(2)] },
    { kind: 'logprobs', pairs: [pair(12)] },
  ];
  const needed = ['--model', 'm', '--data', 'd.jsonl'];
  const plain = {
    modelPath: 'm',
    adapterPath: null,
    data: { path: 'd.jsonl', format: 'auto', columns: null },
    maxLength: 512,
  };

  it.each([
    [[], plain],
    [['--adapter', 'a', '--max-length', '64'], { ...plain, adapterPath: 'a', maxLength: 64 }],
    [
      ['--format', 'messages', '--columns', '{"chosen": "c"}'],
      { ...plain, data: { path: 'd.jsonl', format: 'messages', columns: { chosen: 'c' } } },
    ],
  ])('with %j asks the engine for that', async (flags, input) => {
    line.answers({ logprobs: () => ({ scored: 3 }) }, said);
    expect(await line.json('logprobs', ...needed, ...flags)).toEqual({ pairs: [pair(1), pair(2), pair(12)] });
    expect(line.input()).toEqual(input);
  });

  it('prints the sums of each pair, and notes beside them', async () => {
    line.answers({ logprobs: () => ({ scored: 3 }) }, said);
    const { code, stdout, stderr } = await line.run('logprobs', ...needed);
    expect([code, stderr]).toEqual([0, 'score pairs 1 of 3\nRow 9 is left out.\n']);
    expect(stdout.split('\n')).toEqual([
      'row  chosen    log-prob  rejected  log-prob',
      '───  ────────  ────────  ────────  ────────',
      '  1  3 tokens     -3.75  1 token     -0.125',
      '  2  3 tokens     -3.75  1 token     -0.125',
      ' 12  3 tokens     -3.75  1 token     -0.125',
      '',
    ]);
  });

  it.each([
    [['--data', 'd'], '--model is missing.', 'Give --model M.'],
    [['--model', 'm'], '--data is missing.', 'Give --data F.'],
    [[...needed, '--max-length', '0'], /^--max-length 0 is not/, 'Give a whole number above 0.'],
    [[...needed, '--max-length', '1.5'], /^--max-length 1.5 is not/, 'Give a whole number above 0.'],
    [[...needed, 'more'], /takes 0 words after its name, not 1/, /^Usage: sampo logprobs/],
  ] as const)('refuses %j', async (flags, message, hint) => {
    const error = await line.error('logprobs', ...flags);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(line.heard).toEqual([]);
  });

  it('takes one token as a length', async () => {
    line.answers({ logprobs: () => ({ scored: 0 }) });
    expect(await line.json('logprobs', ...needed, '--max-length', '1')).toEqual({ pairs: [] });
    expect(line.input()).toMatchObject({ maxLength: 1 });
  });
});

describe('generate', () => {
  const outcome = { text: 'An animal.', tokenIds: [1, 2], promptTokens: 3, finish: 'eos' } as const;
  const plain = {
    modelPath: 'm',
    adapterPath: null,
    prompt: { kind: 'text', text: 'What is a cow?' },
    maxNewTokens: 128,
    temperature: 0,
    seed: 42,
  };
  const asked = ['--model', 'm', '--prompt', 'What is a cow?'];

  it.each([
    [[], plain],
    [['--adapter', 'a'], { ...plain, adapterPath: 'a' }],
    [
      ['--max-new-tokens', '1', '--temperature', '0.7', '--seed', '0'],
      { ...plain, maxNewTokens: 1, temperature: 0.7, seed: 0 },
    ],
  ])('with %j asks the engine for that', async (flags, input) => {
    line.answers({ generate: () => outcome }, [{ kind: 'problem', message: 'Slow here.' }]);
    expect(await line.json('generate', ...asked, ...flags)).toEqual(outcome);
    expect(line.input()).toEqual(input);
    expect(await line.run('generate', ...asked, ...flags)).toEqual({
      code: 0,
      stdout: 'An animal.\n',
      stderr: 'Slow here.\n',
    });
  });

  it('reads a conversation of every role from a file', async () => {
    const messages = ['system', 'user', 'assistant', 'tool'].map((role) => ({ role, content: `by ${role}` }));
    const file = path.join(line.home, 'messages.json');
    writeFileSync(file, JSON.stringify(messages));
    line.answers({ generate: () => outcome });
    await line.run('generate', '--model', 'm', '--messages', file);
    expect(line.input()).toEqual({ ...plain, prompt: { kind: 'messages', messages } });
  });

  it.each(['[]', '{}', 'x', '[{"role": "judge", "content": "x"}]', '[{"role": "user", "content": 7}]'])(
    'refuses a file of messages with %s in it',
    async (content) => {
      const file = path.join(line.home, 'messages.json');
      writeFileSync(file, content);
      expect(await line.error('generate', '--model', 'm', '--messages', file)).toMatchObject({
        code: 'bad-input',
        message: `${file} is not a list of messages.`,
        hint: expect.stringContaining('{"role": "user", "content": "…"}') as string,
        details: { file },
      });
      expect(line.heard).toEqual([]);
    },
  );

  it.each([
    [['--model', 'm'], /either --prompt TEXT or --messages FILE/],
    [['--model', 'm', '--prompt', 'x', '--messages', 'f'], /either --prompt TEXT or --messages FILE/],
    [['--model', 'm', '--messages', 'nowhere.json'], /There is no file nowhere\.json/],
    [['--prompt', 'x'], /--model is missing/],
    [[...asked, '--max-new-tokens', '0'], /--max-new-tokens 0 is not a whole number above 0/],
    [[...asked, '--temperature=-0.1'], /--temperature -0.1 is not a number from 0 up/],
    [[...asked, '--seed=-1'], /--seed -1 is not a whole number from 0 up/],
    [[...asked, '--seed', '1.5'], /--seed 1.5 is not a whole number/],
    [[...asked, 'word'], /takes 0 words after its name, not 1/],
  ])('refuses %j', async (flags, message) => {
    const error = await line.error('generate', ...flags);
    expect([error.code, error.message]).toEqual(['bad-input', expect.stringMatching(message)]);
    expect(line.heard).toEqual([]);
  });
});

describe('export', () => {
  const run = anyRun({ id: 'r_ab' as never, name: 'mine' });
  const files = [
    { name: 'a.safetensors', bytes: 3, sha256: 'x' },
    { name: 'config.json', bytes: 4, sha256: 'y' },
  ];
  const withRun = (): void => {
    const checkpointPath = path.join(line.home, 'checkpoint');
    mkdirSync(checkpointPath);
    line.store((store) => store.runs.insert({ ...run, checkpointPath }));
    line.answers({ export: ({ outDir }) => ({ path: outDir, files }) }, [
      { kind: 'progress', what: 'x', done: 1, total: 7 },
    ]);
  };

  it.each([
    [['--form', 'merged'], 'merged', 'f32'],
    [['--form', 'adapter', '--dtype', 'f16'], 'adapter', 'f16'],
    [['--form', 'merged', '--dtype', 'bf16'], 'merged', 'bf16'],
  ])('with %j writes that, says what, and notes it', async (flags, form, dtype) => {
    withRun();
    const out = path.join(line.home, 'out', 'model');
    const { code, stdout, stderr } = await line.run('export', 'last', ...flags, '--out', out);
    expect([code, stderr]).toEqual([0, 'writing 1 of 7 tensors\n']);
    expect(stdout).toBe(`Wrote ${out}\na.safetensors  3 bytes\nconfig.json  4 bytes\n`);
    const input = line.input() as { readonly modelCard: string };
    expect(input).toMatchObject({ form, dtype, outDir: out, checkpointPath: path.join(line.home, 'checkpoint') });
    expect(input.modelCard).toMatch(/^---\n[\s\S]*mine/);
    expect(line.store((store) => store.exports.ofRun(run.id))).toMatchObject([{ form, dtype, path: out, bytes: 7 }]);
  });

  it('counts its folder from where it is started, and is JSON when asked', async () => {
    withRun();
    const out = path.relative(process.cwd(), path.join(line.home, 'out'));
    expect(await line.json('export', 'r_ab', '--form', 'merged', '--out', out)).toEqual({
      path: path.join(line.home, 'out'),
      files,
    });
  });

  it.each([
    [['last', '--form', 'gguf', '--out', 'o'], 'unsupported', /GGUF is not available/, /--form merged/],
    [['last', '--form', 'zip', '--out', 'o'], 'bad-input', /--form zip is not known/, /merged, adapter/],
    [['last', '--form', 'merged', '--dtype', 'f64', '--out', 'o'], 'bad-input', /--dtype f64/, /f32, f16, bf16/],
    [['last', '--form', 'merged'], 'bad-input', /--out is missing/, /Give --out DIR/],
    [['r_no', '--form', 'merged', '--out', 'o'], 'not-found', /There is no run r_no/, /runs list/],
    [['--form', 'merged', '--out', 'o'], 'bad-input', /takes 1 word after its name, not 0/, /^Usage: sampo export RUN/],
    [['last', 'r_ab', '--form', 'merged'], 'bad-input', /takes 1 word after its name, not 2/, /^Usage/],
  ] as const)('refuses %j', async (flags, code, message, hint) => {
    withRun();
    const error = await line.error('export', ...flags);
    expect(error).toMatchObject({ code, hint: expect.stringMatching(hint) as string });
    expect(error.message).toMatch(message);
    expect(line.heard).toEqual([]);
  });

  it('refuses what there is none of: a checkpoint, an adapter', async () => {
    withRun();
    line.store((store) => {
      store.runs.insert(anyRun({ id: 'r_none' as never, name: 'new' }));
      const spec = anySpec({ adapter: { kind: 'none' } });
      store.runs.insert(anyRun({ id: 'r_full' as never, name: 'full', spec, checkpointPath: line.home }));
    });
    const refused = async (id: string, form: string) =>
      (await line.error('export', id, '--form', form, '--out', 'o')).message;
    expect(await refused('r_none', 'merged')).toBe('Run new has no checkpoint to export.');
    expect(await refused('r_full', 'adapter')).toBe('Run full trained all weights, so it has no adapter.');
    expect(line.heard).toEqual([]);
  });
});
