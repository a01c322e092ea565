import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { dropStored, readJournal } from '../../../../../../src-main/app/runs/run-journal';
import { Journal } from '../../../../../../src-main/engine/train/report/journal';
import type { EngineEvent } from '../../../../../../src-main/shared/ipc/engine-events';
import { segmentName } from '../../../../../../src-main/shared/ipc/journal';
import { temporaryFolder } from '../fixture';

const metrics = (step: number, loss = 0.5): EngineEvent => ({
  kind: 'metrics',
  step,
  epoch: 0.5,
  values: { loss },
  pairs: [],
  profile: null,
});
const checkpoint = (step: number): EngineEvent => ({ kind: 'checkpoint', step, path: '/c', bytes: 1, best: null });
const files = (runDir: string): readonly string[] =>
  readdirSync(join(runDir, 'journal'))
    .filter((name) => name.endsWith('.ndjson'))
    .sort();
const stepsOf = (runDir: string, stored: number): readonly unknown[] =>
  readJournal(runDir, stored).reports.map((r) => ('step' in r ? r.step : r.kind));

/** A process that has ended may still be listed, as a zombie. */
const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

describe('a journal', () => {
  it('numbers every kind that a run’s history is made of, and no other', async () => {
    const journal = await Journal.open(temporaryFolder(), false, 0);
    journal.sync(); // nothing yet
    const numbered = (kind: string): boolean => 'seq' in journal.note({ kind } as EngineEvent);
    const kinds = ['engine', 'content', 'running', 'metrics', 'probe', 'checkpoint', 'problem', 'done'];
    expect(kinds.filter(numbered)).toEqual(kinds);
    expect(['ready', 'phase', 'planned', 'progress', 'logprobs', 'failed'].filter(numbered)).toEqual([]);
    journal.sync();
    journal.close();
    journal.close(); // closed already
  });

  it('goes on counting where the last file is empty, or names a number that it does not hold', async () => {
    const runDir = temporaryFolder();
    (await Journal.open(runDir, false, 0)).close();
    writeFileSync(join(runDir, 'journal', segmentName(5)), '');
    const after = async (): Promise<unknown> => {
      const journal = await Journal.open(runDir, true, 0);
      const event = journal.note(metrics(1));
      journal.close();
      return 'seq' in event && event.seq;
    };
    expect(await after()).toBe(5); // file 5 holds reports from 5 on: four are there
    appendFileSync(join(runDir, 'journal', segmentName(5)), '{"seq":"9"}\n7\nnull\n{"seq":7}\n');
    expect(await after()).toBe(8);
  });

  it('numbers what belongs to the history, lets the rest through, and gives all of it back', async () => {
    const runDir = temporaryFolder();
    const journal = await Journal.open(runDir, false, 0);
    const phase: EngineEvent = { kind: 'phase', phase: 'build', done: 0, total: 1 };
    expect(journal.note(phase)).toBe(phase);
    const sent = [metrics(1), metrics(2, NaN), checkpoint(2), metrics(3)].map((event) => journal.note(event));
    expect(sent.map((event) => 'seq' in event && event.seq)).toEqual([1, 2, 3, 4]);
    expect(readJournal(runDir, 0)).toEqual({ reports: sent, lost: 0 });
    expect(stepsOf(runDir, 2)).toEqual([2, 3]);
    journal.close();
  });

  it('begins another file after each checkpoint, and what is stored goes file by file', async () => {
    const runDir = temporaryFolder();
    const journal = await Journal.open(runDir, false, 0);
    for (const event of [metrics(1), checkpoint(1), metrics(2), checkpoint(2), metrics(3)]) journal.note(event);
    expect(files(runDir)).toEqual([segmentName(1), segmentName(3), segmentName(5)]);
    dropStored(runDir, 1);
    expect(files(runDir)).toHaveLength(3); // its checkpoint is not stored yet
    dropStored(runDir, 3);
    expect(files(runDir)).toEqual([segmentName(3), segmentName(5)]);
    dropStored(runDir, 5);
    expect(files(runDir)).toEqual([segmentName(5)]); // the one that is being written stays
    journal.close();
  });

  it('goes on after a kill: a torn line costs nothing, and numbers go up', async () => {
    const runDir = temporaryFolder();
    const first = await Journal.open(runDir, false, 0);
    first.note(metrics(1));
    first.close();
    appendFileSync(join(runDir, 'journal', segmentName(1)), '{"kind":"metrics","seq":2,"st');
    const second = await Journal.open(runDir, true, 0);
    expect(second.note(metrics(2))).toMatchObject({ seq: 2 });
    second.close();
    expect(readJournal(runDir, 0)).toMatchObject({ lost: 0, reports: [{ step: 1 }, { step: 2 }] });
    const third = await Journal.open(runDir, true, 7); // the store knows of more: its numbers are never used twice
    expect(third.note(metrics(3))).toMatchObject({ seq: 8 });
    third.close();
  });

  it('of an attempt that starts afresh begins anew', async () => {
    const runDir = temporaryFolder();
    const first = await Journal.open(runDir, false, 0);
    first.note(metrics(1));
    first.close();
    const again = await Journal.open(runDir, false, 0);
    expect(files(runDir)).toEqual([]);
    again.close();
  });

  it('waits until an engine that its dead parent left behind has ended', async () => {
    const runDir = temporaryFolder();
    (await Journal.open(runDir, false, 0)).close();
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 700)'], {
      stdio: 'ignore',
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
    writeFileSync(join(runDir, 'journal', 'writer'), String(other.pid));
    const journal = await Journal.open(runDir, true, 0);
    expect(runs(other.pid!)).toBe(false);
    expect(readFileSync(join(runDir, 'journal', 'writer'), 'utf8')).toBe(String(process.pid));
    journal.close();
  });

  it('is not there for runs that never had one', () => {
    const runDir = temporaryFolder();
    expect(readJournal(runDir, 3)).toEqual({ reports: [], lost: 0 });
    dropStored(runDir, 3);
    expect(existsSync(join(runDir, 'journal'))).toBe(false);
  });
});
