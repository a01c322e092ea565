import { fork } from 'node:child_process';
import path from 'node:path';
import type { SpawnEngine } from './engine-host';
import { keepOutput } from './engine-output';

/**
 * The engine as a child of plain Node (the command line): same bundle, same messages. `file` is another engine script,
 * for tests.
 */
export const forkEngine =
  (file: string = path.join(__dirname, 'engine.cjs')): SpawnEngine =>
  () => {
    // Detached, because Ctrl-C reaches the whole group of a terminal and would end the engine before the parent asks it
    // to save. Should the parent die, it ends itself. Typed arrays never cross; what the library prints belongs to
    // stderr.
    const child = fork(file, [String(process.pid)], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      detached: process.platform !== 'win32',
    });
    keepOutput(child, (line) => void process.stderr.write(`${line}\n`));
    return {
      post: (command) => void (child.connected && child.send(command)),
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => {
        // not 'exit': that may come before the last messages are read
        child.on('close', (code, signal) => listener(signal ? `signal ${signal}` : `exit code ${code}`));
        child.on('error', (error) => listener(error.message));
      },
      kill: () => void child.kill('SIGKILL'),
    };
  };
