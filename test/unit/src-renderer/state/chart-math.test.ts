import { describe, expect, it } from 'vitest';
import { largest, smallest } from '../../../../src-main/shared/extremes';
import {
  bandPath,
  extent,
  halfLifeFor,
  linePath,
  nearest,
  padded,
  scale,
  smooth,
  thin,
  tickText,
  ticks,
  within,
} from '../../../../src-renderer/state/chart-math';

const line = (values: readonly number[]): { readonly x: number; readonly y: number }[] =>
  values.map((y, x) => ({ x, y }));

describe('ticks', () => {
  it('are round and inside the range', () => {
    expect(ticks([0, 1], 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticks([-0.13, 0.41], 4)).toEqual([0, 0.2, 0.4]);
    expect(ticks([3, 97], 5)).toEqual([20, 40, 60, 80]);
    expect(ticks([0, 3], 10, true)).toEqual([0, 1, 2, 3]);
  });
  it('survive ranges without width and numbers of any size', () => {
    expect(ticks([5, 5], 4)).toEqual([5]);
    expect(ticks([Number.NaN, 1], 4)).toEqual([]);
    for (const size of [1e-9, 1e-3, 7, 1e6, 1e12]) expect(ticks([0, size], 5).length).toBeGreaterThanOrEqual(3);
  });
  it('carry as many decimals as they need', () => {
    const text = (values: readonly number[]): readonly string[] => values.map(tickText(values));
    expect(text([0, 0.2, 0.4])).toEqual(['0.0', '0.2', '0.4']);
    expect(text([0, 0.25, 0.5])).toEqual(['0.00', '0.25', '0.50']);
    expect(text([-50, 0, 50])).toEqual(['−50', '0', '50']);
    expect(text([0, 2.5, 5])).toEqual(['0.0', '2.5', '5.0']);
    expect(new Set(text([0, 1e-5, 2e-5, 3e-5])).size).toBe(4);
  });
});

describe('ranges', () => {
  it('ignore what is no number', () => {
    expect(extent([3, Number.NaN, -1, Infinity])).toEqual([-1, 3]);
    expect(extent([])).toBeNull();
  });
  it('get air, keep what must be in view, and never collapse', () => {
    expect(padded([0, 10], [], 0.1)).toEqual([-1, 11]);
    expect(padded([0.5, 0.6], [0])[0]).toBeLessThan(0);
    const [low, high] = padded([2, 2]);
    expect(high).toBeGreaterThan(low);
    expect(padded(null)).toEqual([-0.06, 1.06]);
  });
  it('scale linearly, and to the middle without width', () => {
    expect(scale([0, 10], [100, 200])(5)).toBe(150);
    expect(scale([3, 3], [0, 10])(3)).toBe(5);
  });
});

describe('smooth', () => {
  it('leaves a constant alone and does not start at zero', () => {
    for (const point of smooth(line([2, 2, 2, 2]), 3)) expect(point.y).toBeCloseTo(2, 12);
  });
  it('halves the weight of a value after its half-life', () => {
    const values = smooth(line([1, ...Array.from({ length: 400 }, () => 0)]), 4).map((p) => p.y);
    // Far from the start the correction is 1, so an impulse decays by half in four steps.
    expect((values[104] ?? 0) / (values[100] ?? 1)).toBeCloseTo(0.5, 6);
  });
  it('is off for few points', () => {
    expect(halfLifeFor(8)).toBe(0);
    expect(smooth(line([1, 5, 2]), 0).map((p) => p.y)).toEqual([1, 5, 2]);
  });
});

describe('thin', () => {
  it('keeps the lowest and highest value of every bucket, so that a spike never vanishes', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => (i === 7331 ? 99 : Math.sin(i / 50)));
    const thinned = thin(line(values), 200);
    expect(thinned.length).toBeLessThanOrEqual(200);
    expect(largest(thinned, (p) => p.max ?? p.y)).toBe(99);
    expect(smallest(thinned, (p) => p.min ?? p.y)).toBeCloseTo(-1, 3);
  });
  it('returns few points as they are', () => {
    const points = line([1, 2, 3]);
    expect(thin(points, 10)).toBe(points);
  });
});

describe('places', () => {
  it('finds the nearest point', () => {
    const points = [{ x: 0 }, { x: 10 }, { x: 20 }];
    expect([-5, 4, 6, 15.1, 99].map((x) => nearest(points, x))).toEqual([0, 0, 1, 2, 2]);
    expect(nearest([], 3)).toBe(-1);
  });
  it('cuts to a range, ends included', () => {
    expect(within(line([0, 1, 2, 3]), [1, 2]).map((p) => p.x)).toEqual([1, 2]);
  });
});

describe('paths', () => {
  const same = (v: number): number => v;
  it('break where a value is missing', () => {
    expect(linePath(line([1, Number.NaN, 3, 4]), same, same)).toBe('M0.0,1.0M2.0,3.0L3.0,4.0');
  });
  it('draw a band only for downsampled points', () => {
    expect(bandPath(line([1, 2]), same, same)).toBe('');
    expect(
      bandPath(
        [
          { x: 0, y: 1, min: 0, max: 2 },
          { x: 1, y: 1, min: 1, max: 3 },
        ],
        same,
        same,
      ),
    ).toBe('M0.0,2.0L1.0,3.0L1.0,1.0L0.0,0.0Z');
  });
});
