import { expect, it } from 'vitest';
import {
  correlationRange,
  lowerFirst,
  percent,
  plainNumber,
  plural,
  pointRange,
  shareRange,
  signedNumber,
  signedPercent,
  tokenCount,
  tokenRange,
} from '../../../../../src-main/shared/length/length-words';

it('numbers in verdicts have a true minus, a sign where they are changes, and never a minus zero', () => {
  expect([plainNumber(1.26, 1), plainNumber(-1.26, 1), plainNumber(-0.04, 1), plainNumber(0, 0)]).toEqual([
    '1.3',
    '−1.3',
    '0.0',
    '0',
  ]);
  expect([signedNumber(3), signedNumber(-3), signedNumber(-0.4), signedNumber(0.5, 1)]).toEqual([
    '+3',
    '−3',
    '0',
    '+0.5',
  ]);
  expect([percent(0.126), percent(-0.5), signedPercent(0.126), signedPercent(-0.5), signedPercent(0)]).toEqual([
    '13 %',
    '−50 %',
    '+13 %',
    '−50 %',
    '0 %',
  ]);
});
it('small numbers of tokens have a digit more', () => {
  expect([tokenCount(9.94), tokenCount(10), tokenCount(10.4), tokenCount(0)]).toEqual(['9.9', '10', '10', '0.0']);
  expect(tokenRange([-9.94, 9.94])).toBe('interval −9.9 to +9.9 tokens');
  expect(tokenRange([1, 10])).toBe('interval +1 to +10 tokens');
  expect(tokenRange([-10, -1])).toBe('interval −10 to −1 tokens');
});
it('intervals are in the unit of their number', () => {
  expect(correlationRange([-0.123, 0.5])).toBe('interval −0.12 to 0.50');
  expect(pointRange([-0.03, 0.43])).toBe('interval −3 to +43');
  expect(shareRange([0.48, 0.601])).toBe('interval 48 % to 60 %');
});
it('words have their number', () => {
  expect([plural(0, 'pair'), plural(1, 'pair'), plural(2, 'pair')]).toEqual(['0 pairs', '1 pair', '2 pairs']);
  expect([lowerFirst('It is So'), lowerFirst('')]).toEqual(['it is So', '']);
});
