import type { EngineChoice } from '../protocol';
import type { EngineEvent } from '../../shared/ipc/engine-events';
import type { Session } from '../graph/types';
import { openEngine } from '../backends/registry';
import { readAdapter } from '../adapter/adapter';
import { loadWeights } from '../program/load-weights';
import { buildInferenceProgram } from '../program/inference-program';
import { itself, setPacks } from '../program/pack-tensors';
import type { GenerationShape } from '../program/types';
import type { Bucket } from '../batch/types';
import type { ModelSource } from '../source/types';
import { tickOrStop, type Signals } from '../signals';

/** Where to compute, when to stop, and whom to tell. */
export interface InferenceContext {
  readonly engine: EngineChoice;
  readonly signals: Signals;
  emit(event: EngineEvent): void;
}

/**
 * A model (with an adapter beside its weights, not merged) compiled for scoring or generation, with its weights loaded.
 * The caller disposes the session.
 */
export async function openInference(
  source: ModelSource,
  adapterPath: string | null,
  buckets: readonly Bucket[],
  generation: GenerationShape | null,
  { engine: choice, signals, emit }: InferenceContext,
): Promise<Session> {
  const engine = await openEngine(choice);
  emit({ kind: 'engine', engine: engine.info });
  const adapter = adapterPath === null ? null : await readAdapter(adapterPath, source.config);
  for (const note of [...source.notes, ...(adapter?.notes ?? [])]) emit({ kind: 'problem', message: note });
  const { program, packs } = buildInferenceProgram(source.config, adapter?.plan ?? null, buckets, generation);
  const session = await engine.compile(program);
  try {
    await loadWeights(
      session,
      source,
      (done, total) => emit({ kind: 'progress', done, total, what: 'load weights' }),
      () => tickOrStop(signals),
    );
    if (adapter)
      setPacks(
        session,
        packs.filter(({ members }) => adapter.tensors.has(members[0]!.name)),
        itself,
        ({ name }) => adapter.tensors.get(name)!,
      );
    return session;
  } catch (thrown) {
    session.dispose();
    throw thrown;
  }
}
