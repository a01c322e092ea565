import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript without types
import { add, closingLine, countVitest, exitCodeOf, nothing, oneCheck } from '../../../scripts/lib/test-summary.mjs';

const report = (over: object) => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [],
  ...over,
});

describe('counting tests', () => {
  it('takes passed, failed and both kinds of skipped from the report', () => {
    expect(countVitest(report({ numFailedTests: 2 }), 1)).toEqual({ passed: 3, failed: 2, skipped: 2 });
  });

  it('counts a file that died outside its tests', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'skipped' }] }, // beforeAll threw
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
    ];
    expect(countVitest(report({ testResults, numFailedTests: 1 }), 1).failed).toBe(3);
  });

  it('never reports success when vitest did not', () => {
    expect(countVitest(report({}), 1).failed).toBe(1); // an unhandled error between tests
    expect(countVitest(null, 0).failed).toBe(1); // no report was written
    expect(countVitest({ unrelated: true }, 0).failed).toBe(1);
  });

  it('adds everything into the closing line', () => {
    const total = [oneCheck(true), oneCheck(false), { passed: 5, failed: 0, skipped: 2 }].reduce(add, nothing);
    expect(closingLine(total)).toBe('6 passed, 1 failed, 2 skipped');
    expect(closingLine({ passed: 6, failed: 0, skipped: 0 })).toBe('6 passed, 0 failed');
  });

  it('fails when something failed or when nothing ran', () => {
    expect(exitCodeOf({ passed: 4, failed: 0, skipped: 0 })).toBe(0);
    expect(exitCodeOf({ passed: 4, failed: 1, skipped: 0 })).toBe(1);
    expect(exitCodeOf({ passed: 0, failed: 0, skipped: 3 })).toBe(1);
  });
});
