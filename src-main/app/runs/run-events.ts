import type { EngineEvent } from '../../shared/ipc/engine-events';
import type { RunId } from '../../shared/ids';
import type { ProbeSample } from '../../shared/metrics/reports';
import type { RunUpdate } from '../../shared/views/run';
import type { RunRecord } from '../../store/runs';

/** What happens to runs, told after it is stored. */
export interface RunEvents {
  changed(run: RunRecord): void;
  removed(id: RunId): void;
  metrics(update: RunUpdate & Pick<EngineEvent & { kind: 'metrics' }, 'step' | 'epoch' | 'values'>): void;
  probe(id: RunId, sample: ProbeSample): void;
  checkpoint(id: RunId, step: number): void;
  problem(id: RunId, message: string): void;
}
