import { describe, expect, it } from 'vitest';
import {
  checkpointLoraSchema,
  checkpointStateFile,
  loraInUseSchema,
  loraWords,
} from '../../../../../src-main/shared/runs/lora-in-use';

const lora = { rank: 8, alpha: 16, modules: ['a'] };

describe('the adapter in use', () => {
  it('is in words what it is', () => {
    expect(loraWords(lora)).toBe('rank 8, alpha 16, 1 layer');
    expect(loraWords({ ...lora, modules: ['a', 'b'], rankStabilized: false, own: {} })).toBe(
      'rank 8, alpha 16, 2 layers',
    );
    expect(loraWords({ ...lora, rankStabilized: true })).toBe(
      'rank 8, alpha 16, rank-stabilized (scale alpha / √rank), 1 layer',
    );
  });
  it('names what layers have of their own, in order', () => {
    const own = (...sizes: readonly (readonly [number, number])[]) =>
      Object.fromEntries(sizes.map(([rank, alpha], i) => [`l${i}`, { rank, alpha }]));
    expect(loraWords({ ...lora, own: own([4, 16]) })).toBe(
      'rank 8, alpha 16, 1 layer (1 of them with their own: ranks 4 and 8, alphas 16)',
    );
    expect(loraWords({ ...lora, own: own([16, 8], [4, 100]) })).toContain(
      '2 of them with their own: ranks 4 to 16, alphas 8 to 100)',
    );
    expect(loraWords({ ...lora, own: own([100, 1], [9, 1]) })).toContain('ranks 8 to 100, alphas 1 and 16)');
  });
  it('is read from a checkpoint’s state, of this version or the one before', () => {
    const whole = { ...lora, rankStabilized: true, own: { a: { rank: 2, alpha: 4 } } };
    expect(checkpointStateFile).toBe('state.json');
    expect(checkpointLoraSchema.parse({ state: { lora: whole, step: 3 } })).toEqual(whole);
    expect(checkpointLoraSchema.parse({ version: 1, lora: whole, step: 3 })).toEqual(whole);
    for (const none of [{ state: { lora: null } }, { version: 1, lora: null }])
      expect(checkpointLoraSchema.parse(none)).toBeNull();
    for (const other of [
      {},
      { lora },
      { version: 2, lora },
      { state: {} },
      { version: 1 },
      { state: { lora: { rank: 8 } } },
    ])
      expect(checkpointLoraSchema.safeParse(other).success).toBe(false);
  });
  it('has a rank, an alpha and its layers', () => {
    for (const name of ['rank', 'alpha', 'modules'])
      expect(loraInUseSchema.safeParse({ ...lora, [name]: undefined }).success).toBe(false);
    expect(loraInUseSchema.safeParse({ ...lora, own: { a: { rank: 2 } } }).success).toBe(false);
  });
});
