import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startJob, type EngineJob } from '../../../../src-main/app/engine-host';
import type { EngineEvent } from '../../../../src-main/engine/protocol';
import { AppFailure, appError } from '../../../../src-main/shared/result';
import { FakeChannel } from '../../support/fake-channel';

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
    const channel = new FakeChannel();
    const job = startJob(
      () => channel,
      'doctor',
      {},
      settings,
      () => undefined,
      limits,
    );
    channel.say({ kind: 'ready' });
    channel.say({ kind: 'done', job: 'doctor', value: 7 });
    expect(await job.result).toEqual({ ok: true, value: 7 });
  });
});
