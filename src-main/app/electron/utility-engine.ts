import path from 'node:path';
import { utilityProcess } from 'electron';
import type { SpawnEngine } from '../engine-host';

/** The engine as an Electron utility process. */
export const utilityEngine: SpawnEngine = () => {
  const child = utilityProcess.fork(path.join(__dirname, 'engine.cjs'), [], { serviceName: 'SamPO engine', stdio: ['ignore', 'ignore', 'pipe'] });
  let lastWords = '';
  child.stderr?.on('data', (chunk: Buffer) => (lastWords = (lastWords + chunk.toString()).slice(-2000)));
  return {
    post: (command) => child.postMessage(command),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.on('exit', (code) => listener(`exit code ${code}${code === 0 ? '' : `; last output: ${lastWords.trim().split('\n').at(-1) ?? ''}`}`)),
    kill: () => {
      try {
        if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL'); // child.kill() only asks
      } catch {
        // it ended meanwhile
      }
    },
  };
};
