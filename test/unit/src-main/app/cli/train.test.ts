import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { eventStream } from '../../../../../src-main/app/cli/train';
import type { EngineEvent } from '../../../../../src-main/shared/ipc/engine-events';
import { appError } from '../../../../../src-main/shared/result';
import { noProgress } from '../../../../../src-main/store/runs';
import { CommandLine } from '../../../support/command-line';
import { anyRun } from '../../../support/runs';

let line: CommandLine;
let spec: string;
beforeEach(() => {
  line = new CommandLine();
  spec = path.join(line.home, 'spec.json');
  writeFileSync(spec, JSON.stringify({ model: { path: '/m/tiny.gguf' }, dataset: { path: '/d/pairs.jsonl.gz' } }));
});
const ending = (outcome: 'finished' | 'paused' | 'stopped', step = 2) => ({
  outcome,
  steps: step,
  checkpointPath: '',
  best: null,
});
const sample = { step: 0, prompt: 1, promptText: 'What?', text: 'That.', tokens: 3, finish: 'eos' } as const;
const said: readonly EngineEvent[] = [
  { kind: 'phase', phase: 'tokenize', done: 0, total: 4 },
  { kind: 'phase', phase: 'tokenize', done: 4, total: 4 },
  { kind: 'phase', phase: 'tokenize', done: 4, total: 4 },
  { kind: 'running', firstStep: 1, totalSteps: 4 },
  { kind: 'probe', sample },
  {
    kind: 'metrics',
    step: 2,
    epoch: 0.5,
    values: { loss: 0.6912, 'rewards/margins': 0.25, 'perf/pairs_per_second': 3 },
    pairs: [],
    profile: null,
  },
  { kind: 'checkpoint', step: 2, path: '/c', bytes: 1, best: null },
  { kind: 'problem', message: 'Something to know.' },
];

describe('train', () => {
  it('tells every event of a run as a line of JSON, and ends with its status', async () => {
    line.answers({ train: () => ending('finished') }, said);
    const events = await line.events('train', '--spec', spec);
    const runId = events[0]!['runId'] as string;
    expect(runId).toMatch(/^r_[0-9a-f]{10}$/);
    expect(events).toEqual([
      { event: 'run', runId },
      { event: 'status', status: 'preparing', phase: 'tokenize', done: 0, total: 4 },
      { event: 'status', status: 'preparing', phase: 'tokenize', done: 4, total: 4 },
      { event: 'probe', step: 0, prompt: 1, text: 'That.', tokens: 3, finish: 'eos' },
      {
        event: 'metrics',
        step: 2,
        epoch: 0.5,
        values: { loss: 0.6912, 'rewards/margins': 0.25, 'perf/pairs_per_second': 3 },
      },
      { event: 'checkpoint', step: 2 },
      { event: 'status', status: 'finished' },
    ]);
    expect(line.input()).toMatchObject({
      spec: { model: { path: '/m/tiny.gguf' }, dataset: { path: '/d/pairs.jsonl.gz' } },
      runDir: path.join(line.home, 'runs', runId),
      cacheDir: path.join(line.home, 'caches'),
      resume: false,
      reported: 0,
    });
    expect(line.store((store) => store.runs.list())).toMatchObject([
      { id: runId, name: 'sampo on pairs', modelName: 'tiny', datasetName: 'pairs', status: 'finished' },
    ]);
  });

  it.each([
    ['finished', 0, /sampo on pairs finished: loss 0\.691\.\n$/],
    ['paused', 130, /sampo on pairs paused after step 2\. npx sampo --home \S+ train --resume r_\w+ goes on\.\n$/],
    ['stopped', 130, /sampo on pairs stopped after step 2\. npx sampo --home \S+ train --resume r_\w+ goes on\.\n$/],
  ] as const)('that %s says so in words, with code %i', async (outcome, code, words) => {
    line.answers({ train: () => ending(outcome) }, said);
    const { stdout, stderr, ...rest } = await line.run('train', '--spec', spec);
    expect([rest.code, stdout]).toEqual([code, '']);
    expect(stderr).toMatch(words);
    expect(stderr).toMatch(/^sampo on pairs: tokenize 0 of 4\n/);
    expect(stderr.match(/Something to know\./g)).toHaveLength(1);
  });

  it('goes on with a run by its name, and is told where it began', async () => {
    const run = anyRun({ id: 'r_ab' as never, status: 'paused', startedAt: 1, checkpointPath: '/c' });
    line.store((store) => store.runs.insert(run));
    line.answers({ train: () => ending('finished') });
    expect(await line.events('train', '--resume', 'last')).toEqual([
      { event: 'run', runId: 'r_ab' },
      { event: 'status', status: 'finished' },
    ]);
    expect(line.input()).toMatchObject({ resume: true, runDir: path.join(line.home, 'runs', 'r_ab') });
  });

  it('says the failure of a run that has no words of its own', async () => {
    line.answers({ train: () => ({ failed: appError('missing-on-machine', 'No library.', 'Get it.') }) });
    expect(await line.run('train', '--spec', spec)).toMatchObject({ code: 3, stderr: 'Error: No library.\nGet it.\n' });
  });

  it.each([
    [['--resume', 'r_no'], 'not-found', /There is no run r_no/, /runs list/],
    [[], 'bad-input', /^Give either --spec FILE or --resume RUN\.$/, /spec --example/],
    [['--spec', 'a', '--resume', 'b'], 'bad-input', /^Give either --spec FILE or --resume RUN\.$/, /spec --example/],
    [['--spec', '/nowhere/x.json'], 'bad-spec', /spec \/nowhere\/x\.json cannot be read: .*ENOENT/, /Check the path/],
    [['--spec', 'a', 'b'], 'bad-input', /takes 0 words after its name, not 1/, /^Usage: sampo train --spec FILE/],
  ] as const)('refuses %j', async (flags, code, message, hint) => {
    const error = await line.error('train', ...flags);
    expect(error).toMatchObject({ code, hint: expect.stringMatching(hint) as string });
    expect(error.message).toMatch(message);
    expect(line.store((store) => store.runs.list())).toEqual([]);
  });

  it.each([
    ['{"a"', /is not JSON: .+/, /spec --example/],
    ['{"model": {"path": "m"}}', /dataset/, /./],
    ['{"model": {"path": "m"}, "dataset": {"path": "d"}, "trainig": {}}', /trainig/, /training/],
  ])('refuses a spec of %s', async (content, message, hint) => {
    writeFileSync(spec, content);
    const error = await line.error('train', '--spec', spec);
    expect([error.code, error.message, error.hint]).toEqual([
      'bad-spec',
      expect.stringMatching(message),
      expect.stringMatching(hint),
    ]);
  });
});

describe('what a run tells', () => {
  const output = () => ({ event: vi.fn(), progress: vi.fn(), note: vi.fn() });
  const told = (out: ReturnType<typeof output>) => eventStream(out as never);
  const preparing = (phase: string | null, done: number) =>
    anyRun({ id: 'r_1' as never, status: 'preparing', progress: { ...noProgress, phase, done, total: 9 } });

  it('is each stand of a phase once', () => {
    const out = output();
    const { changed } = told(out);
    for (const run of [preparing(null, 0), preparing('build', 1), preparing('build', 1), preparing('build', 2)])
      changed(run);
    changed({ ...preparing('build', 3), status: 'running' });
    expect(out.progress.mock.calls).toEqual([['a run: build 1 of 9'], ['a run: build 2 of 9']]);
    expect(out.event).toHaveBeenCalledTimes(2);
  });

  it.each([
    [
      { loss: 0.51234, 'rewards/margins': 0.25, 'perf/pairs_per_second': 12.345 },
      'r_1 step 3: loss 0.512, margin 0.25, 12.3 pairs/s',
    ],
    [{ loss: 0.5 }, 'r_1 step 3: loss 0.5, – pairs/s'],
    [{ eval_loss: 0.5 }, null],
  ])('is a line for %j', (values, words) => {
    const out = output();
    told(out).metrics({
      runId: 'r_1' as never,
      seq: 1,
      points: [],
      pairs: [],
      profile: null,
      step: 3,
      epoch: 1,
      values,
    } as never);
    expect(out.progress.mock.calls).toEqual(words === null ? [] : [[words]]);
    expect(out.event.mock.calls).toEqual([[{ event: 'metrics', step: 3, epoch: 1, values }]]);
  });
});
