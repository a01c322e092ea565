import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../files';

const fileName = 'memory.json';
const schema = z.object({ freeBytes: z.number().positive() });

export interface PlannedRun<Plan> {
  readonly plan: Plan;
  /** A sentence where a resumed run gets other shapes than it began with; null otherwise. */
  readonly changed: string | null;
}

/**
 * The plan of a run for the memory that was free when it began. A resumed run keeps it whatever is free now: other
 * shapes round differently, and the result would no longer equal that of an uninterrupted run bit for bit. Only where
 * the first plan needs more than is free now, and would be killed, is a run planned anew.
 */
export async function planForMemory<Plan extends { readonly memoryBytes: number }>(
  runDir: string,
  resume: boolean,
  freeBytes: number,
  planFor: (freeBytes: number) => Plan,
): Promise<PlannedRun<Plan>> {
  const known = resume ? schema.safeParse(await readJson(join(runDir, fileName))) : null;
  if (known?.success) {
    const plan = planFor(known.data.freeBytes);
    if (plan.memoryBytes <= freeBytes) return { plan, changed: null };
    const smaller = planFor(Math.min(freeBytes, known.data.freeBytes));
    if (smaller.memoryBytes >= plan.memoryBytes) return { plan, changed: null }; // nothing to gain
    await remember(runDir, freeBytes);
    return {
      plan: smaller,
      changed:
        'Less memory is free than when this run began, so it goes on with fewer pairs a call or with layers ' +
        'computed twice: its numbers may differ from an uninterrupted run’s in the last digits.',
    };
  }
  await remember(runDir, freeBytes);
  return { plan: planFor(freeBytes), changed: null };
}

async function remember(runDir: string, freeBytes: number): Promise<void> {
  await mkdir(runDir, { recursive: true });
  await writeFileAtomic(join(runDir, fileName), async (file) => void (await file.write(JSON.stringify({ freeBytes }))));
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return null; // a run of an earlier version, or a damaged file: planned anew
  }
}
