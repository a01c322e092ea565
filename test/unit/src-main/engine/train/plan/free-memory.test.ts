import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { expect, it } from 'vitest';
import { availableBytes, freeMemoryBytes, leftOf } from '../../../../../../src-main/engine/train/plan/free-memory';

it('knows what is free', () => {
  expect(freeMemoryBytes()).toBeGreaterThan(1e6);
  expect(freeMemoryBytes()).toBeLessThan(totalmem());
});
it('is what Linux says is available', () => {
  expect(availableBytes('MemTotal: 9 kB\nMemAvailable:   12 kB\nMemFree: 7 kB\n')).toBe(12 * 1024);
  expect(availableBytes('XMemAvailable: 12 kB')).toBeNull();
  expect(availableBytes('')).toBeNull();
  if (process.platform === 'linux') expect(availableBytes(readFileSync('/proc/meminfo', 'utf8'))).toBeGreaterThan(1e6);
});
it.each([
  [0, 5, Infinity],
  [2 ** 51, 5, Infinity], // no limit is a huge number
  [2 ** 50, 5, 2 ** 50 - 5],
  [100, 30, 70],
  [100, 100, 0],
  [100, 130, 0],
])('a container of %i bytes with %i in use leaves %d', (limit, used, left) => expect(leftOf(limit, used)).toBe(left));
