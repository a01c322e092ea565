import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { utilityProcess } from 'electron';
import type { SpawnEngine } from '../engine-host';
import { isLibraryNoise } from '../library-noise';

/** The engine as an Electron utility process. */
export const utilityEngine: SpawnEngine = () => {
  const child = utilityProcess.fork(path.join(__dirname, 'engine.cjs'), [], { serviceName: 'SamPO engine', stdio: ['ignore', 'ignore', 'pipe'] });
  let lastWords = '';
  if (child.stderr) createInterface({ input: child.stderr as Readable }).on('line', (line) => isLibraryNoise(line) || (lastWords = line.trim() || lastWords));
  return {
    post: (command) => child.postMessage(command),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.on('exit', (code) => listener(`exit code ${code}${code === 0 || lastWords === '' ? '' : `; last output: ${lastWords.slice(0, 500)}`}`)),
    kill: () => {
      try {
        if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL'); // child.kill() only asks
      } catch {
        // it ended meanwhile
      }
    },
  };
};
