import { afterEach, describe, expect, it, vi } from 'vitest';
import { JobQueue } from '../../../../../src-main/app/engines/job-queue';
import type { JobView } from '../../../../../src-main/shared/ipc/jobs';
import { FakeChannel } from '../../../support/fake-channel';

const settings = { engine: 'auto', device: 'auto', tf32: false, gpuFreeBytes: null } as const;
const inspect = { path: '/m' };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A queue whose processes say what the test says. */
function open(): {
  readonly queue: JobQueue;
  readonly channels: FakeChannel[];
  readonly told: JobView[];
  answer(n: number, job: string, value: unknown): Promise<void>;
} {
  const channels: FakeChannel[] = [];
  const told: JobView[] = [];
  const spawn = (): FakeChannel => {
    const channel = new FakeChannel();
    channels.push(channel);
    return channel;
  };
  const answer = async (n: number, job: string, value: unknown): Promise<void> => {
    channels[n]!.say({ kind: 'ready' });
    channels[n]!.say({ kind: 'done', job, value });
    channels[n]!.exit('exit code 0');
    await turn();
  };
  return {
    queue: new JobQueue(
      spawn,
      () => settings,
      (job) => void told.push(job),
    ),
    channels,
    told,
    answer,
  };
}

describe('jobs of the engine', () => {
  it('are two at once, however many are asked for, and the others follow in turn', async () => {
    const { queue, channels, answer } = open();
    const results = Array.from({ length: 60 }, () => queue.run('inspect-model', inspect));
    expect(channels).toHaveLength(2);
    expect(
      queue
        .list()
        .map(({ state }) => state)
        .slice(0, 3),
    ).toEqual(['working', 'working', 'waiting']);
    for (let n = 0; n < 60; n++) await answer(n, 'inspect-model', n);
    expect(await Promise.all(results)).toEqual(Array.from({ length: 60 }, (_, n) => n));
    expect(queue.list()).toEqual([]);
  });

  it('hold their place until their process is gone', async () => {
    const { queue, channels } = open();
    const first = queue.run('inspect-model', inspect);
    for (let n = 0; n < 2; n++) void queue.run('inspect-model', inspect);
    channels[0]!.say({ kind: 'ready' });
    channels[0]!.say({ kind: 'done', job: 'inspect-model', value: 1 });
    expect(await first).toBe(1);
    expect(channels).toHaveLength(2);
    channels[0]!.exit('exit code 0');
    await turn();
    expect(channels).toHaveLength(3);
  });

  it('do not wait for an export, which takes minutes', () => {
    const { queue, channels } = open();
    for (let n = 0; n < 2; n++) void queue.run('export', {} as never);
    expect(channels).toHaveLength(1);
    for (let n = 0; n < 3; n++) void queue.run('inspect-model', inspect);
    expect(channels).toHaveLength(3);
  });

  it('whose process cannot be made fail, and the next ones have their turn', async () => {
    let tries = 0;
    const queue = new JobQueue(
      () => {
        tries++;
        throw new Error('EMFILE');
      },
      () => settings,
    );
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => queue.run('inspect-model', inspect)));
    expect(results.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    expect(tries).toBe(5);
  });

  it('tell that they wait, work, how far they are, and that they ended', async () => {
    const { queue, channels, told, answer } = open();
    const result = queue.run('inspect-model', inspect);
    channels[0]!.say({ kind: 'ready' });
    channels[0]!.say({ kind: 'progress', done: 0, total: 9, what: 'read rows' });
    for (let done = 1; done < 9; done++) channels[0]!.say({ kind: 'progress', done, total: 9, what: 'read rows' });
    expect(queue.list()).toMatchObject([{ state: 'working', done: 8, total: 9, what: 'read rows' }]);
    await answer(0, 'inspect-model', 1);
    await result;
    expect(told.map(({ state }) => state).filter((state, n, all) => state !== all[n - 1])).toEqual([
      'waiting',
      'working',
      'ended',
    ]);
    expect(told.length).toBeLessThan(7); // a file of a million rows must not send a million events
  });
});

describe('a job that is cancelled', () => {
  const stopped = { error: { code: 'stopped' } };

  it('while it waits never starts', async () => {
    const { queue, channels, answer } = open();
    for (let n = 0; n < 2; n++) void queue.run('inspect-model', inspect);
    const third = queue.run('inspect-model', inspect);
    queue.cancel(queue.list()[2]!.id);
    await expect(third).rejects.toMatchObject(stopped);
    await answer(0, 'inspect-model', 1);
    expect(channels).toHaveLength(2);
  });

  it('while it works is asked, then ended where it does not answer; the next one begins', async () => {
    vi.useFakeTimers();
    const { queue, channels } = open();
    const results = Array.from({ length: 3 }, () =>
      queue.run('inspect-model', inspect).catch((thrown: unknown) => thrown),
    );
    channels[0]!.say({ kind: 'ready' });
    queue.cancel(queue.list()[0]!.id);
    expect(channels[0]!.posted).toMatchObject([{ kind: 'start' }, { kind: 'stop' }]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(channels[0]!.killed).toBe(1);
    expect(await results[0]).toMatchObject(stopped);
    channels[0]!.exit('signal SIGKILL');
    await vi.advanceTimersByTimeAsync(0);
    vi.useRealTimers();
    expect(channels).toHaveLength(3);
  });

  it('by its kind leaves other kinds alone; nobody there ends all', async () => {
    const { queue } = open();
    const [model, doctor] = [queue.run('inspect-model', inspect), queue.run('doctor', {})];
    queue.cancel('doctor');
    expect(queue.list().map(({ job }) => job)).toContain('inspect-model');
    queue.cancelAll();
    await expect(doctor).rejects.toMatchObject(stopped);
    await expect(model).rejects.toMatchObject(stopped);
  });

  it('that has ended meanwhile keeps its answer', async () => {
    const { queue, channels } = open();
    const result = queue.run('inspect-model', inspect);
    channels[0]!.say({ kind: 'ready' });
    queue.cancel('inspect-model');
    channels[0]!.say({ kind: 'done', job: 'inspect-model', value: 5 });
    expect(await result).toBe(5);
    queue.cancel('j_1');
  });
});

describe('what is told of a job', () => {
  afterEach(() => void vi.useRealTimers());
  it('is its first state, each later one, and how far it is ten times a second', () => {
    vi.useFakeTimers({ now: 1_000_000 });
    const { queue, channels, told } = open();
    void queue.run('inspect-model', inspect).catch(() => undefined);
    channels[0]!.say({ kind: 'ready' });
    const progress = (done: number, total = 9): void =>
      channels[0]!.say({ kind: 'progress', done, total, what: 'read' });
    progress(1); // right after it began
    vi.advanceTimersByTime(99);
    progress(2);
    vi.advanceTimersByTime(1);
    progress(3);
    progress(4);
    progress(9); // all of it
    progress(0, 5);
    expect(told).toEqual([
      { id: 'j_1', job: 'inspect-model', state: 'waiting', done: 0, total: 0, what: '' },
      { id: 'j_1', job: 'inspect-model', state: 'working', done: 0, total: 0, what: '' },
      { id: 'j_1', job: 'inspect-model', state: 'working', done: 3, total: 9, what: 'read' },
      { id: 'j_1', job: 'inspect-model', state: 'working', done: 9, total: 9, what: 'read' },
    ]);
    expect(queue.list()).toMatchObject([{ done: 0, total: 5 }]);
    queue.cancelAll();
  });

  it('goes to whoever asked for it, with all its events', async () => {
    const { queue, channels, answer } = open();
    const heard: string[] = [];
    const result = queue.run('inspect-model', inspect, ({ kind }) => void heard.push(kind));
    channels[0]!.say({ kind: 'ready' });
    expect(channels[0]!.posted).toEqual([{ kind: 'start', job: 'inspect-model', input: inspect, ...settings }]);
    channels[0]!.say({ kind: 'progress', done: 1, total: 2, what: '' });
    channels[0]!.say({ kind: 'problem', message: 'm' });
    await answer(0, 'inspect-model', 1);
    await result;
    expect(heard).toEqual(['progress', 'problem', 'done']);
  });

  it('may be told to nobody', async () => {
    const channel = new FakeChannel();
    const queue = new JobQueue(
      () => channel,
      () => settings,
    );
    const result = queue.run('inspect-model', inspect);
    channel.say({ kind: 'ready' });
    channel.say({ kind: 'failed', error: { code: 'bad-model', message: 'no', hint: 'h' } });
    await expect(result).rejects.toMatchObject({ error: { code: 'bad-model', message: 'no' } });
  });
});

describe('a job that does not stop', () => {
  afterEach(() => void vi.useRealTimers());
  it.each([
    ['export', 10_000],
    ['inspect-model', 1_000],
  ] as const)('%s is ended after %i ms: an export removes first what it has written', async (job, ms) => {
    vi.useFakeTimers();
    const { queue, channels } = open();
    const result = queue.run(job, {} as never).catch((thrown: unknown) => thrown);
    channels[0]!.say({ kind: 'ready' });
    queue.cancel(job);
    await vi.advanceTimersByTimeAsync(ms - 1);
    expect(channels[0]!.killed).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(channels[0]!.killed).toBe(1);
    expect(await result).toMatchObject({
      error: { code: 'stopped', message: 'Cancelled before it was done.', hint: expect.any(String) as string },
    });
  });

  it.each(['export', 'inspect-model'] as const)('or does not start (%s) is ended after a minute', async (job) => {
    vi.useFakeTimers();
    const { queue, channels } = open();
    const result = queue.run(job, {} as never).catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(channels[0]!.killed).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(channels[0]!.killed).toBe(1);
    expect(await result).toMatchObject({ error: { message: expect.stringMatching(/did not start/) as string } });
  });

  it.each(['export', 'inspect-model'] as const)(
    'or does not leave (%s) gives its place free after ten seconds',
    async (job) => {
      vi.useFakeTimers();
      const { queue, channels } = open();
      const results = Array.from({ length: 3 }, () => queue.run(job, {} as never));
      for (const result of results) result.catch(() => undefined);
      const begun = channels.length;
      channels[0]!.say({ kind: 'ready' });
      channels[0]!.say({ kind: 'done', job, value: 3 });
      expect(await results[0]).toBe(3);
      await vi.advanceTimersByTimeAsync(9_999);
      expect(channels).toHaveLength(begun);
      await vi.advanceTimersByTimeAsync(1);
      expect(channels).toHaveLength(begun + 1);
      queue.cancelAll();
    },
  );
});
