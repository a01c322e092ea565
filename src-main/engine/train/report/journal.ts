import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { journalFolder, journalWriter, segmentName, segmentsOf } from '../../../shared/ipc/journal';
import type { EngineEvent } from '../../../shared/ipc/engine-events';

/** Kinds that belong to a run's history; the others only say what is going on now. */
const reported: ReadonlySet<EngineEvent['kind']> = new Set([
  'engine',
  'content',
  'running',
  'metrics',
  'probe',
  'checkpoint',
  'problem',
  'done',
]);

/**
 * Writes down what a run reports before it is sent: whoever reads it may be dead already. It is on the disk before any
 * checkpoint that is newer, so a run that goes on from a checkpoint lacks no report of an earlier step.
 */
export class Journal {
  private file: number | null = null;

  private constructor(
    private readonly folder: string,
    private seq: number,
  ) {}

  /**
   * `stored` is the number of the last report that is in the store. Waits for an engine that its dead parent left
   * behind to end.
   */
  static async open(runDir: string, resume: boolean, stored: number): Promise<Journal> {
    const folder = join(runDir, journalFolder);
    await writerGone(join(folder, journalWriter));
    if (!resume) rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, journalWriter), String(process.pid));
    return new Journal(folder, Math.max(stored, lastSeq(folder)));
  }

  /** The event as it is to be sent: with its number, where it is part of the history. */
  note(event: EngineEvent): EngineEvent {
    if (!reported.has(event.kind)) return event;
    const numbered = { ...event, seq: this.seq + 1 } as EngineEvent;
    this.file ??= openSync(join(this.folder, segmentName(this.seq + 1)), 'a');
    writeWhole(this.file, Buffer.from(`${JSON.stringify(numbered)}\n`));
    this.seq++;
    if (event.kind === 'checkpoint') this.close(); // the next report begins another file
    return numbered;
  }

  sync(): void {
    if (this.file !== null) fsyncSync(this.file);
  }

  close(): void {
    if (this.file === null) return;
    fsyncSync(this.file);
    closeSync(this.file);
    this.file = null;
  }
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** Of the reports that can be read; a line that a kill or a full disk tore in two counts for nothing. */
function lastSeq(folder: string): number {
  const last = segmentsOf(readdirSync(folder)).at(-1);
  if (!last) return 0;
  const lines = readFileSync(join(folder, last.name), 'utf8').split('\n');
  return lines.reduce((seq, line) => Math.max(seq, seqOf(line)), last.first - 1);
}

function seqOf(line: string): number {
  try {
    const { seq } = JSON.parse(line) as { readonly seq?: unknown };
    return typeof seq === 'number' ? seq : 0;
  } catch {
    return 0;
  }
}

/**
 * An engine ends within two seconds after its parent; a number that another program has got since must not hold the run
 * up for longer.
 */
const mostMs = 5_000;

async function writerGone(file: string): Promise<void> {
  const end = Date.now() + mostMs;
  const pid = (() => {
    try {
      return Number(readFileSync(file, 'utf8'));
    } catch {
      return 0; // nobody wrote here yet
    }
  })();
  while (pid > 0 && pid !== process.pid && isAlive(pid) && Date.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // dead, but its new parent does not look after it
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ENOENT' && process.platform !== 'linux';
  }
}
