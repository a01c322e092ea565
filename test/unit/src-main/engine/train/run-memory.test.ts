import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plannedMemory } from '../../../../../src-main/engine/train/run-memory';
import { temporaryFolder } from './fixture';

describe('the memory that a run is planned for', () => {
  it('stays what it was when the run resumes, and is looked up anew for a new run', async () => {
    const runDir = join(temporaryFolder(), 'not-there-yet');
    expect(await plannedMemory(runDir, false, 5e9)).toBe(5e9);
    writeFileSync(join(runDir, 'memory.json'), '{"freeBytes":12345}');
    expect(await plannedMemory(runDir, true, 5e9)).toBe(12345);
    expect(await plannedMemory(runDir, false, 5e9)).toBe(5e9);
  });
  it('is planned anew where the file is missing or damaged', async () => {
    const runDir = temporaryFolder();
    expect(await plannedMemory(runDir, true, 5e9)).toBe(5e9);
    writeFileSync(join(runDir, 'memory.json'), '{');
    expect(await plannedMemory(runDir, true, 5e9)).toBe(5e9);
  });
});
