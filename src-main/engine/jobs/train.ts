import { throwFailure } from '../../shared/result';
import type { EngineJobs, TrainOutcome } from '../protocol';
import { contentHash } from '../data/content-hash';
import { readAdapter, type LoadedAdapter } from '../adapter/adapter';
import { newestCheckpoint } from '../train/checkpoint/checkpoint';
import { Journal } from '../train/report/journal';
import { loadWeights } from '../program/load-weights';
import { planRun } from '../train/plan/plan-run';
import { precisionInUse, productsOf } from '../train/plan/precision';
import { prepareData } from '../train/plan/prepare-data';
import { answerProbes } from '../train/probes/probes';
import { warningsOf } from '../train/plan/run-facts';
import { buildTrainProgram } from '../program/train-program';
import { isHalved } from '../program/variables';
import { scoreAll } from '../infer/score-all';
import { scoreTokensByEvaluating } from '../program/scoring';
import { scoreWithModel } from '../train/reference/reference-model';
import { runTraining } from '../train/run';
import { pauseOrStop, StoppedEarly, type RunSetup } from '../train/loop/run-setup';
import { memoryAdvice, tensorWarning } from '../train/plan/memory';
import { planForMemory } from '../train/plan/run-memory';
import { initializeAdapter } from '../adapter/initialize-adapter';
import { openEngine, processorsForLanes, usesGpu } from '../backends/registry';
import { openModel } from '../source/open-model';
import type { ModelSource } from '../source/types';
import type { JobContext } from './context';

/** From a spec to its last checkpoint: open, tokenize, build, load, then run. */
export async function train(input: EngineJobs['train']['in'], context: JobContext): Promise<TrainOutcome> {
  const journal = await Journal.open(input.runDir, input.resume, input.reported ?? 0);
  try {
    const outcome = await trainToEnd(input, { ...context, emit: (event) => context.emit(journal.note(event)) }, () =>
      journal.sync(),
    );
    journal.note({ kind: 'done', job: 'train', value: outcome });
    return outcome;
  } finally {
    journal.close();
  }
}

async function trainToEnd(
  input: EngineJobs['train']['in'],
  context: JobContext,
  syncReports: () => void,
): Promise<TrainOutcome> {
  try {
    return await open(input, context, syncReports);
  } catch (thrown) {
    if (!(thrown instanceof StoppedEarly)) throw thrown;
    // nothing new was learned; an earlier attempt's checkpoint, if any, stays what a resume goes on from
    const latest = input.resume ? await newestCheckpoint(input.runDir, () => undefined) : null;
    return {
      outcome: context.signals.wish === 'pause' ? 'paused' : 'stopped',
      steps: latest?.state.step ?? 0,
      checkpointPath: latest?.path ?? '',
      best: null,
    }; // '': there is none yet
  }
}

type Input = EngineJobs['train']['in'];

async function open(
  { spec, runDir, cacheDir, resume }: Input,
  { engine: choice, signals, emit, freeBytes }: JobContext,
  syncReports: () => void,
): Promise<TrainOutcome> {
  const pause = (): Promise<void> => pauseOrStop(signals);
  const source = await openModel(spec.model.path);
  const chat = await source.tokenizer();
  const data = await prepareData(
    spec,
    chat,
    source.config.contextLength,
    (done, total) => emit({ kind: 'phase', phase: 'tokenize', done, total }),
    pause,
  );
  const adapter =
    spec.adapter.kind === 'lora' && spec.adapter.from !== null
      ? await readAdapter(spec.adapter.from, source.config)
      : null;
  for (const note of [...source.notes, ...(adapter?.notes ?? [])]) emit({ kind: 'problem', message: note });
  const freeBefore = freeBytes(); // before the library is loaded, whose memory the plan counts
  const engine = await openEngine(choice);
  const processors = processorsForLanes(engine.info.backend === 'tensorflow' && !usesGpu(engine.info));
  const { plan, changed } = await planForMemory(runDir, resume, freeBefore, (free) =>
    planRun(spec, { source, chat, adapter: adapter?.plan ?? null }, data, { free, processors }),
  );
  if (changed) emit({ kind: 'problem', message: changed });
  // whoever goes on with a run has read them
  if (!resume)
    for (const { message, hint } of warningsOf(spec, data, plan, source))
      emit({ kind: 'problem', message: `${message} ${hint}`.trim() });
  emit({
    kind: 'planned',
    neededBytes: plan.memoryBytes,
    freeBytes: freeBefore,
    advice: memoryAdvice(plan.memoryParts, plan.program.lora === null),
  });
  const products = productsOf(spec, engine);
  const { count } = plan.program.lanes;
  const more = [
    ...precisionInUse(spec.training, products, usesGpu(engine.info)),
    ...(count > 1 ? [`${count} calls at once`] : []),
  ];
  emit({ kind: 'engine', engine: { ...engine.info, devices: [...engine.info.devices, ...more] } });
  const tooLarge = tensorWarning(source.config);
  if (tooLarge !== null && !usesGpu(engine.info))
    throwFailure('unsupported', tooLarge, 'Choose a model with a smaller vocabulary or width.', { path: 'model.path' });

  emit({ kind: 'phase', phase: 'build', done: 0, total: 1 });
  await pause();
  const program = buildTrainProgram({ ...plan.program, products });
  const session = await engine.compile(program.program);
  try {
    await loadWeights(
      session,
      source,
      (done, total) => emit({ kind: 'phase', phase: 'build', done, total }),
      pause,
      (w) => (isHalved(w, plan.program.lora) ? plan.program.storage : 'f32'),
    );
    initializeAdapter(session, program, source, plan.program.lora, adapter, spec.training.seed);
    const modelHash = await source.contentHash();
    emit({ kind: 'content', datasetHash: await contentHash(spec.dataset.path), modelHash });
    const reference = await openReferenceModel(
      spec.model.reference,
      source,
      adapter,
      modelHash,
      `${engine.info.library}, weights in ${plan.program.storage}, products in ` +
        `${products}${plan.program.lanes.count > 1 ? `, ${plan.program.lanes.count} lanes` : ''}`,
    );
    return await runTraining({
      spec,
      runDir,
      cacheDir,
      resume,
      signals,
      session,
      program,
      lora: plan.program.lora,
      train: data.train,
      held: data.held,
      modelHash,
      reference: reference.identity,
      emit,
      syncReports,
      scoreReference: (pairs, onProgress, wait) =>
        reference.other
          ? scoreWithModel(engine.compile, reference.other, plan.program.buckets, pairs, onProgress, wait)
          : scoreAll(
              { session, buckets: plan.program.buckets, layout: program.layout, lanes: program.lanes },
              pairs,
              onProgress,
              wait,
              scoreTokensByEvaluating,
            ),
      probe: async (step) => {
        const samples = await answerProbes(session, program.generation!, plan.probes, chat, {
          step,
          maxNewTokens: spec.probes.maxNewTokens,
          shouldStop: () => signals.wish !== null,
        });
        if (samples.some((s) => s.finish === 'stop')) return false;
        samples.forEach((sample) => emit({ kind: 'probe', sample }));
        return true;
      },
    });
  } finally {
    session.dispose();
    await source.close();
  }
}

interface Reference {
  readonly identity: RunSetup['reference'];
  readonly other: ModelSource | null;
}

/** Null path: the model itself before training, its adapter included. */
async function openReferenceModel(
  path: string | null,
  source: ModelSource,
  adapter: LoadedAdapter | null,
  modelHash: string,
  library: string,
): Promise<Reference> {
  if (path === null)
    return { identity: { modelHash, adapterHash: adapter?.hash ?? null, engine: library }, other: null };
  const other = await openModel(path);
  return {
    identity: { modelHash: await other.contentHash(), adapterHash: null, engine: library },
    other: requireSameVocabulary(other, source),
  };
}

function requireSameVocabulary(other: ModelSource, source: ModelSource): ModelSource {
  if (other.config.vocabulary === source.config.vocabulary) return other;
  return throwFailure(
    'bad-spec',
    `The reference model has ${other.config.vocabulary} tokens in its vocabulary, the trained model ` +
      `${source.config.vocabulary}.`,
    'Choose a reference with the same tokenizer, or leave it out: then the model before training is the reference.',
    { path: 'model.reference' },
  );
}
