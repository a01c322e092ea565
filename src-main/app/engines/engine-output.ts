import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { log, parseEngineLine } from '../../shared/log';
import { isLibraryNoise } from './library-noise';

/**
 * What an engine process prints, into the log: its own lines by their level, a library's as they come. `onLine` hears
 * what is more than chatter.
 */
export function keepOutput(
  streams: { readonly stdout: NodeJS.ReadableStream | null; readonly stderr: NodeJS.ReadableStream | null },
  onLine: (line: string) => void,
): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = streams[name];
    if (!stream) continue;
    createInterface({ input: stream as Readable }).on('line', (line) => {
      if (line.trim() === '') return;
      const [level, source, text] = parseEngineLine(line) ?? ['info', name, line];
      log[level](`engine ${source}`, text);
      if (name === 'stderr' && !isLibraryNoise(line) && level !== 'debug') onLine(text);
    });
  }
}
