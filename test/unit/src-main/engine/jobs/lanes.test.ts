import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { preflight } from '../../../../../src-main/engine/jobs/preflight';
import { SignalBox } from '../../../../../src-main/engine/signals';
import { train } from '../../../../../src-main/engine/jobs/train';
import * as choose from '../../../../../src-main/engine/backends/registry';
import { lanesFile } from '../../../../../src-main/engine/backends/tensorflow/runner';
import type { EngineEvent } from '../../../../../src-main/shared/ipc/engine-events';
import { runSpecSchema, type RunSpec, type RunSpecInput } from '../../../../../src-main/shared/spec/run-spec';
import { writeTinyModel, writeTinyPairs } from './tiny-folder';

const home = mkdtempSync(join(tmpdir(), 'sampo-test-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const [model, data] = [join(home, 'model'), join(home, 'pairs.jsonl')];
beforeAll(async () => {
  await writeTinyModel(model);
  writeTinyPairs(data, 40);
});
afterEach(() => vi.restoreAllMocks());

const lora = { kind: 'lora', rank: 4, alpha: 8 } as const;
const specOf = (adapter: RunSpecInput['adapter'] = lora): RunSpec =>
  runSpecSchema.parse({
    model: { path: model },
    dataset: { path: data, evalFraction: 0.2 },
    method: { id: 'sampo' },
    adapter,
    training: { maxSteps: 3, pairsPerStep: 8, microBatchPairs: 1, learningRate: 1e-2, maxLength: 64 },
    probes: { prompts: [] },
  });

async function run(
  spec: RunSpec,
  onEvent: (event: EngineEvent, signals: SignalBox) => void = () => undefined,
): Promise<{ readonly events: readonly EngineEvent[]; readonly outcome: string }> {
  const events: EngineEvent[] = [];
  const signals = new SignalBox();
  const emit = (event: EngineEvent): void => {
    events.push(event);
    onEvent(event, signals);
  };
  const { outcome } = await train(
    { spec, runDir: mkdtempSync(join(home, 'run-')), cacheDir: mkdtempSync(join(home, 'cache-')), resume: false },
    { engine: 'tensorflow', signals, freeBytes: () => 64e9, emit },
  );
  return { events, outcome };
}

const devices = (events: readonly EngineEvent[]): string =>
  events.flatMap((e) => (e.kind === 'engine' ? e.engine.devices : [])).join();
const losses = (events: readonly EngineEvent[]): readonly number[] =>
  events.flatMap((e) => (e.kind === 'metrics' ? [e.values['loss'] ?? e.values['eval_loss']!] : []));

describe('a run in lanes', () => {
  it('is what LoRA gets where processors are to share out, says so, and learns the same', async () => {
    vi.spyOn(choose, 'processorsForLanes').mockReturnValue(2);
    const two = await run(specOf());
    vi.spyOn(choose, 'processorsForLanes').mockReturnValue(1);
    const one = await run(specOf());
    expect([two, one].map(({ events }) => devices(events).includes('2 calls at once'))).toEqual([true, false]);
    expect(losses(two.events)).toHaveLength(4); // three steps, and the held-out pairs at the end
    losses(one.events).forEach((loss, i) => expect(losses(two.events)[i]).toBeCloseTo(loss, 5));
  });

  it('is not what all weights get, where a second gradient takes more memory than it is worth', async () => {
    vi.spyOn(choose, 'processorsForLanes').mockReturnValue(2);
    expect(devices((await run(specOf({ kind: 'none' }))).events)).not.toContain('at once');
  });

  it('stops within the reference pass', async () => {
    vi.spyOn(choose, 'processorsForLanes').mockReturnValue(2);
    const { events, outcome } = await run(
      specOf(),
      (event, signals) =>
        event.kind === 'phase' &&
        event.phase === 'reference' &&
        event.done === 0 &&
        setImmediate(() => signals.ask('stop')),
    );
    expect(outcome).toBe('stopped');
    expect(events.some((e) => e.kind === 'phase' && e.phase === 'reference' && e.done === e.total)).toBe(false);
  });

  it('counts in preflight, but not where a card’s memory is planned', async () => {
    vi.spyOn(choose, 'processorsForLanes').mockImplementation((onTensorflowCpu) => (onTensorflowCpu ? 2 : 1));
    const context = { engine: 'auto', signals: new SignalBox(), freeBytes: () => 64e9, emit: () => undefined } as const;
    const [processor, card] = [
      await preflight({ spec: specOf() }, context),
      await preflight({ spec: specOf() }, { ...context, onCard: true }),
    ];
    expect(processor.memoryParts.activations).toBeGreaterThan(1.2 * card.memoryParts.activations);
  });
});

describe('processorsForLanes', () => {
  it('is all of them on a processor under TensorFlow, and one where there is nothing to run calls at once', () => {
    expect([
      choose.processorsForLanes(true, lanesFile({})),
      choose.processorsForLanes(true, null),
      choose.processorsForLanes(false, lanesFile({})),
    ]).toEqual([availableParallelism(), 1, 1]);
  });
  it('there is nothing where set-up compiled none, or somebody says so', () => {
    expect(lanesFile({})).toMatch(/sampo_lanes\.node$/);
    expect([lanesFile({ SAMPO_LANES: 'none' }), lanesFile({}, join(home, 'sampo_lanes.node'))]).toEqual([null, null]);
  });
});
