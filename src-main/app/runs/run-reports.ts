import type { EngineEvent } from '../../shared/ipc/engine-events';
import type { TrainOutcome } from '../../engine/protocol';
import type { RunId } from '../../shared/ids';
import type { Store } from '../../store';
import type { RunRecord } from '../../store/runs';
import { describeError } from '../errors';
import { dropStored, readJournal } from './run-journal';
import type { RunEvents } from './run-events';

type Change = Partial<Omit<RunRecord, 'id'>>;
type Tell = () => void;

/** Writes down what runs report, each report once and in order, and tells of it when it is stored. */
export class RunReports {
  private phaseAt = 0;

  constructor(
    private readonly store: Store,
    private readonly runDir: (id: RunId) => string,
    private readonly events: RunEvents,
    private readonly now: () => number,
  ) {}

  /** A report as it arrives. Where some before it never did, they are read from the run's journal. */
  take(id: RunId, event: EngineEvent): void {
    const seq = seqOf(event);
    if (seq !== null && seq > this.run(id).reported + 1) this.catchUp(id);
    if (seq !== null && seq <= this.run(id).reported) return;
    const write = (): Tell[] => this.store.write(() => this.keep(id, event));
    const tells = event.kind === 'checkpoint' ? this.store.durably(write) : write();
    if (event.kind === 'checkpoint') this.quietly(id, () => dropStored(this.runDir(id), this.run(id).reported));
    for (const tell of tells) tell();
  }

  /** Heals a run that is followed: what never arrived is told as if it had. */
  catchUp(id: RunId): TrainOutcome | null {
    const tells: Tell[] = [];
    const outcome = this.heal(id, tells);
    for (const tell of tells) tell();
    return outcome;
  }

  /**
   * Puts into the store what the journal has and the store has not: their process died in between. How the run ended,
   * if it did. Nothing is told but by `tells`: pages read a run anew when its status changes.
   */
  heal(id: RunId, tells: Tell[] = []): TrainOutcome | null {
    return this.quietly(id, () => {
      const { reports, lost } = readJournal(this.runDir(id), this.run(id).reported);
      if (reports.length === 0) return null;
      const write = (): Tell[] => this.store.write(() => reports.flatMap((report) => this.keep(id, report)));
      for (const tell of this.store.durably(write)) tells.push(tell);
      if (lost > 0)
        this.problem(
          id,
          `The journal of this run is damaged: ${lost} of its reports cannot be read, so some steps may lack ` +
            'their numbers. Training itself is not touched by it.',
        );
      this.quietly(id, () => dropStored(this.runDir(id), this.run(id).reported));
      const last = reports.at(-1)!;
      return last.kind === 'done' ? (last.value as TrainOutcome) : null;
    });
  }

  problem(id: RunId, message: string): void {
    for (const tell of this.addProblem(id, message)) tell();
  }

  /** Without its journal a run goes on as well as it can. */
  private quietly<T>(id: RunId, work: () => T): T | null {
    try {
      return work();
    } catch (thrown) {
      const { code, message } = describeError(thrown);
      if (code === 'no-space' || code === 'database') throw thrown;
      this.problem(
        id,
        `The journal of this run cannot be read or tidied up (${message}); steps before the last checkpoint may ` +
          'lack their numbers.',
      );
      return null;
    }
  }

  private run(id: RunId): RunRecord {
    return this.store.runs.get(id)!;
  }

  private keep(id: RunId, event: EngineEvent): Tell[] {
    const seq = seqOf(event);
    if (seq !== null) this.store.runs.update(id, { reported: seq });
    return this.write(id, event);
  }

  private write(id: RunId, event: EngineEvent): Tell[] {
    const { store, events } = this;
    switch (event.kind) {
      case 'engine': {
        const { library, devices, reason } = event.engine;
        return [
          ...this.change(id, { engine: [library, ...devices].join(' · ') }),
          ...(reason ? this.addProblem(id, `Training with ${library}: ${reason}.`) : []),
        ];
      }
      case 'phase':
        // a model has hundreds of tensors
        if (event.done < event.total && event.done > 0 && this.now() - this.phaseAt < 250) return [];
        this.phaseAt = this.now();
        return this.change(id, {
          progress: { ...this.run(id).progress, phase: event.phase, done: event.done, total: event.total },
        });
      case 'content':
        return this.change(id, { datasetHash: event.datasetHash, modelHash: event.modelHash });
      case 'running': {
        const { status, progress } = this.run(id);
        return this.change(id, {
          ...(status === 'preparing' ? { status: 'running' as const } : {}),
          progress: { ...progress, phase: null, step: event.firstStep - 1, totalSteps: event.totalSteps },
        });
      }
      case 'metrics': {
        const { step, epoch, values, pairs, profile } = event;
        const { seq, points, kept } = store.runData.addMetrics(id, step, values, pairs, profile);
        const { progress, spec } = this.run(id);
        const rate = values['perf/pairs_per_second'] ?? progress.pairsPerSecond;
        const smooth =
          progress.pairsPerSecond === null || rate === null ? rate : 0.8 * progress.pairsPerSecond + 0.2 * rate;
        const remainingMs = smooth ? (1000 * (progress.totalSteps - step) * spec.training.pairsPerStep) / smooth : null;
        const told = this.change(id, { progress: { ...progress, step, pairsPerSecond: smooth, remainingMs } });
        return [...told, () => events.metrics({ runId: id, seq, points, pairs: kept, profile, step, epoch, values })];
      }
      case 'probe':
        store.runData.addProbe(id, event.sample);
        return [() => events.probe(id, event.sample)];
      case 'checkpoint':
        store.runData.addCheckpoint(id, event.step, event.path, event.bytes, this.now());
        return [...this.change(id, { checkpointPath: event.path }), () => events.checkpoint(id, event.step)];
      case 'problem':
        return this.addProblem(id, event.message);
      default: // ready, planned, progress, done and failed are the host's business
        return [];
    }
  }

  /** One that was said before (a run that is resumed on the same engine) is not said again. */
  private addProblem(id: RunId, message: string): Tell[] {
    const { problems } = this.run(id);
    const changed = problems.includes(message) ? [] : this.change(id, { problems: [...problems, message] });
    return [...changed, () => this.events.problem(id, message)];
  }

  private change(id: RunId, change: Change): Tell[] {
    this.store.runs.update(id, change);
    return [() => this.events.changed(this.run(id))];
  }
}

const seqOf = (event: EngineEvent): number | null => ('seq' in event ? (event.seq ?? null) : null);
