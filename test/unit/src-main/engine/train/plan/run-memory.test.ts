import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planForMemory } from '../../../../../../src-main/engine/train/plan/run-memory';
import { temporaryFolder } from '../fixture';

/** Takes what is free, between 1 and 4 GB. */
const planFor = (freeBytes: number) => ({ memoryBytes: Math.min(4e9, Math.max(1e9, 0.8 * freeBytes)) });
const remembered = (runDir: string): unknown => JSON.parse(readFileSync(join(runDir, 'memory.json'), 'utf8'));

describe('the memory that a run is planned for', () => {
  it('stays what it was when the run resumes, and is looked up anew for a new run', async () => {
    const runDir = join(temporaryFolder(), 'not-there-yet');
    expect(await planForMemory(runDir, false, 3e9, planFor)).toEqual({ plan: { memoryBytes: 2.4e9 }, changed: null });
    expect((await planForMemory(runDir, true, 9e9, planFor)).plan.memoryBytes).toBe(2.4e9);
    expect((await planForMemory(runDir, true, 2.5e9, planFor)).plan.memoryBytes).toBe(2.4e9);
    expect((await planForMemory(runDir, false, 9e9, planFor)).plan.memoryBytes).toBe(4e9);
  });
  it('is planned anew where a resumed run would no longer fit, and says so', async () => {
    const runDir = temporaryFolder();
    await planForMemory(runDir, false, 5e9, planFor);
    const { plan, changed } = await planForMemory(runDir, true, 2e9, planFor);
    expect(plan.memoryBytes).toBe(1.6e9);
    expect(changed).toContain('Less memory is free');
    expect(remembered(runDir)).toEqual({ freeBytes: 2e9 });
  });
  it('keeps the plan where a smaller one would not fit either', async () => {
    const runDir = temporaryFolder();
    await planForMemory(runDir, false, 1.2e9, planFor);
    expect(await planForMemory(runDir, true, 0.5e9, planFor)).toEqual({ plan: { memoryBytes: 1e9 }, changed: null });
    expect(remembered(runDir)).toEqual({ freeBytes: 1.2e9 });
  });
  it('is planned anew where the file is missing or damaged', async () => {
    const runDir = temporaryFolder();
    expect((await planForMemory(runDir, true, 2e9, planFor)).plan.memoryBytes).toBe(1.6e9);
    writeFileSync(join(runDir, 'memory.json'), '{');
    expect((await planForMemory(runDir, true, 3e9, planFor)).plan.memoryBytes).toBe(2.4e9);
  });
});
