import { afterEach, describe, expect, it, vi } from 'vitest';
import { endings, follow } from '../../../../../src-main/app/cli/train';
import { openServices, type Services } from '../../../../../src-main/app/services';
import type { RunId } from '../../../../../src-main/shared/ids';
import { appError } from '../../../../../src-main/shared/result';
import type { RunRecord } from '../../../../../src-main/store/runs';
import { FakeChannel } from '../../../support/fake-channel';
import { pairPoint } from '../../../support/pair-points';
import { anyRun, anySpec, temporaryFolder } from '../../../support/runs';

const opened: Services[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const services of opened.splice(0)) services.close();
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function open(json = false) {
  const channels: FakeChannel[] = [];
  const services = openServices(temporaryFolder(), () => {
    const channel = new FakeChannel();
    channels.push(channel);
    return channel;
  });
  opened.push(services);
  const output = { json, event: vi.fn(), note: vi.fn(), error: vi.fn(), progress: vi.fn() };
  const watch = (...ids: readonly RunId[]): Promise<number> => follow(services, output as never, ids);
  const { runs } = services;
  const start = (count: number): readonly RunId[] => {
    const names = { model: 'm', dataset: 'd' };
    const ids = Array.from({ length: count }, (_, n) => runs.create(anySpec({ name: `run ${n + 1}` }), names));
    for (const id of ids) runs.start(id);
    channels[0]!.say({ kind: 'ready' });
    return ids;
  };
  const end = async (outcome: string): Promise<void> => {
    const channel = channels.at(-1)!;
    channel.say({ kind: 'ready' });
    channel.say({ kind: 'done', job: 'train', value: { outcome, steps: 1, checkpointPath: '', best: null } });
    channel.exit('exit code 0');
    await turn();
  };
  const insert = (change: Partial<RunRecord>): RunId => {
    const run = anyRun({ name: 'mine', ...change });
    services.store.runs.insert(run);
    return run.id;
  };
  return { services, channels, output, watch, start, end, insert, statusOf: (id: RunId) => runs.get(id).status };
}

describe('a run that is watched to its end', () => {
  it.each([
    [{ status: 'finished' }, 0, null],
    [{ status: 'stopped' }, 130, null],
    [{ status: 'paused' }, 130, null],
    [{ status: 'interrupted' }, 1, { code: 'engine-failed', message: 'The run ended as interrupted.' }],
    [{ status: 'failed', error: appError('bad-data', 'no pair', 'h') }, 2, { code: 'bad-data' }],
    [{ status: 'failed', error: appError('no-space', 'full', 'h') }, 1, { code: 'no-space' }],
    [{ status: 'failed', error: appError('missing-on-machine', 'none', 'h') }, 3, { code: 'missing-on-machine' }],
  ] satisfies readonly (readonly [Partial<RunRecord>, number, object | null])[])(
    '%j is code %i',
    async (change, code, error) => {
      const { watch, insert, output } = open();
      expect(await watch(insert(change))).toBe(code);
      const { status, error: own } = change as Partial<RunRecord>;
      expect(output.event.mock.calls).toEqual([[{ event: 'status', status, ...(own ? { error: own } : {}) }]]);
      expect(output.error.mock.calls).toMatchObject(error === null ? [] : [[error]]);
      expect(output.note).toHaveBeenCalledTimes(error === null ? 1 : 0);
      const programs = open(true);
      expect(await programs.watch(programs.insert(change))).toBe(code);
      expect([programs.output.note, programs.output.error].map((said) => said.mock.calls)).toEqual([[], []]);
    },
  );

  it('says its loss, and what is known of length', async () => {
    const { services, watch, insert, output } = open();
    const id = insert({ status: 'finished' });
    await watch(id);
    const held = Array.from({ length: 3 }, (_, row) => pairPoint({ row, split: 'eval' }));
    services.store.runData.addMetrics(id, 1, { loss: 0.1234 }, held, null);
    await watch(id);
    expect(output.note.mock.calls).toEqual([
      ['mine finished: loss –.'],
      [expect.stringMatching(/^mine finished: loss 0\.123\. .*pairs/)],
    ]);
  });

  it('listens to signals no longer than that', async () => {
    const counts = (): readonly number[] => endings.map((signal) => process.listenerCount(signal));
    const before = counts();
    const { watch, start, end } = open();
    const code = watch(...start(1));
    expect(counts()).toEqual(before.map((count) => count + 1));
    await end('finished');
    await code;
    expect(counts()).toEqual(before);
  });
});

describe('several runs', () => {
  it('are watched in turn', async () => {
    const { watch, start, end, output } = open();
    const code = watch(...start(2));
    await end('finished');
    await end('finished');
    expect(await code).toBe(0);
    expect(output.note.mock.calls.map(([line]) => line as string)).toEqual([
      'run 1 finished: loss –.',
      'run 2 finished: loss –.',
    ]);
  });

  it('of which one fails are all stopped: it has nothing to be compared with', async () => {
    const { channels, watch, start, end, statusOf } = open();
    const ids = start(3);
    const code = watch(...ids);
    channels[0]!.say({ kind: 'failed', error: appError('bad-data', 'no pair', 'h') });
    channels[0]!.exit('exit code 0');
    await turn();
    channels[1]!.say({ kind: 'ready' });
    expect(channels[1]!.posted).toMatchObject([{ kind: 'start' }, { kind: 'stop' }]);
    await end('stopped'); // the third then begins, and is stopped too
    await expect.poll(() => channels).toHaveLength(3);
    await end('stopped');
    expect(await code).toBe(2);
    expect(ids.map(statusOf)).toEqual(['failed', 'stopped', 'stopped']);
  });
});

describe.each(endings)('%s', (signal) => {
  it.each(['preparing', 'running'])('asks a run that is %s to save, and ends those that wait', async (status) => {
    const { channels, watch, start, end, statusOf, output } = open();
    const ids = start(2);
    if (status === 'running') channels[0]!.say({ kind: 'running', firstStep: 1, totalSteps: 4 });
    expect(statusOf(ids[0]!)).toBe(status);
    const code = watch(...ids);
    process.emit(signal, signal);
    expect(ids.map(statusOf)).toEqual(['stopping', 'stopped']);
    expect(output.note.mock.calls).toEqual([['Saving and stopping; press Ctrl-C again to end at once.']]);
    await end('stopped');
    expect(await code).toBe(130);
  });
});

describe('Ctrl-C', () => {
  it('leaves runs alone that have ended or are saving', async () => {
    const { channels, services, watch, start, end, statusOf } = open();
    const ids = start(2);
    const code = watch(...ids);
    await end('finished');
    channels[1]!.say({ kind: 'ready' });
    services.runs.stop(ids[1]!);
    process.emit('SIGINT', 'SIGINT');
    expect([ids.map(statusOf), channels[1]!.posted.length]).toEqual([['finished', 'stopping'], 2]);
    await end('stopped');
    expect(await code).toBe(130);
  });

  it('is another press after a second, and ends at once', async () => {
    const { watch, start, end } = open();
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    const clock = vi.spyOn(Date, 'now').mockReturnValue(1_000_000);
    const code = watch(...start(1));
    for (const [ms, presses] of [
      [0, 0],
      [999, 0],
      [1000, 1],
    ] as const) {
      clock.mockReturnValue(1_000_000 + ms);
      process.emit('SIGINT', 'SIGINT');
      expect(exit).toHaveBeenCalledTimes(presses);
    }
    expect(exit).toHaveBeenCalledWith(130);
    await end('stopped');
    await code;
  });
});
