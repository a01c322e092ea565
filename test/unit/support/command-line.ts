import { vi } from 'vitest';
import { runCommandLine } from '../../../src-main/app/cli/main';
import type { SpawnEngine } from '../../../src-main/app/engines/engine-host';
import type { EngineCommand } from '../../../src-main/engine/protocol';
import type { EngineEvent } from '../../../src-main/shared/ipc/engine-events';
import type { AppError } from '../../../src-main/shared/result';
import { openStore, type Store } from '../../../src-main/store';
import { answering } from './handlers';
import { temporaryFolder } from './runs';
import path from 'node:path';

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in this process, on a home of its own, with an engine that answers as the test says. */
export class CommandLine {
  readonly home = temporaryFolder();
  /** What engines were asked, in order. */
  readonly heard: EngineCommand[] = [];
  private engine: SpawnEngine = () => {
    throw new Error('no engine is needed for this');
  };

  answers(answers: Parameters<typeof answering>[0], said: readonly EngineEvent[] = []): this {
    this.engine = answering(answers, this.heard, said);
    return this;
  }

  async run(...args: readonly string[]): Promise<Said> {
    let [stdout, stderr] = ['', ''];
    const spies = [
      vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true)),
      vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true)),
    ];
    try {
      const code = await runCommandLine(['--home', this.home, ...args], this.engine);
      return { code, stdout, stderr };
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  }

  /** What `--json` prints. */
  async json<T = unknown>(...args: readonly string[]): Promise<T> {
    return JSON.parse((await this.run('--json', ...args)).stdout) as T;
  }

  /** Every line of `--json`. */
  async events(...args: readonly string[]): Promise<readonly Record<string, unknown>[]> {
    const { stdout } = await this.run('--json', ...args);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async error(...args: readonly string[]): Promise<AppError> {
    return (await this.json<{ readonly error: AppError }>(...args)).error;
  }

  /** What the engine was asked last. */
  input(): unknown {
    const last = this.heard.at(-1);
    return last?.kind === 'start' ? last.input : null;
  }

  store<T>(work: (store: Store) => T): T {
    const store = openStore(path.join(this.home, 'sampo.sqlite'));
    try {
      return work(store);
    } finally {
      store.close();
    }
  }
}
