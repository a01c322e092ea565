import { describe, expect, it } from 'vitest';
import { referenceKey, type ReferenceKey } from '../../../../../src-main/engine/train/reference-cache';
import { specHash } from '../../../../../src-main/engine/train/run';
import { anySpec } from '../../../support/runs';
import { randomPairs } from './fixture';

describe('what a checkpoint was made with', () => {
  const base = specHash(anySpec());
  const lora = { kind: 'lora', rank: 16, alpha: 32, targets: 'all-linear' };

  it.each([
    ['the rank of its adapter', { adapter: { ...lora, rank: 8 } }],
    ['its scale', { adapter: { ...lora, alpha: 16 } }],
    ['the layers it has', { adapter: { ...lora, targets: ['q_proj'] } }],
    ['the adapter it began with', { adapter: { ...lora, from: '/an/adapter' } }],
    ['no adapter', { adapter: { kind: 'none' } }],
    ['the method', { method: { id: 'dpo' } }],
    ['a parameter of it', { method: { id: 'sampo', beta: 0.2 } }],
    ['the objective', { objective: 'supervised', method: { id: 'sft' } }],
    ['rounds', { rounds: 2 }],
    ['the learning rate', { training: { learningRate: 1e-4 } }],
    ['the seed', { training: { seed: 7 } }],
    ['the pairs of a step', { training: { pairsPerStep: 8 } }],
    ['the steps', { training: { maxSteps: 7 } }],
    ['what is held out', { dataset: { path: '/data/pairs.jsonl', evalFraction: 0.2 } }],
    ['a limit of rows', { dataset: { path: '/data/pairs.jsonl', limit: 5 } }],
    ['another reference', { model: { path: '/models/tiny', reference: '/models/other' } }],
  ])('is another run with other values: %s', (_what, change) => {
    expect(specHash(anySpec(change))).not.toBe(base);
  });

  it.each([
    ['its name', { name: 'another' }],
    ['how often it saves, measures and keeps', { training: { checkpointEvery: 7, evalEvery: 9, keepCheckpoints: 5, keepBest: false } }],
    ['when it may end early', { training: { earlyStopping: { patience: 3 } } }],
    ['its probes', { probes: { everySteps: 3, maxNewTokens: 9 } }],
    ['the place of its model', { model: { path: '/elsewhere/tiny' } }],
  ])('is the same run whatever %s', (_what, change) => {
    expect(specHash(anySpec(change))).toBe(base);
  });
});

describe('cached reference log-probs', () => {
  const pairs = randomPairs(3);
  const base: ReferenceKey = { modelHash: 'm', adapterHash: null, engine: 'TensorFlow 2.21', buckets: [{ pairs: 2, length: 32 } as never], pairs };

  it.each<readonly [string, Partial<ReferenceKey>]>([
    ['model', { modelHash: 'n' }],
    ['adapter', { adapterHash: 'a' }],
    ['engine', { engine: 'tfjs (wasm)' }],
    ['shapes', { buckets: [{ pairs: 2, length: 64 } as never] }],
    ['pairs', { pairs: randomPairs(3, 6) }],
    ['row of a pair', { pairs: pairs.map((pair) => ({ ...pair, row: pair.row + 1 })) }],
    ['end of a prompt', { pairs: pairs.map((pair) => ({ ...pair, promptIds: pair.promptIds.slice(1), chosenIds: [pair.promptIds[0]!, ...pair.chosenIds] })) }],
  ])('of another %s are others', (_what, change) => {
    expect(referenceKey({ ...base, ...change })).not.toBe(referenceKey(base));
    expect(referenceKey({ ...base })).toBe(referenceKey(base));
  });

  it('of two adapters are two', () => {
    expect(referenceKey({ ...base, adapterHash: 'a' })).not.toBe(referenceKey({ ...base, adapterHash: 'b' }));
  });
});
