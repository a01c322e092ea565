import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { isLibraryNoise } from './library-noise';
import { log } from './log';

/** What an engine process prints, into the log; `onLine` hears what is more than a library's greeting. */
export function keepOutput(
  streams: { readonly stdout: NodeJS.ReadableStream | null; readonly stderr: NodeJS.ReadableStream | null },
  onLine: (line: string) => void,
): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = streams[name];
    if (!stream) continue;
    createInterface({ input: stream as Readable }).on('line', (line) => {
      if (line.trim() === '') return;
      log.info(`engine ${name}`, line);
      if (name === 'stderr' && !isLibraryNoise(line)) onLine(line);
    });
  }
}
