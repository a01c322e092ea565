import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript without types
import { installedMatches } from '../../../scripts/lib/lock-check.mjs';

const lock = {
  packages: {
    '': { name: 'root' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/only-mac': { version: '2.0.0', optional: true },
  },
};

describe('whether node_modules matches the lock file', () => {
  it('accepts the same versions, with optional packages of other platforms absent', () => {
    expect(installedMatches(lock, { packages: { 'node_modules/a': { version: '1.0.0' } } })).toBe(true);
  });

  it.each([
    ['nothing is installed', null],
    ['a package is missing', { packages: {} }],
    ['a version differs', { packages: { 'node_modules/a': { version: '1.0.1' } } }],
    [
      'an optional package has another version',
      { packages: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/only-mac': { version: '1.9.0' } } },
    ],
  ])('refuses when %s', (_why, hidden) => {
    expect(installedMatches(lock, hidden)).toBe(false);
  });
});
