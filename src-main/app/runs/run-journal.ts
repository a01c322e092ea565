import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { EngineEvent } from '../../shared/ipc/engine-events';
import { journalFolder, segmentsOf } from '../../shared/ipc/journal';
import { parseEngineEvent } from '../engines/engine-events';

export type Report = EngineEvent & { readonly seq: number };

/** Reports of a run's journal after number `stored`, in order, and how many between them cannot be read. */
export function readJournal(
  runDir: string,
  stored: number,
): { readonly reports: readonly Report[]; readonly lost: number } {
  const folder = path.join(runDir, journalFolder);
  const reports: Report[] = [];
  let last = stored;
  let lost = 0;
  for (const { name, next } of segments(folder)) {
    if (next <= stored + 1) continue;
    for (const line of readFileSync(path.join(folder, name), 'utf8').split('\n')) {
      const report = parseLine(line);
      // the last line may have been torn by a kill: its number was given again, so no number is missing
      if (report === null || report.seq <= last) continue;
      lost += report.seq - last - 1;
      last = report.seq;
      reports.push(report);
    }
  }
  return { reports, lost };
}

/** The number that the journal begins with; what came before went when it was stored. */
export const firstReport = (runDir: string): number => segments(path.join(runDir, journalFolder))[0]?.first ?? 1;

function parseLine(line: string): Report | null {
  try {
    const event = parseEngineEvent(JSON.parse(line));
    return event !== null && 'seq' in event && typeof event.seq === 'number' ? (event as Report) : null;
  } catch {
    return null;
  }
}

/** Removes the files whose reports are all in the store. */
export function dropStored(runDir: string, stored: number): void {
  const folder = path.join(runDir, journalFolder);
  for (const { name, next } of segments(folder))
    if (next <= stored + 1) rmSync(path.join(folder, name), { force: true });
}

/** For a run that has ended with all its reports in the store. */
export const dropJournal = (runDir: string): void =>
  rmSync(path.join(runDir, journalFolder), { recursive: true, force: true });

function segments(folder: string): ReturnType<typeof segmentsOf> {
  try {
    return segmentsOf(readdirSync(folder));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw thrown;
  }
}
