import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startJob, type EngineJob } from '../../../../../src-main/app/engines/engine-host';
import type { EngineEvent } from '../../../../../src-main/shared/ipc/engine-events';
import { LogFile, openLog } from '../../../../../src-main/app/log-file';
import { logTo } from '../../../../../src-main/shared/log';
import { AppFailure, appError } from '../../../../../src-main/shared/result';
import { FakeChannel } from '../../../support/fake-channel';
import { temporaryFolder } from '../../../support/runs';

const limits = { startMs: 1000, stopMs: 5000, exitMs: 200 };
const settings = { engine: 'auto', device: 'gpu:1', tf32: false, gpuFreeBytes: 8e9 } as const;
const finished = { kind: 'done', job: 'train', value: { outcome: 'finished' } };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function train(onEvent: (event: EngineEvent) => void = () => undefined): {
  readonly channel: FakeChannel;
  readonly job: EngineJob<'train'>;
  ended(): unknown;
} {
  const channel = new FakeChannel();
  const job = startJob(() => channel, 'train', {} as never, settings, onEvent, limits);
  let outcome: unknown = null;
  void job.result.then((result) => (outcome = result));
  return { channel, job, ended: () => outcome };
}
/** A job that has nothing to save. */
function doctor(doctorLimits = limits): { readonly channel: FakeChannel; readonly job: EngineJob<'doctor'> } {
  const channel = new FakeChannel();
  const job = startJob(
    () => channel,
    'doctor',
    {},
    settings,
    () => undefined,
    doctorLimits,
  );
  return { channel, job };
}
const passing = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('a training process', () => {
  it('gets its job once it listens, and has ended when it is gone: the next run needs its memory', async () => {
    const { channel, ended } = train();
    expect(channel.posted).toEqual([]);
    channel.say({ kind: 'ready' });
    expect(channel.posted).toMatchObject([{ kind: 'start', job: 'train', ...settings }]);
    channel.say(finished);
    await passing(limits.exitMs - 1);
    expect(ended()).toBeNull();
    channel.exit('exit code 0');
    await passing(0);
    expect(ended()).toEqual({ ok: true, value: { outcome: 'finished' } });
    await passing(100_000);
    expect(channel.killed).toBe(0);
  });

  it('that does not leave after its last word is killed, and its word counts', async () => {
    const { channel, ended } = train();
    channel.say({ kind: 'ready' });
    channel.say(finished);
    await passing(limits.exitMs);
    expect(channel.killed).toBe(1);
    expect(ended()).toMatchObject({ ok: true });
  });

  it('that never listens is killed', async () => {
    const { channel, ended } = train();
    await passing(limits.startMs + limits.exitMs);
    expect(channel.killed).toBeGreaterThan(0);
    expect(ended()).toMatchObject({
      ok: false,
      error: { code: 'engine-failed', message: expect.stringMatching(/did not start within 1 seconds/) as string },
    });
  });

  it('that dies tells why', async () => {
    const { channel, ended } = train();
    channel.say({ kind: 'ready' });
    channel.exit('signal SIGKILL');
    await passing(0);
    expect(ended()).toMatchObject({
      ok: false,
      error: {
        code: 'engine-failed',
        message: expect.stringMatching(/signal SIGKILL/) as string,
        details: { reason: 'signal SIGKILL' },
      },
    });
  });

  it('that dies, or could not have the memory it asked for, says what its run needs and what would lower it', async () => {
    const planned = {
      kind: 'planned',
      neededBytes: 3 * 2 ** 30,
      freeBytes: 2.5 * 2 ** 30,
      advice: 'Lower training.maxLength.',
    };
    const hint =
      /needs about 3\.0 GB, and 2\.5 GB were free when it began\. Lower training\.maxLength\. Its last checkpoint is kept/;
    const dying = train();
    dying.channel.say({ kind: 'ready' });
    dying.channel.say(planned);
    dying.channel.exit('signal SIGTRAP');
    await passing(0);
    expect(dying.ended()).toMatchObject({ ok: false, error: { hint: expect.stringMatching(hint) as string } });
    const refused = train();
    refused.channel.say({ kind: 'ready' });
    refused.channel.say(planned);
    refused.channel.say({
      kind: 'failed',
      error: {
        code: 'engine-failed',
        message: 'TensorFlow could not run accumulate:0: OOM when allocating',
        hint: 'x',
        details: { memory: true },
      },
    });
    refused.channel.exit('exit code 0');
    await passing(limits.exitMs);
    expect(refused.ended()).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/OOM/) as string, hint: expect.stringMatching(hint) as string },
    });
  });

  it('that talks nonsense is killed, and nothing it says later is believed', async () => {
    const events: EngineEvent[] = [];
    const { channel, ended } = train((event) => void events.push(event));
    channel.say({ kind: 'ready' });
    channel.say({ kind: 'metrics', step: 'one' });
    expect(channel.killed).toBe(1);
    channel.say(finished);
    channel.exit('signal SIGKILL');
    await passing(0);
    expect(ended()).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(events).toEqual([]);
  });

  it('is killed where its reports cannot be kept, and the run fails for that reason', async () => {
    const { channel, ended } = train(() => {
      throw new AppFailure(appError('no-space', 'The disk is full.', 'Free some.'));
    });
    channel.say({ kind: 'ready' });
    channel.say({ kind: 'problem', message: 'x' });
    expect(channel.killed).toBe(1);
    channel.exit('signal SIGKILL');
    await passing(0);
    expect(ended()).toEqual({
      ok: false,
      error: { code: 'no-space', message: 'The disk is full.', hint: 'Free some.' },
    });
  });

  it('is asked to stop, also before it listens, and killed when it does not in time', async () => {
    const { channel, job, ended } = train();
    job.stop();
    channel.say({ kind: 'ready' });
    expect(channel.posted).toMatchObject([{ kind: 'start' }, { kind: 'stop' }]);
    await passing(limits.stopMs);
    expect(channel.killed).toBe(1);
    channel.exit('signal SIGKILL');
    await passing(0);
    // a reason in the details is what makes a run `interrupted`
    expect(ended()).toMatchObject({
      ok: false,
      error: {
        message: expect.stringMatching(/did not stop within 5 seconds/) as string,
        details: { reason: expect.any(String) as string },
      },
    });
  });
});

describe('any job', () => {
  it('whose process cannot be made fails in words', async () => {
    const job = startJob(
      () => {
        throw new Error('EMFILE');
      },
      'doctor',
      {},
      settings,
      () => undefined,
      limits,
    );
    expect(await job.result).toMatchObject({
      ok: false,
      error: { code: 'engine-failed', message: expect.stringMatching(/EMFILE/) as string },
    });
    job.stop(); // has nobody to ask
    expect(vi.getTimerCount()).toBe(0);
  });

  it('other than training has ended with its answer', async () => {
    const { channel, job } = doctor();
    channel.say({ kind: 'ready' });
    channel.say({ kind: 'done', job: 'doctor', value: 7 });
    expect(await job.result).toEqual({ ok: true, value: 7 });
  });

  it('tells the log at debug what it says, a row of one kind once', () => {
    const lines: string[] = [];
    logTo((level, _source, text) => void lines.push(`${level} ${text}`), 'debug');
    const { channel } = train();
    const phase = { kind: 'phase', phase: 'build', total: 2 };
    for (const said of [{ kind: 'ready' }, { ...phase, done: 0 }, { ...phase, done: 1 }, finished]) channel.say(said);
    logTo(null);
    expect(lines.filter((line) => line.startsWith('debug'))).toEqual([
      'debug train: ready',
      'debug train: phase',
      'debug train: done',
    ]);
  });
});

describe('what is asked of a process', () => {
  const reasonOf = (value: unknown): unknown =>
    (value as { readonly error: { readonly details?: unknown } }).error.details;

  it('goes to one that listens at once, and each wish is told by itself', async () => {
    const { channel, job, ended } = train();
    channel.say({ kind: 'ready' });
    job.pause();
    expect(channel.posted).toMatchObject([{ kind: 'start' }, { kind: 'pause' }]);
    await passing(limits.stopMs - 1);
    expect([channel.killed, ended()]).toEqual([0, null]);
    channel.say(finished);
    channel.exit('exit code 0');
    await passing(limits.stopMs * 2);
    expect([channel.killed, ended()]).toEqual([0, { ok: true, value: { outcome: 'finished' } }]);
    job.stop(); // its word stands
    job.endNow();
    expect([channel.posted.length, vi.getTimerCount()]).toEqual([2, 0]);
  });

  it('before it listens is asked once it does; the last wish counts', () => {
    const { channel, job } = train();
    job.stop();
    job.pause();
    expect(channel.posted).toEqual([]);
    channel.say({ kind: 'ready' });
    expect(channel.posted).toMatchObject([{ kind: 'start' }, { kind: 'pause' }]);
  });

  it('is said where it dies then', async () => {
    for (const [wish, asked] of [
      [(job: EngineJob<'train'>) => job.pause(), 'pause'],
      [() => undefined, null],
    ] as const) {
      const { channel, job, ended } = train();
      channel.say({ kind: 'ready' });
      wish(job);
      channel.exit('exit code 9');
      await passing(0);
      expect(ended()).toMatchObject({
        error: {
          message: 'The engine process ended unexpectedly (exit code 9).',
          hint: 'Often the machine ran out of memory: close other programs, or use a smaller model.',
        },
      });
      expect(reasonOf(ended())).toEqual({ reason: 'exit code 9', asked, retry: true });
    }
  });

  it('may be an end at once, without saving', async () => {
    const { channel, job, ended } = train();
    channel.say({ kind: 'ready' });
    job.endNow();
    expect(channel.killed).toBe(1);
    channel.exit('signal SIGKILL');
    await passing(0);
    expect(ended()).toEqual({
      ok: false,
      error: {
        code: 'engine-failed',
        message: 'The engine was ended without saving.',
        hint: 'The run can be resumed from its last checkpoint.',
        details: { reason: 'ended without saving' },
      },
    });
  });

  it('is answered within minutes where that is how long it may take', async () => {
    for (const [stopMs, words] of [
      [120_000, '2 minutes'],
      [119_999, '120 seconds'],
      [300_000, '5 minutes'],
    ] as const) {
      const { channel, job } = doctor({ ...limits, stopMs });
      channel.say({ kind: 'ready' });
      job.stop();
      await passing(stopMs);
      expect(await job.result).toMatchObject({
        error: {
          code: 'engine-failed',
          message: `The engine did not stop within ${words} and was ended.`,
          details: { reason: 'no answer to a stop' },
        },
      });
    }
  });
});

describe('the end of a process', () => {
  it('that listens in time is not that of one that never starts', async () => {
    const { channel, ended } = train();
    await passing(limits.startMs - 1);
    channel.say({ kind: 'ready' });
    await passing(limits.startMs * 9);
    expect([channel.killed, ended()]).toEqual([0, null]);
  });

  it('is known, apart from its result', async () => {
    const { channel, job } = doctor();
    let isGone = false;
    void job.gone.then(() => (isGone = true));
    channel.say({ kind: 'ready' });
    channel.say({ kind: 'done', job: 'doctor', value: 7 });
    await passing(limits.exitMs - 1);
    expect([isGone, channel.killed]).toEqual([false, 0]);
    await passing(1);
    expect([isGone, channel.killed]).toEqual([true, 1]);
    const { channel: quick, job: other } = doctor();
    quick.exit('exit code 1');
    await other.gone;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that failed in its own words keeps them; memory is advised on only where memory was the reason', async () => {
    const error = { code: 'bad-data', message: 'no pair', hint: 'mend it' } as const;
    for (const details of [undefined, { memory: 'much' }, { row: 1 }]) {
      const { channel, ended } = train();
      channel.say({ kind: 'ready' });
      channel.say({ kind: 'planned', neededBytes: 1, freeBytes: 1, advice: 'a' });
      const failed = { ...error, ...(details ? { details } : {}) };
      channel.say({ kind: 'failed', error: failed });
      expect(channel.killed).toBe(0); // it leaves by itself
      channel.exit('exit code 0');
      await passing(0);
      expect(ended()).toEqual({ ok: false, error: failed });
    }
  });

  it('is heard of by whoever listens, from its first word to its last', () => {
    const events: string[] = [];
    const { channel } = train(({ kind }) => void events.push(kind));
    channel.say({ kind: 'ready' });
    for (const event of [{ kind: 'problem', message: 'a' }, finished, { kind: 'problem', message: 'late' }])
      channel.say(event);
    expect(events).toEqual(['problem', 'done']);
  });
});

describe('the log', () => {
  afterEach(() => logTo(null));
  it('has what began, and how it ended', async () => {
    const file = new LogFile(temporaryFolder());
    openLog(file);
    const said = (): readonly string[] =>
      file.tail(9).map((line) => line.replace(/^\S+ (\S+) +\[\S+ (\w+)\] /, '$1 $2: '));
    const good = train();
    expect(said()).toEqual(['info engine: train begins']);
    good.channel.say({ kind: 'ready' });
    await passing(70);
    good.channel.say(finished);
    good.channel.exit('exit code 0');
    await passing(0);
    const bad = train();
    bad.channel.say({ kind: 'ready' });
    bad.channel.say({ kind: 'failed', error: { code: 'bad-data', message: 'row 3: secret', hint: 'h' } });
    bad.channel.exit('exit code 0');
    await passing(0);
    expect(said().slice(1)).toEqual([
      'info engine: train ended after 70 ms: done',
      'info engine: train begins',
      'warn engine: train ended after 0 ms: bad-data',
    ]);
  });
});
