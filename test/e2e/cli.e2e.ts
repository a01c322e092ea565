import { execFileSync, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { enginePid, sampo, starter, temporaryFolder, writeSpec } from './support/cli';

// The command line on the real engine with the starter model: shapes, exit codes, refusals, and a run that is killed.

const spec = (
  change: Readonly<Record<string, unknown>> = {},
  training: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> => ({
  model: { path: starter.model },
  dataset: { path: starter.pairs, limit: 60 },
  adapter: { kind: 'none' },
  training: {
    maxSteps: 12,
    pairsPerStep: 4,
    learningRate: 5e-5,
    maxLength: 256,
    checkpointEvery: 4,
    evalEvery: 6,
    ...training,
  },
  probes: { everySteps: 6, maxNewTokens: 24 },
  ...change,
});
const work = temporaryFolder();
const home = path.join(work, 'home');

describe('training', () => {
  it('streams events, starts at exactly ln 2, and lands in history, comparison and export', async () => {
    const runs = [];
    for (const method of ['dpo', 'sampo']) {
      const done = await sampo(home, ['train', '--spec', writeSpec(work, spec({ method: { id: method } }))]);
      expect(done.code, done.stderr).toBe(0);
      const events = done.events();
      expect(events[0]).toMatchObject({ event: 'run' });
      expect(events.at(-1)).toEqual({ event: 'status', status: 'finished' });
      const first = events.find((e) => e.event === 'metrics') as { values: Record<string, number> };
      expect(first.values.loss).toBe(Math.fround(Math.LN2));
      expect(new Set(events.map((e) => e.event))).toEqual(new Set(['run', 'status', 'probe', 'metrics', 'checkpoint']));
      runs.push(events[0]!.runId as string);
    }
    const list = (await sampo(home, ['runs', 'list'])).json<{ id: string }[]>();
    expect(list.map((r) => r.id)).toEqual([...runs].reverse());
    const shown = (await sampo(home, ['runs', 'show', 'last'])).json<{
      metrics: Record<string, [number, number][]>;
      probes: unknown[];
    }>();
    expect(shown.metrics.loss).toHaveLength(12);
    expect(shown.probes.length).toBeGreaterThanOrEqual(18);
    const compared = (await sampo(home, ['compare', ...runs])).json<{
      differences: { path: string }[];
      length: { verdict: string };
    }>();
    expect(compared.differences.map((d) => d.path)).toEqual(['method.id', 'method.sampling']);
    expect(compared.length.verdict).toMatch(/tokens/);

    const out = path.join(work, 'merged');
    const exported = await sampo(home, ['export', 'last', '--form', 'merged', '--out', out]);
    expect(exported.code, exported.stderr).toBe(0);
    expect(readdirSync(out).sort()).toEqual(
      expect.arrayContaining(['README.md', 'config.json', 'model.safetensors', 'tokenizer.json']),
    );
    const before = (
      await sampo(home, ['generate', '--model', starter.model, '--prompt', 'What is the color of a cow?'])
    ).json<{ text: string; finish: string }>();
    const after = (await sampo(home, ['generate', '--model', out, '--prompt', 'What is the color of a cow?'])).json<{
      text: string;
    }>();
    expect([before.text.length > 5, after.text.length > 5]).toEqual([true, true]);
    expect((await sampo(home, ['export', 'last', '--form', 'adapter', '--out', path.join(work, 'adapter')])).code).toBe(
      2,
    );
    // not empty any more
    expect((await sampo(home, ['export', 'last', '--form', 'merged', '--out', out])).code).toBe(2);
  });

  it('survives kill -9 of the engine: interrupted, resumed, and equal to a run that was never touched', async () => {
    const killHome = path.join(work, 'killed');
    const file = writeSpec(work, spec({}, { checkpointEvery: 3 }));
    const whole = await sampo(path.join(work, 'whole'), ['train', '--spec', file]);
    expect(whole.code, whole.stderr).toBe(0);

    let killed = false;
    const broken = await sampo(killHome, ['train', '--spec', file], (line, child) => {
      if (killed || !line.includes('"step":7')) return;
      killed = true;
      process.kill(enginePid(child.pid!)!, 'SIGKILL');
    });
    expect(killed).toBe(true);
    expect(broken.code).toBe(1);
    expect(broken.events().at(-1)).toMatchObject({
      event: 'status',
      status: 'interrupted',
      error: { code: 'engine-failed' },
    });
    expect(broken.events().filter((e) => 'error' in e)).toHaveLength(1);
    const [run] = (await sampo(killHome, ['runs', 'list'])).json<{ id: string; status: string }[]>();
    expect(run!.status).toBe('interrupted');

    const resumed = await sampo(killHome, ['train', '--resume', 'last']);
    expect(resumed.code, resumed.stderr).toBe(0);
    const show = async (where: string) =>
      (await sampo(where, ['runs', 'show', 'last'])).json<{ metrics: Record<string, [number, number][]> }>();
    const [a, b] = [await show(path.join(work, 'whole')), await show(killHome)];
    for (const name of ['loss', 'grad_norm', 'rewards/margins', 'eval_loss', 'length/kept_tokens'])
      expect(b.metrics[name], name).toEqual(a.metrics[name]);
    const weights = async (where: string, name: string) => {
      const done = await sampo(where, ['export', 'last', '--form', 'merged', '--out', path.join(work, name)]);
      return done
        .json<{ files: { name: string; sha256: string }[] }>()
        .files.find((f) => f.name === 'model.safetensors')!.sha256;
    };
    expect(await weights(killHome, 'resumed-model')).toBe(await weights(path.join(work, 'whole'), 'whole-model'));
  });

  it.runIf(process.platform === 'linux')(
    'ends with advice when memory runs out, keeps its last checkpoint, and goes on from it',
    async () => {
      const shortHome = path.join(work, 'short of memory');
      let limited = false;
      const broken = await sampo(
        shortHome,
        ['train', '--spec', writeSpec(work, spec({}, { maxSteps: 12, checkpointEvery: 5 }))],
        (line, child) => {
          if (limited || !line.includes('"step":7')) return;
          limited = true;
          // the kernel refuses every further page
          execFileSync('prlimit', ['--pid', String(enginePid(child.pid!)!), '--data=1']);
        },
      );
      expect(limited).toBe(true);
      expect(broken.code).toBe(1);
      expect(broken.events().at(-1)).toMatchObject({
        event: 'status',
        error: {
          code: 'engine-failed',
          hint: expect.stringMatching(
            /needs about [\d.]+ GB, and [\d.]+ GB were free when it began\. .* checkpoint is kept/,
          ) as string,
        },
      });
      const shown = (await sampo(shortHome, ['runs', 'show', 'last'])).json<{
        checkpoints: { step: number; path: string }[];
      }>();
      expect(shown.checkpoints.map((c) => [c.step, existsSync(c.path)])).toEqual([
        [5, true],
        [6, true],
      ]); // 6: an epoch’s end
      const resumed = await sampo(shortHome, ['train', '--resume', 'last']);
      expect(resumed.code, resumed.stderr).toBe(0);
    },
  );

  it.each([
    ['a supervisor signals the command', false, (child: ChildProcess): unknown => child.kill('SIGINT')],
    [
      'Ctrl-C in a terminal signals everything in the group',
      true,
      (child: ChildProcess): unknown => process.kill(-child.pid!, 'SIGINT'),
    ],
    ['the terminal is closed', true, (child: ChildProcess): unknown => process.kill(-child.pid!, 'SIGHUP')],
  ] as const)('saves and stops when %s', async (what, detached, interrupt) => {
    const stopHome = path.join(work, `stopped ${what}`);
    let asked = false;
    const done = await sampo(
      stopHome,
      ['train', '--spec', writeSpec(work, spec({}, { maxSteps: 400, checkpointEvery: 100 }))],
      (line, child) => {
        if (asked || !line.includes('"step":3')) return;
        asked = true;
        interrupt(child);
      },
      { detached },
    );
    expect(done.code, done.stderr).toBe(130);
    expect(done.events().at(-1)).toEqual({ event: 'status', status: 'stopped' });
    expect(done.events().some((e) => e.event === 'checkpoint')).toBe(true);
    expect(done.events().some((e) => 'error' in e)).toBe(false);
    const shown = (await sampo(stopHome, ['runs', 'show', 'last'])).json<{
      run: { status: string; progress: { step: number } };
      checkpoints: { step: number; path: string }[];
    }>();
    expect(shown.run.status).toBe('stopped');
    expect(shown.checkpoints.map((c) => c.step)).toEqual([shown.run.progress.step]);
    expect(existsSync(shown.checkpoints[0]!.path)).toBe(true);
  });

  it('saves and stops when nobody reads its events any more', async () => {
    const unread = path.join(work, 'unread');
    const done = await sampo(
      unread,
      ['train', '--spec', writeSpec(work, spec({}, { maxSteps: 400, checkpointEvery: 100 }))],
      (line, child) => void (line.includes('"step":3') && child.stdout!.destroy()),
    );
    expect(done.code, done.stderr).toBe(130);
    expect(done.stderr).not.toMatch(/EPIPE|\n\s+at /);
    const shown = (await sampo(unread, ['runs', 'show', 'last'])).json<{
      run: { status: string };
      checkpoints: unknown[];
    }>();
    expect([shown.run.status, shown.checkpoints.length]).toEqual(['stopped', 1]);
  });

  it('with relative paths counts them from the current folder, and goes on from another one', async () => {
    const relativeHome = path.join(work, 'relative');
    const there = path.dirname(starter.model);
    const file = writeSpec(
      work,
      spec(
        { model: { path: path.basename(starter.model) }, dataset: { path: path.basename(starter.pairs), limit: 60 } },
        { maxSteps: 400 },
      ),
    );
    let asked = false;
    const first = await sampo(
      relativeHome,
      ['train', '--spec', file],
      (line, child) => {
        if (asked || !line.includes('"step":2')) return;
        asked = true;
        child.kill('SIGINT');
      },
      { cwd: there },
    );
    expect(first.code, first.stderr).toBe(130);
    const shown = (await sampo(relativeHome, ['runs', 'show', 'last'])).json<{
      run: { spec: { model: { path: string }; dataset: { path: string } } };
    }>();
    expect([shown.run.spec.model.path, shown.run.spec.dataset.path]).toEqual([starter.model, starter.pairs]);
    const exported = await sampo(
      relativeHome,
      ['export', 'last', '--form', 'merged', '--out', 'relative-out'],
      undefined,
      { cwd: work },
    );
    expect(exported.code, exported.stderr).toBe(0);
    expect(existsSync(path.join(work, 'relative-out', 'model.safetensors'))).toBe(true);
  });

  it('that fails ends its stream with a status that carries the error, and prints nothing else', async () => {
    const model = path.join(work, 'cut-model');
    cpSync(starter.model, model, { recursive: true });
    truncateSync(path.join(model, 'model.safetensors'), 500_000);
    const done = await sampo(path.join(work, 'failing'), [
      'train',
      '--spec',
      writeSpec(work, spec({ model: { path: model } })),
    ]);
    expect(done.code, done.stderr).toBe(2);
    const events = done.events();
    expect(events.map((e) => 'event' in e)).toEqual(events.map(() => true));
    expect(events.at(-1)).toMatchObject({
      event: 'status',
      status: 'failed',
      error: {
        code: 'bad-model',
        message: expect.stringMatching(/model\.safetensors/) as string,
        hint: expect.any(String) as string,
      },
    });
    expect(events.filter((e) => 'error' in e)).toHaveLength(1);
    expect(done.stderr).not.toMatch(/"error"|\bat .*\.(ts|cjs):/);
  });
});

describe('bad input is refused with exit code 2, by name, and leaves nothing', () => {
  const write = (name: string, content: string): string => {
    const file = path.join(work, name);
    writeFileSync(file, content);
    return file;
  };
  const brokenModel = (name: string, change: (folder: string) => void): string => {
    const folder = path.join(work, name);
    cpSync(starter.model, folder, { recursive: true });
    change(folder);
    return folder;
  };
  const edit = (file: string, change: (json: Record<string, unknown>) => Record<string, unknown>): void =>
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)));
  const row = (prompt: string, chosen: string, rejected: string): string =>
    JSON.stringify({ prompt, chosen, rejected });

  it.each([
    ['data that is not JSON', () => ['data', 'inspect', write('not.jsonl', 'hello\nworld')], /not JSON/],
    ['an empty file', () => ['data', 'inspect', write('empty.jsonl', '')], /empty/],
    ['wrong columns', () => ['data', 'inspect', write('columns.jsonl', '{"a":1}\n')], /columns: a/],
    ['identical responses', () => ['data', 'inspect', write('same.jsonl', row('p', 'x', 'x'))], /same text/],
    ['no such file', () => ['data', 'inspect', path.join(work, 'nowhere.jsonl')], /no file/],
    ['no such model', () => ['generate', '--model', path.join(work, 'nowhere'), '--prompt', 'x'], /no model/],
    [
      'an unknown architecture',
      () => [
        'generate',
        '--prompt',
        'x',
        '--model',
        brokenModel('arch', (f) =>
          edit(path.join(f, 'config.json'), (c) => ({ ...c, architectures: ['MambaForCausalLM'] })),
        ),
      ],
      /MambaForCausalLM/,
    ],
    [
      'missing weights',
      () => [
        'generate',
        '--prompt',
        'x',
        '--model',
        brokenModel('noweights', (f) => rmSync(path.join(f, 'model.safetensors'))),
      ],
      /model\.safetensors/,
    ],
    [
      'a missing shard',
      () => [
        'generate',
        '--prompt',
        'x',
        '--model',
        brokenModel('shard', (f) => {
          rmSync(path.join(f, 'model.safetensors'));
          writeFileSync(
            path.join(f, 'model.safetensors.index.json'),
            '{"weight_map":{"a":"model-00001-of-00002.safetensors"}}',
          );
        }),
      ],
      /model-00001-of-00002/,
    ],
    [
      'cut weights',
      () => [
        'generate',
        '--prompt',
        'x',
        '--model',
        brokenModel('cut', (f) => truncateSync(path.join(f, 'model.safetensors'), 500_000)),
      ],
      /ends at byte/,
    ],
    [
      'a tokenizer without chat template',
      () => [
        'logprobs',
        '--data',
        starter.pairs,
        '--model',
        brokenModel('notemplate', (f) =>
          edit(path.join(f, 'tokenizer_config.json'), ({ chat_template: _gone, ...c }) => c),
        ),
      ],
      /no chat template/,
    ],
    ['no GGUF', () => ['generate', '--prompt', 'x', '--model', write('fake.gguf', 'GGUX')], /GGUF/],
    [
      'a spec of a future version',
      () => ['spec', '--check', write('future.json', JSON.stringify(spec({ version: 9 })))],
      /version 9/,
    ],
    [
      'an unknown field',
      () => ['train', '--spec', write('field.json', JSON.stringify(spec({ trainin: {} })))],
      /trainin/,
    ],
    [
      'an unknown method',
      () => ['train', '--spec', write('method.json', JSON.stringify(spec({ method: { id: 'sampoo' } })))],
      /method\.id/,
    ],
    ['an unknown flag', () => ['runs', 'list', '--al'], /--al/],
    ['an unknown command', () => ['trian'], /trian/],
    [
      'an export form of a later version',
      () => ['export', 'last', '--form', 'gguf', '--out', path.join(work, 'x')],
      /GGUF/,
    ],
  ] as const)('%s', async (_name, args, message) => {
    const done = await sampo(home, args());
    expect(done.code, done.stdout + done.stderr).toBe(2);
    const { error } = done.json<{ error: { message: string; hint: string } }>();
    expect(error.message).toMatch(message);
    expect(error.hint.length).toBeGreaterThan(10);
  });

  it('a prompt longer than the window is one bad row; the others train', async () => {
    const file = write(
      'long.jsonl',
      [
        row('a cow '.repeat(300), 'yes', 'no'),
        ...Array.from({ length: 12 }, (_, i) =>
          row(`Tell me the color of a cow. ${i}`, 'A cow is white.', 'It is a big animal.'),
        ),
      ].join('\n'),
    );
    const done = await sampo(path.join(work, 'long'), [
      'train',
      '--spec',
      writeSpec(work, spec({ dataset: { path: file } }, { maxSteps: 2 })),
    ]);
    expect(done.code, done.stderr).toBe(0);
    expect(done.stderr).toMatch(/row/i);
  });

  it('answers that teach a preference nothing are rows for a supervised run, and problems everywhere else', async () => {
    const [prompt, chosen] = ['Tell me the color of a cow.', 'A cow is white.'];
    const rejected = ['It is big.', chosen, '', 'a cow '.repeat(300)];
    const file = write('chosen.jsonl', rejected.map((text) => row(prompt, chosen, text)).join('\n'));
    const train = (objective: string) =>
      sampo(path.join(work, objective), [
        'train',
        '--spec',
        writeSpec(
          work,
          spec(
            { dataset: { path: file, evalFraction: 0 }, objective, probes: { prompts: [] } },
            { maxSteps: 1, maxLength: 64, truncation: 'drop' },
          ),
        ),
      ]);
    const supervised = await train('supervised');
    expect(supervised.code, supervised.stderr).toBe(0);
    expect(supervised.stderr).not.toMatch(/left out/);
    const preference = await train('preference');
    expect(preference.code, preference.stderr).toBe(0);
    expect(preference.stderr).toMatch(/3 rows of 4 are left out\. Row 2: .*same text/);
    const { problems } = (await sampo(home, ['data', 'inspect', file])).json<{ problems: { row: number }[] }>();
    expect(problems.map((problem) => problem.row)).toEqual([2, 3]);
  });

  it('one row alone trains without a held-out part', async () => {
    const file = write('one.jsonl', row('Tell me the color of a cow.', 'A cow is white.', 'It is a big animal.'));
    const done = await sampo(path.join(work, 'one'), [
      'train',
      '--spec',
      writeSpec(work, spec({ dataset: { path: file } }, { maxSteps: 2, pairsPerStep: 1 })),
    ]);
    expect(done.code, done.stderr).toBe(0);
  });

  it('nothing half-written stays behind', () => {
    expect(existsSync(path.join(work, 'x'))).toBe(false);
    expect(readdirSync(work).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
