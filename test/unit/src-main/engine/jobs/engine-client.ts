import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { EngineChoice, EngineCommand, EngineJobs } from '../../../../../src-main/engine/protocol';
import type { EngineEvent } from '../../../../../src-main/shared/ipc/engine-events';
import type { JobName } from '../../../../../src-main/shared/ipc/jobs';

const root = join(import.meta.dirname, '../../../../..');

/** Bundles the engine as scripts/build.mjs does, into a file of its own, so that a test never runs a stale build. */
export async function bundleEngine(): Promise<string> {
  const outfile = join(root, 'node_modules/.cache/sampo-test', `engine-${process.pid}.cjs`);
  mkdirSync(join(outfile, '..'), { recursive: true });
  await build({
    entryPoints: [join(root, 'src-main/engine.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['@tensorflow/*'],
    logLevel: 'error',
  });
  return outfile;
}

export interface EngineRun {
  readonly events: readonly EngineEvent[];
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One engine process from start to exit. `onEvent` may send commands or kill it. */
export function runEngine<J extends JobName>(
  engineFile: string,
  job: J,
  input: EngineJobs[J]['in'],
  onEvent: (event: EngineEvent, child: ChildProcess) => void = () => undefined,
  engine: EngineChoice = 'auto',
): Promise<EngineRun> {
  const child = fork(engineFile, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const events: EngineEvent[] = [];
  child.on('message', (message) => {
    const event = message as EngineEvent;
    events.push(event);
    if (event.kind === 'ready')
      child.send({
        kind: 'start',
        job,
        input,
        engine,
        device: 'auto',
        tf32: true,
        gpuFreeBytes: null,
      } as EngineCommand);
    onEvent(event, child);
  });
  return new Promise((resolve) => child.on('exit', (exitCode, signal) => resolve({ events, exitCode, signal })));
}

export const valueOf = <J extends JobName>(run: EngineRun, _job: J): EngineJobs[J]['out'] => {
  const last = run.events.at(-1);
  if (last?.kind !== 'done') throw new Error(`the job did not finish: ${JSON.stringify(last)}`);
  return last.value as EngineJobs[J]['out'];
};
