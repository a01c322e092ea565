/** What `npm test` ends with. One shape for every kind of check, so that they can be added up. */
export const nothing = { passed: 0, failed: 0, skipped: 0 };

export const add = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

export const oneCheck = (isOk) => ({ ...nothing, [isOk ? 'passed' : 'failed']: 1 });

/**
 * Counts of one vitest run, from its JSON report and its exit code. A file that fails outside its tests (at
 * import, in a hook), an unhandled error and a missing report each count as a failure: none may end as "0 failed".
 */
export function countVitest(report, exitCode) {
  if (!report || !Array.isArray(report.testResults)) return { ...nothing, failed: 1 };
  const deadFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = report.numFailedTests + deadFiles;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  };
}

export const closingLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/** No test at all is a failure too: a typo in a filter must not look like success. */
export const exitCodeOf = ({ passed, failed }) => (failed > 0 || passed === 0 ? 1 : 0);
