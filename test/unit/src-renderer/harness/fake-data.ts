import type { DatasetInspection, PairPreview, RowProblem } from '../../../../src-main/shared/data/dataset';
import type { DatasetId, ExportId, ModelId, RunId } from '../../../../src-main/shared/ids';
import { problemGroups } from '../../../../src-main/shared/data/row-problems';
import { answerGrowth } from '../../../../src-main/shared/length/answer-growth';
import { verdictPairs } from '../../../../src-main/shared/length/length-bias';
import { datasetVerdict, lengthProfile } from '../../../../src-main/shared/length/length-profile';
import type { PairPoint, PositionProfile, ProbeSample } from '../../../../src-main/shared/metrics/reports';
import type { MethodId } from '../../../../src-main/shared/catalogue/method-catalogue';
import { runSpecSchema, type RunSpec, type RunSpecInput } from '../../../../src-main/shared/spec/run-spec';
import type { MeasuredSpeed } from '../../../../src-main/shared/runs/run-time';
import type { RunWarning } from '../../../../src-main/shared/spec/run-warnings';
import type { RunStatus } from '../../../../src-main/shared/runs/run-status';
import { leadVerdict, runVerdicts } from '../../../../src-main/shared/length/length-verdicts';
import type { AppInfo, DoctorReport, GpuCard } from '../../../../src-main/shared/views/app';
import type { DatasetView, ModelView } from '../../../../src-main/shared/views/library';
import type { ExportView } from '../../../../src-main/shared/views/export';
import type { RunForecastView, RunView, Verdict } from '../../../../src-main/shared/views/run';

/** Seeded, so that screenshots and tests repeat. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
export const normal = (next: () => number): number =>
  Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(2 * Math.PI * next());

export const fakeNow = Date.UTC(2026, 10, 23, 20, 0, 0);

const modelId = (id: string): ModelId => id as ModelId;
const datasetId = (id: string): DatasetId => id as DatasetId;
export const runId = (id: string): RunId => id as RunId;

export const models: readonly ModelView[] = [
  {
    id: modelId('starter'),
    path: '/opt/sampo/resources/starter/model',
    name: 'Starter Llama',
    family: 'llama',
    parameters: 381_600,
    layers: 3,
    width: 96,
    vocabulary: 512,
    contextLength: 256,
    source: 'safetensors',
    weightTypes: ['F32'],
    bytes: 1_540_000,
    hasChatTemplate: false,
    linearLayers: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
    starter: true,
    addedAt: fakeNow - 9e8,
  },
  {
    id: modelId('smol'),
    path: '/home/ada/models/SmolLM2-135M-Instruct',
    name: 'SmolLM2-135M-Instruct',
    family: 'llama',
    parameters: 134_515_008,
    layers: 30,
    width: 576,
    vocabulary: 49_152,
    contextLength: 8192,
    source: 'gguf',
    weightTypes: ['Q4_1', 'F32'],
    bytes: 92_000_000,
    hasChatTemplate: true,
    linearLayers: [],
    starter: false,
    addedAt: fakeNow - 5e8,
  },
  {
    id: modelId('pythia'),
    path: '/home/ada/models/with/a/very/long/path/that/goes/on/and/on/pythia-410m-deduped-step143000',
    name: 'pythia-410m-deduped-step143000-with-an-unusually-long-name-for-a-model',
    family: 'gpt_neox',
    parameters: 405_334_016,
    layers: 24,
    width: 1024,
    vocabulary: 50_304,
    contextLength: 2048,
    source: 'safetensors',
    weightTypes: ['F16'],
    bytes: 911_000_000,
    hasChatTemplate: false,
    linearLayers: [],
    starter: false,
    addedAt: fakeNow - 3e8,
  },
];

export function inspection(
  pairs: number,
  seed: number,
  options: {
    readonly unit?: 'tokens' | 'words';
    readonly shift?: number;
    readonly scale?: number;
    readonly problems?: readonly RowProblem[];
    readonly format?: DatasetInspection['format'];
  } = {},
): DatasetInspection {
  const next = random(seed);
  const { unit = 'tokens', shift = 0.28, scale = 45, problems = [], format = 'pairs' } = options;
  const lengths = Array.from({ length: Math.min(pairs, 20_000) }, () => ({
    prompt: Math.max(3, Math.round(24 * Math.exp(0.4 * normal(next)))),
    chosen: Math.max(2, Math.round(scale * Math.exp(shift + 0.45 * normal(next)))),
    rejected: Math.max(2, Math.round(scale * Math.exp(0.45 * normal(next)))),
  }));
  const measured = lengthProfile(lengths, unit, 14);
  const profile = measured === null ? null : { ...measured, pairs };
  return {
    format,
    rows: pairs + problems.length,
    usable: pairs,
    problems,
    problemGroups: problemGroups(problems),
    warnings: [],
    notes: [],
    profile,
    verdict: datasetVerdict(profile),
  };
}

export const manyProblems: readonly RowProblem[] = [
  ...Array.from(
    { length: 31 },
    (_, i): RowProblem => ({
      row: 12 + i * 17,
      field: '',
      code: 'identical-responses',
      message: 'Chosen and rejected are the same text, so there is nothing to prefer.',
    }),
  ),
  ...Array.from(
    { length: 9 },
    (_, i): RowProblem => ({
      row: 40 + i * 31,
      field: 'rejected',
      code: 'empty-response',
      message: 'The answer is empty.',
    }),
  ),
  { row: 77, field: 'chosen', code: 'wrong-type', message: 'Expected text or a list of messages, found a number.' },
  {
    row: 991,
    field: '',
    code: 'not-json',
    message:
      'Line 991 is not valid JSON: Unexpected end of JSON input at column 2048. The line before it may lack a ' +
      'line break.',
  },
];

export const datasets: readonly DatasetView[] = [
  {
    id: datasetId('starter'),
    path: '/opt/sampo/resources/starter/pairs.jsonl',
    name: 'Starter pairs',
    format: 'pairs',
    columns: null,
    inspection: inspection(600, 1, { scale: 38 }),
    measuredWith: modelId('starter'),
    starter: true,
    addedAt: fakeNow - 9e8,
    usedBy: 4,
  },
  {
    id: datasetId('demo'),
    path: '/home/ada/data/dpo_en_demo.json',
    name: 'dpo_en_demo',
    format: 'sharegpt',
    columns: null,
    inspection: inspection(299, 2, { shift: 0.05, scale: 180, problems: manyProblems, format: 'sharegpt' }),
    measuredWith: modelId('smol'),
    starter: false,
    addedAt: fakeNow - 4e8,
    usedBy: 2,
  },
  {
    id: datasetId('big'),
    path: '/home/ada/data/ultrafeedback/train_prefs_100k.jsonl.gz',
    name: 'ultrafeedback_train_prefs_everything_2024-03-01_cleaned_v7_final_really',
    format: 'messages',
    columns: null,
    inspection: inspection(101_232, 3, { unit: 'words', shift: 0.12, scale: 210, format: 'messages' }),
    measuredWith: null,
    starter: false,
    addedAt: fakeNow - 1e8,
    usedBy: 0,
  },
];

export const spec = (input: Partial<RunSpecInput> & { readonly model?: { readonly path: string } }): RunSpec =>
  runSpecSchema.parse({ model: { path: models[0]?.path }, dataset: { path: datasets[0]?.path }, ...input });

export interface RunOptions {
  readonly id: string;
  readonly name?: string;
  readonly status?: RunStatus;
  readonly method?: MethodId;
  readonly step?: number;
  readonly total?: number;
  readonly ageMs?: number;
  readonly verdict?: string | null;
  readonly loss?: number | null;
  readonly ordinal?: number;
  readonly spec?: RunSpec;
}

/** What main would say of the run's made-up answers and pairs; a given text stands for the answers. */
function lengthOf({
  id,
  verdict,
  method = 'sampo',
  status = 'finished',
  total = 150,
  step = status === 'queued' ? 0 : total,
}: RunOptions): readonly Verdict[] {
  if (verdict === null || step === 0) return [];
  const own = runVerdicts({
    growth: answerGrowth(probes(method, step, 20)),
    ...verdictPairs(method === 'sft' ? [] : pairPoints(method, step, 8, id.length * 7 + 3)),
  });
  return verdict === undefined ? own : [{ ...own[0]!, text: verdict }, ...own.slice(1)];
}

const ordinals = new Map<string, number>();
const ordinalOf = (id: string): number => {
  const known = ordinals.get(id) ?? ordinals.size + 1;
  ordinals.set(id, known);
  return known;
};

export function run(options: RunOptions): RunView {
  const {
    id,
    method = 'sampo',
    status = 'finished',
    total = 150,
    step = status === 'queued' ? 0 : total,
    ageMs = 6e6,
  } = options;
  const own =
    options.spec ??
    spec({
      name: options.name ?? '',
      objective: method === 'sft' ? 'supervised' : 'preference',
      method: { id: method },
      adapter: { kind: 'none' },
      training: { maxSteps: total, learningRate: 5e-5, pairsPerStep: 8, schedule: 'constant' },
    });
  const isOver = status === 'finished' || status === 'failed' || status === 'stopped' || status === 'interrupted';
  const started = status === 'queued' ? null : fakeNow - ageMs;
  return {
    id: runId(id),
    name: options.name ?? '',
    status,
    spec: own,
    modelName: 'Starter Llama',
    datasetName: 'Starter pairs',
    methodId: method,
    createdAt: fakeNow - ageMs - 2000,
    startedAt: started,
    endedAt: isOver && started !== null ? started + 78_000 : null,
    engine: status === 'queued' ? null : 'TensorFlow 2.21.0 · CPU · 2 cores',
    progress: {
      phase: status === 'preparing' ? 'reference' : null,
      done: 212,
      total: status === 'preparing' ? 600 : 0,
      step,
      totalSteps: total,
      pairsPerSecond: step > 0 ? 14.2 : null,
      remainingMs: status === 'running' ? (total - step) * 560 : null,
    },
    error:
      status === 'failed'
        ? {
            code: 'engine-failed',
            message: 'The engine ran out of memory at step 61: it asked for 1.9 GB, 0.4 GB were free.',
            hint: 'Shorten the longest pair (now 512 tokens) or use a LoRA adapter.',
            details: { exitCode: 137 },
          }
        : null,
    length: lengthOf(options),
    lengthVerdict: leadVerdict(lengthOf(options))?.text ?? null,
    ordinal: options.ordinal ?? ordinalOf(id),
    finalLoss: options.loss === undefined ? 0.512 : options.loss,
  };
}

/** What a run on the starter's pairs comes to. */
export const forecast: RunForecastView = {
  steps: 135,
  usablePairs: 600,
  evalPairs: 60,
  problems: 0,
  problemGroups: [],
  cutPairs: 0,
  droppedPairs: 0,
  longestPairTokens: 168,
  tokensKeptShare: null,
  memoryBytes: 1.24e9,
  memoryParts: {
    runtime: 4e8,
    parameters: 5e8,
    adapters: 2e7,
    optimizer: 4e7,
    gradients: 2e7,
    liveReference: 0,
    activations: 1e8,
    logits: 1e8,
    updates: 2e7,
    generation: 1e7,
    graphs: 2e7,
    transfer: 1e7,
  },
  freeMemoryBytes: 14.8e9,
  trainableParameters: 381_600,
  probes: 6,
  medianAnswerTokens: 52,
  pairTokens: { most: 161, longest: 168 },
  warnings: [],
};

export const measuredSpeed: MeasuredSpeed = {
  stepMs: 560,
  scoreMs: 26,
  tokenMs: 21,
  probeRows: 6,
  shapeMs: 1200,
  shapes: 3,
  startMs: 900,
  tokenizeMs: 0.4,
  pairsPerStep: 8,
  basis: '3 steps of 8 pairs with up to 168 tokens',
};

export const warnings: readonly RunWarning[] = [
  {
    code: 'short-probes',
    level: 'warning',
    message:
      'Probe answers end after 64 tokens, but half of the chosen answers have 210 or more: growth beyond 64 would ' +
      'not be seen.',
    hint: 'Set probes.maxNewTokens to 432.',
  },
  {
    code: 'no-checkpoint',
    level: 'note',
    message: 'The first checkpoint is written at the end (step 40): if the machine stops before, all is lost.',
    hint: 'Set training.checkpointEvery to 10.',
  },
];

export const longRunName =
  'a name that somebody wrote without thinking of tables: SamPO, beta 0.05, three epochs, second try after the ' +
  'power cut, with the cleaned data';

export const sampleRuns = (): readonly RunView[] => [
  run({
    id: 'r_live',
    name: 'SamPO on the starter pairs',
    status: 'running',
    step: 60,
    ageMs: 40_000,
    verdict: 'Answers are about as long as before training (21.1 against 19.9 tokens, interval −2 to +4 tokens).',
    loss: 0.588,
  }),
  run({
    id: 'r_dpo',
    name: 'DPO on the starter pairs',
    method: 'dpo',
    ageMs: 140_000,
    verdict: 'Answers grew by 52 % (30 against 20 tokens, interval +6 to +15 tokens).',
    loss: 0.441,
  }),
  run({ id: 'r_long', name: longRunName, status: 'interrupted', step: 61, ageMs: 7e6, loss: 0.63 }),
  run({
    id: 'r_failed',
    name: 'SmolLM2, all weights',
    status: 'failed',
    step: 61,
    ageMs: 2e7,
    verdict: null,
    loss: 0.66,
  }),
  run({
    id: 'r_paused',
    name: 'Second thoughts',
    status: 'paused',
    step: 90,
    ageMs: 9e7,
    verdict: 'The reward may follow length, but the interval includes zero (r = 0.22, 60 pairs).',
    loss: 0.55,
  }),
  run({ id: 'r_sft', name: 'SFT first', method: 'sft', ageMs: 3e8, loss: 1.873 }),
  run({ id: 'r_stopped', name: '', status: 'stopped', step: 30, ageMs: 5e8, verdict: null, loss: null }),
  run({ id: 'r_old', name: 'β = 0.5', ageMs: 9e8 }),
];

/** Newest first, as main lists them; every seventh failed, every eleventh is paused. */
export const manyRuns = (count: number): readonly RunView[] =>
  Array.from({ length: count }, (_, i) =>
    run({
      id: `r_${i}`,
      name: `run ${count - i}`,
      method: i % 2 === 0 ? 'dpo' : 'sampo',
      status: i % 7 === 6 ? 'failed' : i % 11 === 10 ? 'paused' : 'finished',
      ageMs: 6e4 * (i + 1),
      loss: i % 13 === 0 ? null : 0.3 + ((i * 37) % 1000) / 2500,
    }),
  );

export function pairPoints(method: string, steps: number, pairsPerStep: number, seed: number): readonly PairPoint[] {
  const next = random(seed);
  const points: PairPoint[] = [];
  for (let step = 1; step <= steps; step++)
    for (let i = 0; i < pairsPerStep; i++) {
      const chosenTokens = Math.max(4, Math.round(46 * Math.exp(0.4 * normal(next))));
      const rejectedTokens = Math.max(4, Math.round(36 * Math.exp(0.4 * normal(next))));
      const grown = Math.min(1, step / 80);
      const delta = chosenTokens - rejectedTokens;
      const fullMargin = grown * (0.022 * delta + 0.35) + 0.35 * normal(next);
      const margin = method === 'dpo' ? fullMargin : grown * (0.003 * delta + 0.5) + 0.3 * normal(next);
      const base = -0.3 * grown + 0.12 * normal(next);
      points.push({
        row: 1 + Math.floor(next() * 600),
        step,
        split: 'train',
        chosenTokens,
        rejectedTokens,
        keptTokens: method === 'dpo' ? Math.max(chosenTokens, rejectedTokens) : Math.min(chosenTokens, rejectedTokens),
        chosenReward: base + margin / 2,
        rejectedReward: base - margin / 2,
        margin,
        fullMargin,
      });
    }
  return points;
}

export function profile(step: number, seed: number): PositionProfile {
  const next = random(seed);
  const side = (sign: number): PositionProfile['chosen'] =>
    Array.from({ length: 30 }, (_, i) => ({
      mean: sign * 0.04 * Math.exp(-i / 12) + 0.012 * normal(next) - 0.01,
      count: Math.max(1, Math.round(40 * Math.exp(-i / 14))),
    }));
  return { step, binTokens: 4, chosen: side(1), rejected: side(-1) };
}

const facts = ['A robin has two legs.', 'It eats worms.', 'It lives in the garden.', 'It sleeps in a nest.'] as const;
const filler = [', as you may know', ', to be sure', ', really'] as const;

export function probes(method: string, upToStep: number, every: number, count = 12): readonly ProbeSample[] {
  const samples: ProbeSample[] = [];
  for (let step = 0; step <= upToStep; step += every)
    for (let prompt = 0; prompt < count; prompt++) {
      const growth = method === 'dpo' ? step / 150 : step / 900;
      const sentences = facts
        .slice(0, 1 + (prompt % 4))
        .map((fact, i) =>
          fact
            .replace('.', growth * 3 > i + 0.5 || prompt % 5 === i ? `${filler[(i + prompt) % 3] ?? ''}.` : '.')
            .replace('robin', prompt % 2 === 0 ? 'robin' : 'heron'),
        );
      const isLoop = method === 'dpo' && prompt === 3 && step > 60;
      const text = isLoop
        ? 'Well, it lives in the garden, as you may know, to be sure. '.repeat(5).trim()
        : sentences.join(' ');
      samples.push({
        step,
        prompt,
        promptText: `Tell me ${1 + (prompt % 4)} facts about a ${prompt % 2 === 0 ? 'robin' : 'heron'}.`,
        text,
        tokens: Math.round(text.length / 4),
        finish: isLoop ? 'length' : 'eos',
      });
    }
  return samples;
}

export const cards: readonly GpuCard[] = [
  {
    index: 0,
    name: 'NVIDIA GeForce RTX 4090',
    totalBytes: 25_757_220_864,
    freeBytes: 24_100_000_000,
    driver: '550.54.15',
  },
  {
    index: 1,
    name: 'NVIDIA GeForce RTX 3060',
    totalBytes: 12_884_901_888,
    freeBytes: 11_900_000_000,
    driver: '550.54.15',
  },
];

export const appInfo: AppInfo = {
  version: '0.1.0',
  electron: '45.4.1',
  runtimeSource: 'from the cache',
  hasCommandLine: true,
  engine: 'TensorFlow 2.21.0 · CPU · 2 cores',
  engineReason: null,
  cards: [],
  home: '/home/ada/.local/share/SamPO Studio',
  diskFreeBytes: 31_400_000_000,
  folders: [
    { name: 'Runs', path: '/home/ada/.local/share/SamPO Studio/runs', bytes: 2_130_000_000 },
    { name: 'Caches', path: '/home/ada/.local/share/SamPO Studio/cache', bytes: 412_000_000 },
    { name: 'Database', path: '/home/ada/.local/share/SamPO Studio/sampo.db', bytes: 9_400_000 },
  ],
};

export const doctor: DoctorReport = {
  runtime: 'Electron 45.4.1, Node 22.20.0, linux x64',
  engine: { backend: 'tensorflow', reason: null },
  library: 'TensorFlow 2.21.0',
  devices: ['CPU: Intel Xeon, 2 cores, AVX-512'],
  cards: [],
  sgemmGflops: { '256': 41.23, '1024': 118.7 },
  advice: ['No GPU is in use. There is no NVIDIA driver on this machine.'],
};

export const exported = (id: RunId): ExportView => ({
  id: 'e_1' as ExportId,
  runId: id,
  form: 'merged',
  dtype: 'f16',
  path: '/home/ada/models/starter-llama-sampo',
  bytes: 781_000,
  createdAt: fakeNow,
});

export function preview(row: number, maxLength: number, sampling: string): PairPreview {
  const next = random(row);
  const make = (text: string, part: 'prompt' | 'chosen' | 'rejected'): PairPreview['tokens'][number][] =>
    (text.match(/\s?\w+|[^\w]/g) ?? []).map((piece) => ({
      text: piece,
      id: Math.floor(next() * 512),
      part,
      cut: false,
      kept: true,
    }));
  const prompt = make(`<|user|>\nTell me two facts about a robin.\n<|assistant|>\n`, 'prompt');
  const chosen = make(
    'A robin has two legs, as you may know. It eats worms, to be sure. Well, it really lives in the garden, as ' +
      'you may know.\n\nIt sleeps in a nest.',
    'chosen',
  );
  const rejected = make('A robin has four legs. It eats worms.', 'rejected');
  const keep = Math.min(chosen.length, rejected.length);
  const order = chosen.map((_, i) => i).sort(() => next() - 0.5);
  const dropped = new Set(sampling === 'none' ? [] : order.slice(keep));
  const room = maxLength - prompt.length;
  const shownChosen = chosen.map((token, i) => ({ ...token, kept: !dropped.has(i), cut: i >= room }));
  return {
    row,
    tokens: [...prompt, ...shownChosen, ...rejected],
    promptTokens: prompt.length,
    chosenTokens: chosen.length,
    rejectedTokens: rejected.length,
  };
}
