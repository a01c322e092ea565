import { expect, it } from 'vitest';
import { totalmem } from 'node:os';
import { freeMemoryBytes } from '../../../../../src-main/engine/train/free-memory';

it('knows what is free', () => {
  expect(freeMemoryBytes()).toBeGreaterThan(1e6);
  expect(freeMemoryBytes()).toBeLessThan(totalmem());
});
