import type { Call, Feeds, HostArray, Results, Session } from '../../../../../src-main/engine/graph/types';
import { SignalBox } from '../../../../../src-main/engine/signals';
import type { LoraPlan } from '../../../../../src-main/engine/model/lora-plan';
import type { Pack } from '../../../../../src-main/engine/model/packs';
import type { EngineEvent } from '../../../../../src-main/shared/ipc/engine-events';
import type { TrainOutcome } from '../../../../../src-main/engine/protocol';
import { hasLiveReference, isSupervised } from '../../../../../src-main/engine/train/step/objective';
import { chosenOnly } from '../../../../../src-main/engine/batch/layout';
import { scoreAll } from '../../../../../src-main/engine/infer/score-all';
import { runTraining } from '../../../../../src-main/engine/train/run';
import { layoutOf } from '../../../../../src-main/engine/program/scoring-layout';
import type { TrainProgram } from '../../../../../src-main/engine/program/types';
import type { TokenizedPair } from '../../../../../src-main/engine/batch/types';
import type { RunSpec, RunSpecInput } from '../../../../../src-main/shared/spec/run-spec';
import { metricsOf, specOf, temporaryFolder, type MetricsEvent } from './fixture';
import { join } from 'node:path';

// A run whose device is a few lines: an update adds 1 to each of three weights, and the log-prob of a token is the
// first weight minus the token's id. What a run does around its device (order, reports, checkpoints, rounds) can be
// told in numbers, and a run takes milliseconds.

const bucket = { rows: 4, tokens: 16, completions: 32 };
const pack: Pack = {
  name: 'adapter/0',
  shape: [3],
  members: [
    { name: 'm.lora_A.weight', shape: [2] },
    { name: 'm.lora_B.weight', shape: [1] },
  ] as unknown as Pack['members'],
};
const lora: LoraPlan = { rank: 1, alpha: 2, modules: ['m'] };

/** Answers of one response for each side; ids differ by row, so that log-probs do. */
export const pairOf = (row: number, chosen = 2, rejected = 1): TokenizedPair => {
  const ids = (n: number, first: number): readonly number[] => Array.from({ length: n }, (_, i) => first + i);
  return {
    row,
    promptIds: [1, 2],
    chosenIds: ids(chosen, row),
    rejectedIds: ids(rejected, row + 1),
    cut: { prompt: 0, chosen: 0, rejected: 0 },
  };
};

export class PaperSession {
  readonly variables = new Map<string, Float32Array>();
  readonly entries: string[] = [];
  /** What updates and syncs were told, and how calls with a gradient weighed tokens. */
  readonly feeds: Feeds[] = [];
  readonly weights: (readonly number[])[] = [];
  constructor(
    weight: number,
    private readonly lossAt: (entry: 'train' | 'eval', updates: number) => number,
  ) {
    this.setVariable('adapter/0', Float32Array.of(weight, 10, 20));
  }
  setVariable(name: string, data: HostArray): void {
    this.variables.set(name, Float32Array.from(data as Float32Array));
  }
  values(name: string): readonly number[] {
    return [...(this.variables.get(name) ?? [0, 0, 0])];
  }
  getVariables(names: readonly string[]): Readonly<Record<string, HostArray>> {
    return Object.fromEntries(names.map((name) => [name, Float32Array.from(this.values(name))]));
  }
  private add(name: string, amount: number): void {
    this.setVariable(
      name,
      Float32Array.from(this.values(name), (x) => x + amount),
    );
  }
  run(entry: string, feeds: Feeds): Results {
    this.entries.push(entry);
    this.feeds.push(feeds);
    if (entry === 'apply') {
      this.add('adapter/0', 1);
      this.add('adam_m/adapter/0', 0.5);
      this.add('adam_v/adapter/0', 0.25);
    } else {
      const mixup = (feeds['mixup'] as Float32Array)[0]!;
      const old = this.values('reference/adapter/0');
      const now = this.values('adapter/0').map((x, i) => mixup * x + (1 - mixup) * old[i]!);
      this.setVariable('reference/adapter/0', Float32Array.from(now));
    }
    return { gradNorm: Float32Array.of(3) };
  }
  private answer({ entry, feeds }: Call): Results {
    this.entries.push(entry);
    if (entry.startsWith('accumulate')) this.weights.push([...(feeds['policyWeights'] as Float32Array)]);
    const weight = this.values(entry.startsWith('reference') ? 'reference/adapter/0' : 'adapter/0')[0]!;
    const slots = Float32Array.from(feeds['targets'] as Int32Array, (id) => weight - id);
    const loss = this.lossAt(entry.startsWith('accumulate') ? 'train' : 'eval', this.values('adapter/0')[0]!);
    return {
      logprobs: slots,
      entropy: slots,
      meanLogit: slots,
      top1: slots,
      kl: slots,
      losses: new Float32Array(bucket.rows).fill(loss),
    };
  }
  async runLanes(
    lanes: readonly (readonly Call[])[],
    interrupted: () => Promise<boolean>,
  ): Promise<readonly (readonly Results[])[] | null> {
    const found: Results[][] = [];
    for (const lane of lanes) {
      const results: Results[] = [];
      for (const call of lane) {
        results.push(this.answer(call));
        if (await interrupted()) return null;
      }
      found.push(results);
    }
    return found;
  }
}

export interface PaperOptions {
  readonly spec: RunSpec;
  readonly pairs?: readonly TokenizedPair[];
  readonly held?: readonly TokenizedPair[];
  readonly runDir?: string;
  readonly cacheDir?: string;
  readonly resume?: boolean;
  readonly modelHash?: string;
  /** The first weight, before any update. */
  readonly weight?: number;
  readonly lossAt?: (entry: 'train' | 'eval', updates: number) => number;
  readonly onEvent?: (event: EngineEvent, signals: SignalBox) => void;
  readonly onProbe?: (step: number, signals: SignalBox) => boolean;
}
export interface PaperRun {
  readonly outcome: TrainOutcome;
  readonly session: PaperSession;
  readonly events: readonly EngineEvent[];
  /** Events in short: kind and step. */
  readonly told: readonly string[];
  readonly runDir: string;
  readonly cacheDir: string;
}

export async function paperRun({
  spec,
  pairs = [1, 2, 3, 4, 5].map((row) => pairOf(row)),
  held = [],
  runDir = temporaryFolder(),
  cacheDir = temporaryFolder(),
  resume = false,
  modelHash = 'model',
  weight = 0,
  lossAt = () => 0.5,
  onEvent,
  onProbe = () => true,
}: PaperOptions): Promise<PaperRun> {
  const session = new PaperSession(weight, lossAt);
  const liveReference = hasLiveReference(spec);
  const program = {
    buckets: [bucket],
    packs: [pack],
    trained: [pack],
    layout: layoutOf(spec.method),
    liveReference,
    lanes: { count: 1, slotCost: 0 },
  } as unknown as TrainProgram;
  const events: EngineEvent[] = [];
  const told: string[] = [];
  const signals = new SignalBox();
  const device = session as unknown as Session;
  const asTrained = isSupervised(spec) ? chosenOnly : (pair: TokenizedPair) => pair;
  const outcome = await runTraining({
    spec,
    runDir,
    cacheDir,
    resume,
    signals,
    session: device,
    program,
    lora,
    train: pairs.map(asTrained),
    held: held.map(asTrained),
    modelHash,
    reference: { modelHash, adapterHash: null, engine: 'paper' },
    emit: (event) => {
      events.push(event);
      told.push(inShort(event));
      onEvent?.(event, signals);
    },
    syncReports: () => told.push('sync'),
    scoreReference: (all, onProgress, pause) => scoreAll({ ...program, session: device }, all, onProgress, pause),
    probe: (step) => {
      told.push(`probe ${step}`);
      return Promise.resolve(onProbe(step, signals));
    },
  });
  return { outcome, session, events, told, runDir, cacheDir };
}

function inShort(event: EngineEvent): string {
  switch (event.kind) {
    case 'phase':
      return `${event.phase} ${event.done}/${event.total}`;
    case 'metrics':
      return `${'eval_loss' in event.values ? 'eval' : 'train'} ${event.step}`;
    case 'running':
      return `running ${event.firstStep} of ${event.totalSteps}`;
    case 'checkpoint':
      return `checkpoint ${event.step}${event.best ? `, best ${event.best.step}` : ''}`;
    default:
      return event.kind;
  }
}

/** Two held-out pairs, whose answers differ in length. */
export const held = [pairOf(11, 1, 2), pairOf(12, 3, 1)];

export function withSpec(
  training: RunSpecInput['training'],
  method: RunSpecInput['method'] = { id: 'dpo' },
  { probesEvery = 1000, ...others }: Partial<RunSpec> & { readonly probesEvery?: number } = {},
): RunSpec {
  const spec = specOf({ training: { pairsPerStep: 2, shuffle: false, ...training }, method });
  return { ...spec, probes: { everySteps: probesEvery, prompts: [], maxNewTokens: 4 }, ...others };
}

export const atStep = (run: PaperRun, step: number): MetricsEvent =>
  metricsOf(run.events).find((event) => event.step === step && 'loss' in event.values)!;
export const count = (run: PaperRun, entry: string): number =>
  run.session.entries.filter((one) => one === entry).length;
export const checkpoint = (run: Pick<PaperRun, 'runDir'>, step: number): string =>
  join(run.runDir, 'checkpoints', `checkpoint-${step}`);
