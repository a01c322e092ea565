import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RunEvents } from '../../../../../src-main/app/runs/run-events';
import { RunReports } from '../../../../../src-main/app/runs/run-reports';
import type { EngineEvent } from '../../../../../src-main/shared/ipc/engine-events';
import { segmentName } from '../../../../../src-main/shared/ipc/journal';
import { appError, AppFailure, type AppError } from '../../../../../src-main/shared/result';
import { noProgress, type RunRecord } from '../../../../../src-main/store/runs';
import { closeContexts, testContext } from '../../../support/handlers';
import { pairPoint } from '../../../support/pair-points';
import { anyRun, anySpec, temporaryFolder } from '../../../support/runs';

afterEach(() => {
  vi.restoreAllMocks();
  closeContexts();
});

/** A run that is being prepared, and what is told of it. */
function open(change: Partial<RunRecord> = {}) {
  const { store } = testContext().services;
  const runDir = path.join(temporaryFolder(), 'run');
  const told: (readonly [string, unknown])[] = [];
  const tell =
    (name: string) =>
    (...what: readonly unknown[]): void =>
      void told.push([name, what.length === 1 ? what[0] : what]);
  const events = {
    changed: ({ status, progress }: RunRecord) => void told.push(['changed', { status, step: progress.step }]),
    removed: tell('removed'),
    metrics: tell('metrics'),
    probe: tell('probe'),
    checkpoint: tell('checkpoint'),
    problem: tell('problem'),
  } satisfies RunEvents;
  let time = 1000;
  const reports = new RunReports(
    store,
    () => runDir,
    events,
    () => time,
  );
  const inserted = anyRun({ status: 'preparing', ...change });
  store.runs.insert(inserted);
  const { id } = inserted;
  const journal = (first: number, lines: readonly (object | string)[]): void => {
    mkdirSync(path.join(runDir, 'journal'), { recursive: true });
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
    writeFileSync(path.join(runDir, 'journal', segmentName(first)), `${text}\n`);
  };
  return {
    store,
    reports,
    told,
    runDir,
    journal,
    id,
    run: () => store.runs.get(id)!,
    take: (event: EngineEvent) => reports.take(id, event),
    heal: () => reports.heal(id),
    at: (ms: number) => void (time = ms),
    names: () => told.map(([name]) => name),
  };
}
const metrics = (step: number, values: Record<string, number> = {}, seq?: number) =>
  ({ kind: 'metrics', step, epoch: step / 8, values, pairs: [], profile: null, ...(seq ? { seq } : {}) }) as const;
const sample = { step: 0, prompt: 0, promptText: 'p', text: 't', tokens: 1, finish: 'eos' } as const;
const ended = { outcome: 'finished', steps: 2, checkpointPath: '/c', best: null };

describe('what a run reports', () => {
  it('of its engine is one line, with a note where it is a slower one', () => {
    const { take, run, told } = open();
    take({ kind: 'engine', engine: { backend: 'tensorflow', library: 'TF', devices: ['CPU', 'AMX'], reason: null } });
    expect(run()).toMatchObject({ engine: 'TF · CPU · AMX', problems: [] });
    take({ kind: 'engine', engine: { backend: 'wasm', library: 'tfjs', devices: [], reason: 'no library' } });
    expect(run()).toMatchObject({ engine: 'tfjs', problems: ['Training with tfjs: no library.'] });
    expect(told.at(-1)).toEqual(['problem', [run().id, 'Training with tfjs: no library.']]);
  });

  it('of a phase is told at its begin and end, and four times a second between', () => {
    const { take, run, names, at } = open({ progress: { ...noProgress, step: 5, totalSteps: 9 } });
    const phase = (done: number, ms: number) => {
      at(ms);
      take({ kind: 'phase', phase: 'reference', done, total: 4 });
      return run().progress.done;
    };
    expect(phase(1, 1000)).toBe(1);
    expect(run().progress).toEqual({ ...noProgress, step: 5, totalSteps: 9, phase: 'reference', done: 1, total: 4 });
    expect(phase(2, 1249)).toBe(1); // too soon
    expect(phase(3, 1250)).toBe(3);
    expect(phase(0, 1251)).toBe(0);
    expect(phase(4, 1252)).toBe(4);
    expect(names()).toHaveLength(4);
  });

  it('of its content is kept', () => {
    const { take, run } = open();
    take({ kind: 'content', datasetHash: 'd', modelHash: 'm' });
    expect(run()).toMatchObject({ datasetHash: 'd', modelHash: 'm' });
  });

  it.each([
    ['preparing', 'running'],
    ['pausing', 'pausing'],
    ['stopping', 'stopping'],
  ] as const)('makes a run that is %s %s, from the step before its first', (status, after) => {
    const { take, run } = open({ status, progress: { ...noProgress, phase: 'build', done: 2, total: 3 } });
    take({ kind: 'running', firstStep: 4, totalSteps: 10 });
    expect(run()).toMatchObject({ status: after, progress: { phase: null, step: 3, totalSteps: 10, done: 2 } });
  });

  it('of a step is stored and told with its pairs, values and place', () => {
    const { take, told, store, run } = open();
    const pairs = [pairPoint({ row: 3, step: 2 })];
    const profile = { step: 2, binTokens: 8, chosen: [], rejected: [] };
    take({ ...metrics(2, { loss: 0.5 }), pairs, profile });
    expect(told).toEqual([
      ['changed', { status: 'preparing', step: 2 }],
      [
        'metrics',
        {
          runId: run().id,
          seq: 1,
          points: [{ step: 2, name: 'loss', value: 0.5 }],
          pairs,
          profile,
          step: 2,
          epoch: 0.25,
          values: { loss: 0.5 },
        },
      ],
    ]);
    expect(store.runData.profile(run().id)).toEqual(profile);
  });

  it('says how long the steps that are left take, at a pace that follows slowly', () => {
    const spec = anySpec({ training: { pairsPerStep: 6 } });
    const { take, run } = open({ spec, progress: { ...noProgress, totalSteps: 10 } });
    const after = (step: number, rate?: number) => {
      take(metrics(step, rate === undefined ? {} : { 'perf/pairs_per_second': rate }));
      const { pairsPerSecond, remainingMs } = run().progress;
      return [pairsPerSecond, remainingMs].map((value) => (value === null ? null : Number(value.toFixed(6))));
    };
    expect(after(1)).toEqual([null, null]); // nothing measured yet
    expect(after(2, 10)).toEqual([10, ((10 - 2) * 6 * 1000) / 10]);
    expect(after(4, 20)).toEqual([12, ((10 - 4) * 6 * 1000) / 12]); // 0.8 × 10 + 0.2 × 20
    expect(after(7)).toEqual([12, ((10 - 7) * 6 * 1000) / 12]);
    expect(after(10)).toEqual([12, 0]);
  });

  it('of answers and checkpoints is stored and told; a checkpoint survives a power cut', () => {
    const { take, told, store, run, id, at } = open();
    const durably = vi.spyOn(store, 'durably');
    take({ kind: 'probe', sample });
    expect([durably.mock.calls.length, told, store.runData.probes(id)]).toEqual([
      0,
      [['probe', [id, sample]]],
      [sample],
    ]);
    at(77);
    take({ kind: 'checkpoint', step: 3, path: '/c/3', bytes: 8, best: null });
    expect(durably).toHaveBeenCalledTimes(1);
    expect(store.runData.checkpoints(id, () => true)).toEqual([{ step: 3, path: '/c/3', bytes: 8, createdAt: 77 }]);
    expect(run().checkpointPath).toBe('/c/3');
    expect(told.slice(1)).toEqual([
      ['changed', { status: 'preparing', step: 0 }],
      ['checkpoint', [id, 3]],
    ]);
  });

  it('twice is told twice and kept once, where it is a problem', () => {
    const { take, run, names } = open();
    for (const message of ['a', 'b', 'a']) take({ kind: 'problem', message });
    expect(run().problems).toEqual(['a', 'b']);
    expect(names()).toEqual(['changed', 'problem', 'changed', 'problem', 'problem']);
  });

  it.each([
    { kind: 'ready' },
    { kind: 'planned', neededBytes: 1, freeBytes: 1, advice: '' },
    { kind: 'progress', done: 1, total: 2, what: '' },
    { kind: 'done', seq: 1, job: 'train', value: ended },
  ] as const)('and is the host’s business changes nothing of the run: $kind', (event) => {
    const { take, run, told } = open();
    const before = run();
    take(event);
    expect([run(), told]).toEqual([{ ...before, reported: 'seq' in event ? 1 : 0 }, []]);
  });
});

describe('numbered reports', () => {
  it('count once each: one that comes again is left out', () => {
    const { take, store, id, told, run } = open();
    for (const seq of [1, 2, 2, 1]) take(metrics(seq, { loss: seq }, seq));
    expect([run().reported, told.length, store.runData.raw(id, 'loss')]).toEqual([
      2,
      4,
      [
        [1, 1],
        [2, 2],
      ],
    ]);
  });

  it('that were missed are read from the journal and told, before the one that came', () => {
    const { take, store, id, run, journal, told } = open();
    journal(1, [
      ...[1, 2].map((n) => metrics(n, { loss: n }, n)),
      { kind: 'probe', seq: 3, sample },
      metrics(3, { loss: 3 }, 4),
    ]);
    take(metrics(1, { loss: 10 }, 1));
    take(metrics(2, { loss: 20 }, 2)); // the very next: nothing was missed
    take(metrics(4, { loss: 40 }, 5));
    expect(
      told.flatMap(([name, what]) =>
        name === 'changed' ? [] : [name === 'metrics' ? (what as { step: number }).step : name],
      ),
    ).toEqual([1, 2, 'probe', 3, 4]);
    expect(told.at(-1)).toEqual(['metrics', expect.objectContaining({ seq: 4, step: 4 })]); // the page misses none
    expect(store.runData.raw(id, 'loss')).toEqual([
      [1, 10],
      [2, 20],
      [3, 3],
      [4, 40],
    ]);
    expect(run()).toMatchObject({ reported: 5, problems: [] });
  });

  it('that are nowhere to be read leave a gap, and the run goes on', () => {
    const { take, store, id, run } = open();
    take(metrics(3, { loss: 3 }, 3));
    expect([store.runData.raw(id, 'loss'), run().reported, run().problems]).toEqual([[[3, 3]], 3, []]);
  });

  it('go from the journal file by file, once a checkpoint is stored', () => {
    const { take, journal, runDir } = open();
    journal(1, [metrics(1, {}, 1)]);
    journal(3, [metrics(2, {}, 3)]);
    take(metrics(1, {}, 1));
    expect(readdirSync(path.join(runDir, 'journal'))).toHaveLength(2);
    take({ kind: 'checkpoint', seq: 2, step: 1, path: '/c', bytes: 1, best: null });
    expect(readdirSync(path.join(runDir, 'journal'))).toEqual([segmentName(3)]);
  });
});

describe('the journal of a run whose program died', () => {
  it.each([
    ['has no word of an end', [metrics(1, {}, 1), metrics(2, {}, 2)], null],
    ['ends with its outcome', [metrics(1, {}, 1), { kind: 'done', seq: 2, job: 'train', value: ended }], ended],
    ['is not there', [], null],
  ])('%s', (_what, lines, outcome) => {
    const { heal, journal, run, told, store } = open();
    if (lines.length > 0) journal(1, lines);
    const durably = vi.spyOn(store, 'durably');
    expect(heal()).toEqual(outcome);
    expect(run().reported).toBe(lines.length);
    expect(durably).toHaveBeenCalledTimes(lines.length === 0 ? 0 : 1);
    expect(told).toEqual([]); // nobody follows it yet
  });

  it('loses what is stored, and says how many reports cannot be read', () => {
    const { heal, journal, run, runDir, names } = open();
    journal(1, [metrics(1, {}, 1), 'torn', 'torn']);
    journal(4, [metrics(4, {}, 4)]);
    heal();
    expect(run().problems).toEqual([
      'The journal of this run is damaged: 2 of its reports cannot be read, so some steps may lack their numbers. ' +
        'Training itself is not touched by it.',
    ]);
    expect(names()).toEqual(['changed', 'problem']);
    expect(readdirSync(path.join(runDir, 'journal'))).toEqual([segmentName(4)]);
  });

  it('that cannot be read is a note', () => {
    const { heal, runDir, run } = open();
    mkdirSync(runDir);
    writeFileSync(path.join(runDir, 'journal'), 'a file');
    expect(heal()).toBeNull();
    expect(run().problems).toEqual([
      expect.stringMatching(/^The journal of this run cannot be read or tidied up \(.*ENOTDIR/),
    ]);
  });

  it.each([
    ['no-space', true],
    ['database', true],
    ['no-permission', false],
  ] satisfies readonly (readonly [AppError['code'], boolean])[])(
    'that cannot be stored (%s) is an end of the run: %s',
    (code, isEnd) => {
      const { heal, journal, store, runDir, run } = open();
      journal(1, [metrics(1, {}, 1)]);
      vi.spyOn(store, 'write').mockImplementation(() => {
        throw new AppFailure(appError(code, 'not now', 'h'));
      });
      if (isEnd) expect(heal).toThrow('not now');
      else expect(heal()).toBeNull();
      expect(run().problems).toHaveLength(isEnd ? 0 : 1);
      expect(existsSync(path.join(runDir, 'journal', segmentName(1)))).toBe(true);
    },
  );
});
