import path from 'node:path';
import { utilityProcess } from 'electron';
import type { SpawnEngine } from '../engines/engine-host';
import { keepOutput } from '../engines/engine-output';

/** The engine as an Electron utility process. */
export const utilityEngine: SpawnEngine = () => {
  const child = utilityProcess.fork(path.join(__dirname, 'engine.cjs'), [String(process.pid)], {
    serviceName: 'SamPO engine',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let lastWords = '';
  keepOutput(child, (line) => (lastWords = line.trim()));
  return {
    post: (command) => child.postMessage(command),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) =>
      void child.on('exit', (code) =>
        listener(
          `exit code ${code}${code === 0 || lastWords === '' ? '' : `; last output: ${lastWords.slice(0, 500)}`}`,
        ),
      ),
    kill: () => {
      try {
        if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL'); // child.kill() only asks
      } catch {
        // it ended meanwhile
      }
    },
  };
};
