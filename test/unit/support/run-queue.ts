import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RunEvents } from '../../../src-main/app/runs/run-events';
import { openServices, quietEvents, type Services } from '../../../src-main/app/services';
import type { RunId } from '../../../src-main/shared/ids';
import { segmentName } from '../../../src-main/shared/ipc/journal';
import type { RunStatus } from '../../../src-main/shared/runs/run-status';
import type { RunRecord } from '../../../src-main/store/runs';
import { FakeChannel } from './fake-channel';
import { anyRun, anySpec, temporaryFolder } from './runs';

const names = { model: 'tiny', dataset: 'pairs' };
const opened: Services[] = [];
/** For afterEach. */
export const closeQueues = (): void => opened.splice(0).forEach((services) => services.close());
/** Lets what is promised be kept. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A queue whose engines say what the test says. */
export function openQueue(events: Partial<RunEvents> = {}) {
  const channels: FakeChannel[] = [];
  const told: (readonly [RunId, RunStatus])[] = [];
  const spawn = (): FakeChannel => {
    const channel = new FakeChannel();
    channels.push(channel);
    return channel;
  };
  const services = openServices(temporaryFolder(), spawn, {
    ...quietEvents,
    changed: ({ id, status }) => void told.push([id, status]),
    ...events,
  });
  opened.push(services);
  const { runs, store } = services;
  const create = (name = ''): RunId => runs.create(anySpec({ name }), names);
  const insert = (change: Partial<RunRecord>): RunId => {
    const run = anyRun(change);
    store.runs.insert(run);
    return run.id;
  };
  /** The newest engine ends so. */
  const end = async (outcome: string, checkpointPath = '/c'): Promise<void> => {
    const channel = channels.at(-1)!;
    channel.say({ kind: 'ready' });
    channel.say({ kind: 'done', job: 'train', value: { outcome, steps: 1, checkpointPath, best: null } });
    channel.exit('exit code 0');
    await turn();
  };
  const die = async (): Promise<void> => {
    channels.at(-1)!.exit('signal SIGKILL');
    await turn();
  };
  const statusOf = (id: RunId): RunStatus => runs.get(id).status;
  const journal = (id: RunId, lines: readonly object[]): string => {
    const folder = path.join(runs.runDir(id), 'journal');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, segmentName(1)), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return folder;
  };
  return { services, runs, store, channels, told, create, insert, end, die, statusOf, journal };
}
