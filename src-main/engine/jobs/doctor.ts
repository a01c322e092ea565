import { engineDoctor } from '../doctor';
import type { EngineDoctor } from '../protocol';
import type { JobContext } from './context';

export async function doctor(_: Record<string, never>, { engine, emit }: JobContext): Promise<EngineDoctor> {
  const report = await engineDoctor(engine);
  emit({ kind: 'engine', engine: report.engine });
  return report;
}
