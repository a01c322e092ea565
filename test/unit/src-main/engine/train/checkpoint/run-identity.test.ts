import { describe, expect, it } from 'vitest';
import { referenceKey, type ReferenceKey } from '../../../../../../src-main/engine/train/reference/reference-cache';
import { specHash } from '../../../../../../src-main/engine/train/checkpoint/run-identity';
import { runSpecSchema, type RunSpec, type RunSpecInput } from '../../../../../../src-main/shared/spec/run-spec';

// What a checkpoint and a cache belong to. A part left out of these would let a run go on with another adapter, or take
// another engine's numbers, without a word.

const given = { model: { path: 'm' }, dataset: { path: 'd' } } satisfies RunSpecInput;
const spec = (change: object = {}): RunSpec => runSpecSchema.parse({ ...given, ...change });
const hash = (change: object): string => specHash(spec(change));

describe('the hash of a spec', () => {
  const same = hash({});

  it.each<[object]>([
    [{ objective: 'supervised', method: { id: 'sft' } }],
    [{ method: { id: 'dpo' } }],
    [{ method: { beta: 0.2 } }],
    [{ method: { sampling: 'topk' } }],
    [{ method: { mix: [{ id: 'sft', weight: 1 }] } }],
    [{ adapter: { kind: 'none' } }],
    [{ adapter: { kind: 'lora', rank: 8 } }],
    [{ adapter: { kind: 'lora', alpha: 16 } }],
    [{ adapter: { kind: 'lora', targets: 'mlp' } }],
    [{ adapter: { kind: 'lora', from: 'another' } }],
    [{ rounds: 2 }],
    [{ roundData: 'split' }],
    [{ model: { path: 'm', reference: 'r' } }],
    [{ dataset: { path: 'd', format: 'hh' } }],
    [{ dataset: { path: 'd', evalFraction: 0.2 } }],
    [{ dataset: { path: 'd', limit: 10 } }],
    ...Object.entries({
      epochs: 2,
      maxSteps: 5,
      pairsPerStep: 8,
      microBatchPairs: 2,
      adamBetas: [0.8, 0.99],
      adamEpsilon: 1e-6,
      learningRate: 1e-4,
      schedule: 'cosine',
      warmupRatio: 0.2,
      weightDecay: 0.1,
      clipNorm: null,
      maxLength: 256,
      truncation: 'drop',
      shuffle: false,
      seed: 1,
      precision: 'bfloat16',
    }).map(([name, value]): [object] => [{ training: { [name]: value } }]),
  ])('changes with %j: a resume with it is refused', (change) => {
    expect(hash(change)).not.toBe(same);
  });

  it.each<[object]>([
    [{ name: 'another' }],
    [{ model: { path: 'moved' } }], // the model's own hash tells whether it is the same
    [{ dataset: { path: 'moved' } }],
    [{ probes: { everySteps: 1, prompts: ['x'], maxNewTokens: 5 } }],
    ...Object.entries({
      checkpointEvery: 1,
      evalEvery: 1,
      keepCheckpoints: 5,
      keepBest: false,
      earlyStopping: { patience: 1, minDelta: 0 },
    }).map(([name, value]): [object] => [{ training: { [name]: value } }]),
  ])('does not change with %j, which changes no step', (change) => {
    expect(hash(change)).toBe(same);
  });
});

describe('the key of a reference cache', () => {
  const pair = { row: 1, promptIds: [1, 2], chosenIds: [3], rejectedIds: [4, 5], endLost: false, cut: false };
  const key: ReferenceKey = {
    modelHash: 'm',
    adapterHash: null,
    engine: 'TensorFlow 2.21',
    buckets: [{ rows: 1, tokens: 8, completions: 8 }],
    pairs: [pair] as unknown as ReferenceKey['pairs'],
  };

  it.each<[object]>([
    [{ modelHash: 'other' }],
    [{ adapterHash: 'a' }],
    [{ engine: 'wasm' }],
    [{ buckets: [{ rows: 2, tokens: 8, completions: 8 }] }],
    [{ pairs: [{ ...pair, row: 2 }] }],
    [{ pairs: [{ ...pair, promptIds: [1] }] }],
    [{ pairs: [{ ...pair, chosenIds: [9] }] }],
    [{ pairs: [{ ...pair, rejectedIds: [4] }] }],
    [{ pairs: [{ ...pair, promptIds: [1, 2, 3], chosenIds: [] }] }], // the same ids, parted elsewhere
    [{ pairs: [pair, pair] }],
  ])('changes with %j', (change) => {
    expect(referenceKey({ ...key, ...change } as ReferenceKey)).not.toBe(referenceKey(key));
  });

  it('is the same for the same', () => {
    expect(referenceKey({ ...key, pairs: [{ ...pair }] as unknown as ReferenceKey['pairs'] })).toBe(referenceKey(key));
  });
});
