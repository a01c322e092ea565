import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatBytes,
  formatCorrelation,
  formatCount,
  formatDuration,
  formatNumber,
  formatParameters,
  formatPercent,
  formatShort,
  formatSigned,
  formatTokens,
  plural,
} from '../../../../src-renderer/state/format';

const thin = '\u202f';

describe('formatCount', () => {
  it('groups thousands and has a real minus sign', () => {
    expect(formatCount(101232)).toBe(`101${thin}232`);
    expect(formatCount(-1234567)).toBe(`−1${thin}234${thin}567`);
    expect(formatCount(-0.2)).toBe('0');
    expect(formatCount(null)).toBe('–');
    expect(formatCount(Number.NaN)).toBe('–');
  });
});

describe('formatNumber', () => {
  it('keeps three significant digits', () => {
    expect([0.6931, 12.345, 123.4, 1234.5, 0.00123].map((x) => formatNumber(x))).toEqual([
      '0.693',
      '12.3',
      '123',
      `1${thin}235`,
      '0.00123',
    ]);
  });
  it('writes very small and very large numbers as people type them', () => {
    expect([4e-7, 1e-5, 2.5e9, -1.5e-4].map((x) => formatNumber(x))).toEqual(['4e-7', '1e-5', '2.5e9', '−1.5e-4']);
  });
  it('says what is no number', () => {
    expect([formatNumber(null), formatNumber(Number.NaN), formatNumber(Infinity), formatNumber(0)]).toEqual([
      '–',
      '–',
      '∞',
      '0',
    ]);
  });
});

describe('formatShort', () => {
  it('has no zeros that nobody measured', () => {
    expect([0.1, 512, 20, 1e-5, 0.25, 100].map((x) => formatShort(x))).toEqual([
      '0.1',
      '512',
      '20',
      '1e-5',
      '0.25',
      '100',
    ]);
  });
});

describe('units', () => {
  it('bytes', () => {
    expect([0, 999, 1000, 2.06e9, 31.4e9, 999_600].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '2.1 GB',
      '31 GB',
      '1.0 MB',
    ]);
  });
  it('parameters', () => {
    expect([381_600, 134_515_008, 8.03e9, 512].map(formatParameters)).toEqual([
      `382${thin}k`,
      `135${thin}M`,
      `8.03${thin}B`,
      '512',
    ]);
  });
  it('durations', () => {
    expect([900, 59_000, 78_000, 120_000, 3_600_000, 5_400_000, 3e8, null, -5].map(formatDuration)).toEqual([
      '1 s',
      '59 s',
      '1 min 18 s',
      '2 min',
      '1 h',
      '1 h 30 min',
      '3 days',
      '–',
      '–',
    ]);
  });
  it('shares, correlations, signs, tokens, plurals', () => {
    expect([formatPercent(0.666), formatPercent(-0.001), formatPercent(null)]).toEqual([
      `67${thin}%`,
      `0${thin}%`,
      '–',
    ]);
    expect([formatCorrelation(-0.001), formatCorrelation(-0.614), formatCorrelation(undefined)]).toEqual([
      '0.00',
      '−0.61',
      '–',
    ]);
    expect([formatSigned(3), formatSigned(-3), formatSigned(null)]).toEqual(['+3.0', '−3.0', '–']);
    expect([formatTokens(1), formatTokens(21.64), formatTokens(1234)]).toEqual([
      '1 token',
      '21.6 tokens',
      `1${thin}234 tokens`,
    ]);
    expect([plural(1, 'pair'), plural(0, 'pair'), plural(2, 'entry', 'entries')]).toEqual([
      '1 pair',
      '0 pairs',
      '2 entries',
    ]);
  });
  it('times ago', () => {
    const now = Date.UTC(2026, 10, 23);
    expect([10, 100, 7200, 90_000, 400_000].map((s) => formatAgo(now - s * 1000, now))).toEqual([
      'just now',
      '2 min ago',
      '2 h ago',
      'yesterday',
      '5 days ago',
    ]);
    expect(formatAgo(now - 2e9, now)).toMatch(/^\d+ (Oct|Nov) 2026$/);
  });
});
