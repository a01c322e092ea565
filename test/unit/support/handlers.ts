import type { EngineCommand, EngineJobs } from '../../../src-main/engine/protocol';
import type { EngineEvent } from '../../../src-main/shared/ipc/engine-events';
import type { JobName } from '../../../src-main/shared/ipc/jobs';
import { FileTokens } from '../../../src-main/app/file-tokens';
import type { HandlerContext } from '../../../src-main/app/handlers/context';
import { openServices, quietEvents, type Services } from '../../../src-main/app/services';
import type { SpawnEngine } from '../../../src-main/app/engines/engine-host';
import type { AppError } from '../../../src-main/shared/result';
import { FakeChannel } from './fake-channel';
import { temporaryFolder } from './runs';

type Answers = {
  readonly [J in JobName]?: (input: EngineJobs[J]['in']) => EngineJobs[J]['out'] | { readonly failed: AppError };
};

/**
 * Engines that answer each job as the test says, in a later turn as a process would, after `said`; a job without an
 * answer hears nothing.
 */
export const answering =
  (answers: Answers, heard: EngineCommand[] = [], said: readonly EngineEvent[] = []): SpawnEngine =>
  () => {
    const channel = new FakeChannel();
    const post = (command: unknown): void => {
      const { kind, job, input } = command as { readonly kind: string; readonly job: JobName; readonly input: never };
      heard.push(command as EngineCommand);
      const answer = kind === 'start' ? answers[job] : undefined;
      if (!answer) return;
      const value = answer(input) as object;
      setImmediate(() => {
        for (const event of said) channel.say(event);
        channel.say('failed' in value ? { kind: 'failed', error: value.failed } : { kind: 'done', job, value });
        channel.exit('exit code 0');
      });
    };
    setImmediate(() => channel.say({ kind: 'ready' }));
    return Object.assign(channel, { post });
  };

export interface TestContext extends HandlerContext {
  readonly emitted: (readonly [event: string, payload: unknown])[];
  readonly revealed: string[];
  readonly heard: EngineCommand[];
  /** What the next dialog gives. */
  picked: string | null;
}

const opened: Services[] = [];
/** For afterEach. */
export const closeContexts = (): void => opened.splice(0).forEach((services) => services.close());

export function testContext(answers: Answers = {}): TestContext {
  const emitted: TestContext['emitted'] = [];
  const revealed: string[] = [];
  const heard: EngineCommand[] = [];
  const services = openServices(temporaryFolder(), answering(answers, heard), quietEvents);
  opened.push(services);
  const context: TestContext = {
    services,
    tokens: new FileTokens(),
    emitted,
    revealed,
    heard,
    picked: null,
    emit: (event, payload) => void emitted.push([event, payload]),
    pick: () => Promise.resolve(context.picked),
    pickTarget: () => Promise.resolve(context.picked),
    endNow: () => void emitted.push(['ended now', null]),
    reveal: (file) => void revealed.push(file),
    appVersion: '1.2.3',
  };
  return context;
}
