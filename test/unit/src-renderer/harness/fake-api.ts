import type { Api, Channel, Events, Requests } from '../../../../src-main/shared/ipc/contract';
import type { FileToken, RunId } from '../../../../src-main/shared/ids';
import { answerGrowth } from '../../../../src-main/shared/length/answer-growth';
import { comparisonNotes, comparisonVerdict, type ComparedRun } from '../../../../src-main/shared/length/comparison';
import { conditionalAccuracy, lengthCorrelation, verdictPairs } from '../../../../src-main/shared/length/length-bias';
import { methodCatalogue } from '../../../../src-main/shared/catalogue/method-catalogue';
import type { PairPoint } from '../../../../src-main/shared/metrics/reports';
import type { MetricName } from '../../../../src-main/shared/metrics/registry';
import { appError, type AppError, type Result } from '../../../../src-main/shared/result';
import type { RunView, SeriesByName, SeriesPoint } from '../../../../src-main/shared/views/run';
import type { Settings } from '../../../../src-main/shared/views/app';
import { configRows } from '../../../../src-renderer/state/config-rows';
import {
  appInfo,
  datasets,
  doctor,
  exported,
  forecast,
  inspection,
  manyProblems,
  measuredSpeed,
  models,
  pairPoints,
  preview,
  probes,
  profile,
  random,
  normal,
  run,
  runId,
  sampleRuns,
  warnings,
} from './fake-data';

export type FakeHandlers = {
  readonly [C in Channel]: (input: Requests[C]['in']) => Requests[C]['out'] | Promise<Requests[C]['out']>;
};

/** Thrown by a handler, it becomes a failed Result. */
export class FakeFailure extends Error {
  constructor(readonly error: AppError) {
    super(error.message);
  }
}

export interface FakeApi extends Api {
  readonly emit: <E extends keyof Events>(event: E, payload: Events[E]) => void;
  readonly calls: readonly { readonly channel: Channel; readonly input: unknown }[];
  readonly called: (channel: Channel) => readonly unknown[];
}

/** An Api without a main process: rich data, changeable handler by handler. */
export function fakeApi(overrides: Partial<FakeHandlers> = {}, world: FakeWorld = makeWorld()): FakeApi {
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const calls: { channel: Channel; input: unknown }[] = [];
  const emit = <E extends keyof Events>(event: E, payload: Events[E]): void => {
    for (const listener of listeners.get(event) ?? []) (listener as (payload: Events[E]) => void)(payload);
  };
  const handlers: FakeHandlers = { ...defaultHandlers(world, emit), ...overrides };
  return {
    emit,
    calls,
    called: (channel) => calls.filter((call) => call.channel === channel).map((call) => call.input),
    request: async <C extends Channel>(channel: C, input: Requests[C]['in']): Promise<Result<Requests[C]['out']>> => {
      calls.push({ channel, input });
      try {
        return { ok: true, value: await handlers[channel](input) };
      } catch (thrown) {
        if (thrown instanceof FakeFailure) return { ok: false, error: thrown.error };
        throw thrown;
      }
    },
    dropped: (file) =>
      Promise.resolve(
        file.name.endsWith('.jsonl')
          ? {
              ok: true,
              value: {
                token: 'dropped' as FileToken,
                name: file.name,
                displayPath: `/data/${file.name}`,
                bytes: file.size,
              },
            }
          : {
              ok: false,
              error: appError(
                'bad-input',
                `${file.name} does not look like preference data.`,
                'Drop a JSON or JSONL file.',
              ),
            },
      ),
    on: (event, listener) => {
      const set = listeners.get(event) ?? new Set();
      set.add(listener as (payload: never) => void);
      listeners.set(event, set);
      return () => set.delete(listener as (payload: never) => void);
    },
  };
}

export interface FakeWorld {
  readonly runs: Map<string, RunView>;
  settings: Settings;
  readonly pairs: (id: string) => readonly PairPoint[];
}

export function makeWorld(runs: readonly RunView[] = sampleRuns()): FakeWorld {
  const cache = new Map<string, readonly PairPoint[]>();
  const byId = new Map(runs.map((one) => [one.id as string, one]));
  return {
    runs: byId,
    settings: { theme: 'light', engine: 'auto', device: 'auto', tf32: true },
    pairs: (id) => {
      const one = byId.get(id);
      const key = `${id}:${one?.progress.step ?? 0}`;
      const known =
        cache.get(key) ?? pairPoints(one?.methodId ?? 'sampo', one?.progress.step ?? 0, 8, id.length * 7 + 3);
      cache.set(key, known);
      return known;
    },
  };
}

export function stepValues(
  method: string,
  step: number,
  pairs: readonly PairPoint[],
  seed: number,
): Readonly<Record<string, number>> {
  const next = random(seed * 1000 + step);
  const own = pairs.filter((p) => p.step === step);
  const recent = pairs.filter((p) => p.step <= step && p.step > step - 32);
  const mean = (pick: (p: PairPoint) => number): number =>
    own.reduce((sum, p) => sum + pick(p), 0) / Math.max(1, own.length);
  const correlation = lengthCorrelation(recent);
  const perf = {
    'perf/step_ms': 560 + 40 * normal(next),
    'perf/pairs_per_second': 14.2 + normal(next),
    'perf/rss_bytes': 612e6 + step * 1e4,
    grad_norm: 2.4 + 0.5 * normal(next),
    learning_rate: Math.min(1, step / 10) * 5e-5,
    epoch: step / 75,
  };
  if (method === 'sft')
    return {
      loss: 1.7 + 1.2 * Math.exp(-step / 40) + 0.1 * normal(next),
      'length/chosen_tokens': mean((p) => p.chosenTokens),
      ...perf,
    };
  return {
    loss: own.reduce((sum, p) => sum + Math.log1p(Math.exp(-p.margin)), 0) / Math.max(1, own.length),
    'rewards/chosen': mean((p) => p.chosenReward),
    'rewards/rejected': mean((p) => p.rejectedReward),
    'rewards/margins': mean((p) => p.margin),
    'rewards/accuracies': mean((p) => (p.margin > 0 ? 1 : 0)),
    'length/chosen_tokens': mean((p) => p.chosenTokens),
    'length/rejected_tokens': mean((p) => p.rejectedTokens),
    'length/kept_tokens': mean((p) => p.keptTokens),
    'length/margin_correlation': correlation.margin ?? 0,
    'length/full_margin_correlation': correlation.fullMargin ?? 0,
    ...perf,
  };
}

function seriesOf(world: FakeWorld, id: string): SeriesByName {
  const one = world.runs.get(id);
  const pairs = world.pairs(id);
  const series: Record<string, SeriesPoint[]> = {};
  for (let step = 1; step <= (one?.progress.step ?? 0); step++) {
    const values = {
      ...stepValues(one?.methodId ?? 'sampo', step, pairs, id.length),
      ...(step % 50 === 0 || step === one?.progress.totalSteps
        ? {
            eval_loss: 0.62 - step / 900,
            'eval_rewards/accuracies': 0.6 + step / 700,
            'eval_rewards/chosen': 0.1 - step / 800,
            'eval_rewards/rejected': -step / 260,
            'eval_rewards/margins': step / 300,
          }
        : {}),
    };
    for (const [name, value] of Object.entries(values))
      (series[name] ??= []).push({ step, value, min: value, max: value });
  }
  return series;
}

const notFound = (what: string): never => {
  throw new FakeFailure(
    appError('not-found', `There is no ${what} with this id.`, 'It may have been deleted in the meantime.'),
  );
};

function defaultHandlers(world: FakeWorld, emit: FakeApi['emit']): FakeHandlers {
  const get = (id: RunId): RunView => world.runs.get(id) ?? notFound('run');
  const change = (id: RunId, values: Partial<RunView>): null => {
    const next = { ...get(id), ...values };
    world.runs.set(id, next);
    emit('runs:changed', { run: next });
    return null;
  };
  const row = (n: number): { row: number; prompt: string; chosen: string; rejected: string } => ({
    row: n + 1,
    prompt: `Tell me ${1 + (n % 4)} facts about a robin.`,
    chosen: 'A robin has two legs, as you may know. It eats worms, to be sure. '.repeat(1 + (n % 6)).trim(),
    rejected: 'A robin has four legs.'.repeat(1 + (n % 2)),
  });
  return {
    'app:info': () => appInfo,
    'app:doctor': () => doctor,
    'app:methods': () => methodCatalogue,
    'app:diagnostics': () => ({
      text: [
        'SamPO Studio diagnostics',
        '2026-11-28T03:00:00.000Z',
        '',
        'Versions',
        '--------',
        'SamPO Studio 0.1.0',
        ...Array.from(
          { length: 60 },
          (_, n) =>
            `2026-11-28T02:59:${String(n).padStart(2, '0')}.000Z info  [4242 runs] r_0a1b2c (sampo) is running at ` +
            `step ${n}`,
        ),
      ].join('\n'),
    }),
    'app:save-diagnostics': () => ({ path: '/home/ada/sampo-diagnostics.txt' }),
    'app:end-now': () => null,
    'app:reveal': () => null,
    'settings:get': () => world.settings,
    'settings:set': (next) => (world.settings = { ...world.settings, ...next }),
    'files:pick': ({ kind }) => ({
      token: 'token' as FileToken,
      name: kind === 'dataset' ? 'my_pairs.jsonl' : kind === 'export-folder' ? 'models' : 'SmolLM2',
      displayPath: `/home/ada/${kind}`,
      bytes: 4_212_001,
    }),
    'models:list': () => models,
    'models:add': () => models[1] ?? notFound('model'),
    'models:remove': () => null,
    'datasets:list': () => datasets,
    'datasets:columns': () => ({ columns: [], format: 'pairs', suggested: null }),
    'datasets:inspect': ({ format }) =>
      inspection(805, 5, {
        unit: 'words',
        scale: 160,
        problems: manyProblems,
        format: format === 'auto' ? 'pairs' : format,
      }),
    'datasets:add': () => datasets[1] ?? notFound('dataset'),
    'datasets:measure': () => datasets[0] ?? notFound('dataset'),
    'datasets:remove': () => null,
    'datasets:rows': ({ id, offset, limit, search }) => {
      const total = search === '' ? (datasets.find((d) => d.id === id)?.inspection.usable ?? 0) : 3;
      return {
        total,
        rows: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, i) => row(offset + i)),
      };
    },
    'datasets:preview': ({ rows, maxLength, sampling }) => rows.map((n) => preview(n, maxLength, sampling)),
    'runs:list': ({ search }) =>
      [...world.runs.values()].filter((one) =>
        `${one.name} ${one.modelName} ${one.datasetName}`.toLowerCase().includes(search.toLowerCase()),
      ),
    'runs:lost': () => [],
    'runs:recover': () => ({ added: 0, left: 0 }),
    'runs:get': ({ id }) => {
      const one = get(id);
      const samples = one.status === 'queued' ? [] : probes(one.methodId, one.progress.step, 20);
      return {
        run: one,
        probes: samples,
        checkpoints: one.progress.step >= 50 ? [{ step: 50, bytes: 4_600_000, createdAt: one.createdAt + 4e4 }] : [],
        exports: [],
        problems: one.status === 'failed' ? ['Row 77 was left out: field “chosen” is a number.'] : [],
        metricNames: Object.keys(seriesOf(world, id)) as MetricName[],
        lastSeq: one.progress.step,
        files: { folder: `/home/ada/.local/share/SamPO Studio/runs/${id}`, bytes: 21_300_000 },
        command: `npx sampo --home '/home/ada/.local/share/SamPO Studio' train --spec ${id}.json`,
        probePrompts: [],
      };
    },
    'runs:forecast': (spec) => ({
      ...forecast,
      steps: spec.training.maxSteps ?? forecast.steps,
      evalPairs: Math.round(forecast.usablePairs * spec.dataset.evalFraction),
      cutPairs: spec.training.maxLength < 100 ? 41 : 0,
      tokensKeptShare: spec.method.id === 'sampo' ? 0.71 : null,
      memoryBytes: spec.model.path.includes('pythia') ? 17e9 : forecast.memoryBytes,
      trainableParameters: spec.adapter.kind === 'lora' ? 98_304 : forecast.trainableParameters,
      warnings: spec.model.path.includes('pythia') ? warnings : [],
    }),
    'runs:measure': () => measuredSpeed,
    'runs:start': ({ specs }) =>
      specs.map((spec, i) => {
        const id = `r_new${i}`;
        const made = run({
          id,
          name: spec.name,
          status: i === 0 ? 'preparing' : 'queued',
          step: 0,
          spec,
          method: spec.method.id,
          verdict: null,
          loss: null,
          ageMs: 0,
        });
        world.runs.set(id, made);
        emit('runs:changed', { run: made });
        return runId(id);
      }),
    'runs:resume': ({ id }) => change(id, { status: 'running' }),
    'runs:pause': ({ id }) => change(id, { status: 'paused' }),
    'runs:stop': ({ id }) => change(id, { status: 'stopped' }),
    'runs:rename': ({ id, name }) => change(id, { name }),
    'runs:delete': ({ id }) => {
      world.runs.delete(id);
      emit('runs:removed', { id });
      return null;
    },
    'runs:series': ({ id, names, fromStep, toStep }) => {
      const all = seriesOf(world, id);
      return Object.fromEntries(
        names.map((name) => [
          name,
          (all[name] ?? []).filter(
            (p) => (fromStep === null || p.step >= fromStep) && (toStep === null || p.step <= toStep),
          ),
        ]),
      );
    },
    'runs:pairs': ({ id, limit }) => world.pairs(id).slice(-limit),
    'runs:profile': ({ id }) =>
      get(id).progress.step > 0 && get(id).methodId !== 'sft' ? profile(get(id).progress.step, id.length) : null,
    'runs:compare': ({ ids }) => {
      const shown = ids.map(get);
      const samples = shown.map((one) => (one.status === 'queued' ? [] : probes(one.methodId, one.progress.step, 20)));
      const compared = shown.map(
        (one, i): ComparedRun => ({
          ...verdictPairs(world.pairs(one.id)),
          growth: answerGrowth(samples[i] ?? []),
          name: one.name || one.methodId,
          probes: samples[i] ?? [],
          model: one.spec.model.path,
          dataset: one.spec.dataset.path,
        }),
      );
      return {
        runs: shown,
        differences: configRows(shown.map((one) => one.spec)).filter(({ isDifferent }) => isDifferent),
        notes: comparisonNotes(compared, shown),
        metrics: [],
        length: {
          verdict: comparisonVerdict(compared),
          runs: shown.map((one, i) => {
            const { pairs, split, growth } = compared[i]!;
            const { margin, interval } = lengthCorrelation(pairs);
            const accuracy = conditionalAccuracy(pairs);
            return {
              runId: one.id,
              verdicts: one.length,
              pairs: pairs.length,
              split,
              probeTokensBefore: growth?.before ?? null,
              probeTokensAfter: growth?.after ?? null,
              marginLengthCorrelation: margin,
              marginLengthInterval: interval,
              accuracyChosenLonger: accuracy.chosenLonger.accuracy,
              accuracyChosenShorter: accuracy.chosenShorter.accuracy,
              heldOutAccuracy: one.progress.step > 50 ? 0.71 : null,
            };
          }),
        },
        probes: samples,
      };
    },
    'runs:spec-json': (spec) => ({
      json: JSON.stringify(spec, null, 2),
      file: '/home/ada/SamPO Studio/specs/run.json',
      command: "npx sampo --home '/home/ada/SamPO Studio' train --spec '/home/ada/SamPO Studio/specs/run.json'",
    }),
    'runs:save-spec': () => ({ file: '/home/ada/SamPO Studio/specs/run.json' }),
    'runs:sample': () => {
      const made = (['dpo', 'sampo'] as const).map((method, i) =>
        run({
          id: `r_sample_${method}`,
          name: `${method} on the sample`,
          method,
          status: i === 0 ? 'preparing' : 'queued',
          step: 0,
          verdict: null,
          loss: null,
          ageMs: 0,
        }),
      );
      for (const one of made) {
        world.runs.set(one.id, one);
        emit('runs:changed', { run: one });
      }
      return made.map((one) => one.id);
    },
    'exports:start': async ({ runId: id }) => {
      for (let done = 0; done <= 4; done++) {
        emit('exports:progress', { runId: id, done, total: 4 });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return exported(id);
    },
    'jobs:list': () => [],
    'jobs:cancel': () => null,
    'exports:preview': () => ({
      modelCard:
        '---\nbase_model: Starter Llama\nlibrary_name: transformers\ntags: [dpo, sampo]\n---\n\n# Starter Llama, ' +
        'SamPO\n\nTrained with SamPO Studio 0.1.0 on 600 pairs.\n\n## Length\n\nOn 12 probes the answers are ' +
        'about as long as before training (21.6 against 19.9 tokens).\n',
      estimatedBytes: 781_000,
      diskFreeBytes: 31_400_000_000,
    }),
  };
}
