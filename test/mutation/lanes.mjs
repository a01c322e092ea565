import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { childEnvironment } from '../../scripts/lib/manifest.mjs';

const startMs = 120_000;

/** A warm vitest on the app's runtime (lane.mjs); started again after a run that did not end. */
export class Lane {
  constructor(folder, index, manifest) {
    Object.assign(this, { folder, index, manifest, child: null, found: null });
  }

  /** All unit test files. */
  async files() {
    await this.open();
    return this.found;
  }

  /** Runs test files with a mutant on. `timedOut`: it did not end, and its processes are gone. */
  async run(job, limitMs) {
    await this.open();
    const answer = await this.answer(
      (message) => message.number === job.number && !message.progress,
      limitMs,
      () => this.child.send(job),
    );
    if (answer !== null) return answer;
    this.kill();
    return { timedOut: true };
  }

  async open() {
    if (this.child !== null) return;
    const env = { ...childEnvironment(this.manifest), ELECTRON_RUN_AS_NODE: '1' };
    const lane = join(import.meta.dirname, 'lane.mjs');
    // a group of its own: a mutant may leave workers that never end
    this.child = spawn(this.manifest.electron, [lane, this.folder, String(this.index)], {
      cwd: join(this.folder, 'tree'),
      env,
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const { child } = this;
    child.on('exit', () => this.child === child && (this.child = null));
    const ready = await this.answer(
      (message) => message.ready !== undefined,
      startMs,
      () => undefined,
    );
    if (ready === null) throw new Error(`vitest did not start within ${startMs / 1000} s`);
    this.found = ready.ready;
  }

  answer(isIt, limitMs, begin) {
    const { child } = this;
    return new Promise((resolve) => {
      const end = (value) => {
        clearTimeout(timer);
        child.off('message', hear);
        child.off('exit', gone);
        resolve(value);
      };
      const hear = (message) => void (isIt(message) && end(message));
      const gone = () => end({ error: 'the runner’s process ended' });
      const timer = setTimeout(() => end(null), limitMs);
      child.on('message', hear);
      child.on('exit', gone);
      begin();
    });
  }

  kill() {
    if (this.child === null) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // it ended meanwhile
    }
    this.child = null;
  }

  async end() {
    this.kill();
  }
}
