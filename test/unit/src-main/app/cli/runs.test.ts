import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { shownInterval } from '../../../../../src-main/app/cli/runs';
import { appError } from '../../../../../src-main/shared/result';
import { noProgress } from '../../../../../src-main/store/runs';
import { CommandLine } from '../../../support/command-line';
import { pairPoint } from '../../../support/pair-points';
import { anyRun, anySpec } from '../../../support/runs';

let line: CommandLine;
beforeEach(() => void (line = new CommandLine()));

const first = anyRun({
  id: 'r_aa1' as never,
  name: 'first',
  methodId: 'dpo',
  status: 'failed',
  engine: 'TensorFlow 2.21.0 · CPU',
  error: appError('engine-failed', 'It broke.', 'h'),
  progress: { ...noProgress, step: 2, totalSteps: 9 },
  createdAt: 1,
});
const second = anyRun({
  id: 'r_bb2' as never,
  name: 'second',
  createdAt: 2,
  spec: anySpec({ training: { seed: 7 } }),
  progress: { ...noProgress, step: 4, totalSteps: 4 },
});
/** Two runs; the second has held-out pairs and probes. */
const keepTwo = (): void =>
  line.store(({ runs, runData }) => {
    runs.insert(first);
    runs.insert(second);
    runData.addMetrics(first.id, 1, { loss: 0.7 }, [], null);
    runData.addMetrics(first.id, 2, { loss: 0.6912345 }, [pairPoint({ margin: 1 })], null);
    const held = Array.from({ length: 6 }, (_, i) =>
      pairPoint({ row: i, step: 4, split: 'eval', chosenTokens: 20 + i, margin: i % 2 === 0 ? 1 : -1 }),
    );
    runData.addMetrics(second.id, 4, { loss: 0.25, 'eval_rewards/accuracies': 0.5 }, held, null);
    for (const [step, tokens] of [
      [0, 10],
      [4, 30],
    ] as const)
      runData.addProbe(second.id, { step, prompt: 0, promptText: 'q', text: 'a', tokens, finish: 'eos' });
  });

describe('runs list', () => {
  it('is a table of all runs, the newest first', async () => {
    expect(await line.run('runs', 'list')).toEqual({ code: 0, stdout: 'No runs yet.\n', stderr: '' });
    keepTwo();
    const { code, stdout, stderr } = await line.run('runs', 'list');
    expect([code, stderr]).toEqual([0, '']);
    const [head, rule, one, two] = stdout.split('\n');
    expect(head).toMatch(/^run +name +method +status +step +loss +length$/);
    expect(rule).toMatch(/^(─+ {2})+─+$/);
    expect(one).toMatch(/^r_bb2 {2}second {2}sampo +finished +4 +0\.25 {2}\S/);
    expect(two).toMatch(/^r_aa1 {2}first {3}dpo +failed +2 +0\.691 {2}\S/);
    const all = await line.json<readonly { id: string; finalLoss: number }[]>('runs', 'list');
    expect(all.map(({ id, finalLoss }) => [id, finalLoss])).toEqual([
      ['r_bb2', 0.25],
      ['r_aa1', 0.6912345],
    ]);
  });

  it('has a dash for what was not measured', async () => {
    line.store(({ runs }) => runs.insert(first));
    expect((await line.run('runs', 'list')).stdout).toMatch(/failed +2 +– +–\n$/);
  });
});

describe('runs show', () => {
  it('tells of one run in words', async () => {
    keepTwo();
    const { code, stdout } = await line.run('runs', 'show', 'r_aa1');
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines.slice(0, 2)).toEqual([
      'first (r_aa1), failed: It broke.',
      'model tiny, data pairs, method dpo, engine TensorFlow 2.21.0 · CPU',
    ]);
    expect(lines.slice(-4)).toEqual(['metric  last', '──────  ──────', 'loss    0.6912', '']);
    const other = (await line.run('runs', 'show', 'last')).stdout.split('\n');
    expect(other.slice(0, 2)).toEqual(['second (r_bb2), finished', 'model tiny, data pairs, method sampo, engine –']);
    expect(other[2]).toMatch(/too few/i); // its verdicts
  });

  it('gives metrics, probes and checkpoints as JSON', async () => {
    keepTwo();
    expect(await line.json('runs', 'show', 'r_aa')).toMatchObject({
      run: { id: 'r_aa1', name: 'first', finalLoss: 0.6912345 },
      metrics: {
        loss: [
          [1, 0.7],
          [2, 0.6912345],
        ],
      },
      probes: [],
      checkpoints: [],
    });
    expect(await line.json('runs', 'show', 'r_bb')).toMatchObject({
      probes: [
        { step: 0, tokens: 10 },
        { step: 4, tokens: 30 },
      ],
    });
  });
});

describe('runs delete', () => {
  it('says what it deleted, and leaves the others', async () => {
    keepTwo();
    expect(await line.run('runs', 'delete', 'r_a')).toEqual({ code: 0, stdout: 'Deleted r_aa1.\n', stderr: '' });
    expect(await line.json('runs', 'delete', 'last')).toEqual({ deleted: 'r_bb2' });
    expect(await line.json('runs', 'list')).toEqual([]);
  });

  it('deletes nothing for an empty word, though the only run begins with it', async () => {
    line.store(({ runs }) => runs.insert(first));
    expect(await line.run('runs', 'delete', '')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/word after the command is empty/) as string,
    });
    expect(await line.json('runs', 'list')).toHaveLength(1);
  });
});

describe('runs', () => {
  it.each([
    [['look', 'last'], 'bad-input', 'There is no command runs look.', /^Known: runs list, runs show RUN/],
    [['look'], 'bad-input', 'runs look needs a run.', /a unique beginning of one, or last/],
    [['show', 'r_'], 'not-found', '2 runs begin with r_.', /^Write more of the id: r_bb2, r_aa1\.$/],
    [['show', 'r_x'], 'not-found', 'There is no run r_x.', /runs list shows all of them/],
    [['list', 'last'], 'bad-input', 'runs list takes no run (last).', /runs show RUN/],
    [
      ['show', 'a', 'b'],
      'bad-input',
      'sampo runs takes 1 to 2 words after its name, not 3.',
      /^Usage: sampo runs list/,
    ],
  ] as const)('refuses %j', async (words, code, message, hint) => {
    keepTwo();
    const error = await line.error('runs', ...words);
    expect(error).toEqual({ code, message, hint: expect.stringMatching(hint) as string });
  });

  it('take the run of exactly this id where another begins with it', async () => {
    line.store(({ runs }) => {
      for (const id of ['r_1', 'r_12']) runs.insert(anyRun({ id: id as never, name: id }));
    });
    expect(await line.json('runs', 'show', 'r_1')).toMatchObject({ run: { id: 'r_1' } });
  });

  it('are found again by their folders', async () => {
    expect(await line.run('runs', 'recover')).toEqual({ code: 0, stdout: 'No run was listed again.\n', stderr: '' });
    const folder = (id: string): string => path.join(line.home, 'runs', id);
    const ids = ['r_00001', 'r_00002', 'r_00003', 'r_00004', 'r_00005', 'r_00006'];
    for (const [i, id] of ids.entries()) {
      const checkpoint = path.join(folder(id), 'checkpoints', `checkpoint-${i + 1}`);
      mkdirSync(checkpoint, { recursive: true });
      writeFileSync(path.join(checkpoint, 'weights'), 'x');
      const known = { version: 1, id, name: `run ${i}`, modelName: 'm', datasetName: 'd', createdAt: 100 - i };
      if (i !== 5)
        writeFileSync(
          path.join(folder(id), 'run.json'),
          JSON.stringify({ ...known, status: i === 0 ? 'finished' : 'running', totalSteps: 9, spec: anySpec() }),
        );
    }
    const list = await line.run('runs', 'list');
    expect(list.stdout).toBe('No runs yet.\n');
    const [told, how] = list.stderr.split('\n');
    expect(told).toMatch(/^6 run folders are in .*runs but not in this history: (r_0000\d, ){5}…\.$/);
    expect(how).toMatch(/^npx sampo --home \S+ runs recover lists them again\.$/);
    const { stdout } = await line.run('runs', 'recover');
    expect(stdout.split('\n')).toEqual([
      'listed again  name   status       step',
      '────────────  ─────  ───────────  ────',
      'r_00001       run 0  finished        1',
      'r_00002       run 1  interrupted     2',
      'r_00003       run 2  interrupted     3',
      'r_00004       run 3  interrupted     4',
      'r_00005       run 4  interrupted     5',
      `${folder('r_00006')} has a checkpoint of step 6, but does not say what was trained; it stays as it is.`,
      '',
    ]);
    const left = [{ id: 'r_00006', folder: folder('r_00006'), step: 6 }];
    expect(await line.json('runs', 'recover')).toEqual({ added: [], left });
    await line.run('runs', 'delete', 'r_00001');
    mkdirSync(folder('r_00007'));
    writeFileSync(
      path.join(folder('r_00007'), 'run.json'),
      JSON.stringify({
        ...{ version: 1, id: 'r_00007', name: 'new', modelName: 'm', datasetName: 'd', createdAt: 1 },
        ...{ status: 'paused', totalSteps: 9, spec: anySpec() },
      }),
    );
    expect(await line.json('runs', 'recover')).toEqual({
      added: [{ id: 'r_00007', name: 'new', status: 'paused', step: 0 }],
      left,
    });
  });
});

describe('compare', () => {
  it('puts runs side by side, with what differs', async () => {
    keepTwo();
    const { code, stdout } = await line.run('compare', 'r_aa', 'r_bb');
    expect(code).toBe(0);
    const rows = Object.fromEntries(
      stdout
        .split('\n')
        .map((text) => text.split(/ {2,}/) as [string, ...string[]])
        .map(([head, ...cells]) => [head, cells]),
    );
    expect(rows).toMatchObject({
      'final loss': ['0.691', '0.25'],
      'held-out accuracy': ['–', '0.5'],
      'accuracy, chosen longer': ['–', '0.5'],
      'accuracy, chosen shorter': ['–', '–'],
      'measured on': ['1 training pairs', '6 held-out pairs'],
      'probe tokens before': ['–', '10'],
      'probe tokens after': ['–', '30'],
      'training.seed: 42 | 7': [],
    });
    expect(rows['margin–length correlation']?.[0]).toBe('–');
    expect(stdout).toMatch(/^ +first +second$/m);
    const value = await line.json<Record<string, unknown>>('compare', 'r_aa', 'r_bb');
    expect(Object.keys(value)).toEqual(['runs', 'differences', 'notes', 'metrics', 'length']);
    expect(value).toMatchObject({
      runs: [{ id: 'r_aa1' }, { id: 'r_bb2' }],
      differences: [{ path: 'training.seed', values: ['42', '7'] }],
      length: {
        meanTokens: [
          { runId: 'r_aa1', before: null, after: null },
          { runId: 'r_bb2', before: 10, after: 30 },
        ],
        verdict: expect.any(String) as string,
        runs: [
          { runId: 'r_aa1', split: 'train' },
          { runId: 'r_bb2', split: 'eval', pairs: 6 },
        ],
      },
    });
    expect(value['metrics']).toContainEqual({ name: 'loss', last: [0.6912345, 0.25], best: [0.6912345, 0.25] });
    const notes = value['notes'] as readonly { readonly text: string }[];
    expect(notes.length).toBeGreaterThan(0);
    for (const { text } of notes) expect(stdout).toContain(text);
    expect(stdout).toContain((value['length'] as { readonly verdict: string }).verdict);
  });

  it('has a dash where nothing was measured', async () => {
    line.store(({ runs }) => (runs.insert(first), runs.insert(second)));
    expect((await line.run('compare', 'r_aa', 'r_bb')).stdout).toMatch(/^measured on +– +–$/m);
  });

  it.each([
    [['r_aa'], /sampo compare takes 2 to 8 words after its name, not 1/],
    [Array(9).fill('r_aa') as string[], /takes 2 to 8 words after its name, not 9/],
    [['r_aa', 'r_x'], /There is no run r_x/],
  ])('refuses %j', async (words, message) => {
    keepTwo();
    expect((await line.error('compare', ...words)).message).toMatch(message);
  });
});

describe('a correlation', () => {
  it.each([
    [null, null, '–'],
    [0.1234, null, '0.12'],
    [-0.1234, [-0.5, 0.25], '−0.12 (−0.50 to 0.25)'],
    [-0.001, [-0.001, 0.001], '0.00 (0.00 to 0.00)'],
  ] as const)('of %d with %j is shown as %s', (marginLengthCorrelation, marginLengthInterval, text) => {
    expect(shownInterval({ marginLengthCorrelation, marginLengthInterval } as never)).toBe(text);
  });
});
