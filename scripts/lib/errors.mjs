/** A failure the user can act on: printed as message and hint, without a stack. */
export class SetupError extends Error {
  constructor(message, hint, options) {
    super(message, options);
    this.name = 'SetupError';
    this.hint = hint;
  }
}

/** A word or flag that a command does not know. */
export class UsageError extends SetupError {}

const kinds = {
  bad: { exit: 2, code: 'bad-input' },
  missing: { exit: 3, code: 'missing-on-machine' },
  fault: { exit: 1, code: 'internal' },
};
const kindOf = (error) =>
  kinds[error instanceof UsageError ? 'bad' : error instanceof SetupError ? 'missing' : 'fault'];

/** As the app's own command line ends: 2 refused, 3 something is missing on this machine, 1 anything else. */
export const exitCodeOf = (error) => kindOf(error).exit;

/** As the app's own command line prints errors with --json. */
export function asError(error) {
  const { code } = kindOf(error);
  const message = error?.message ?? String(error);
  if (code !== 'internal') return { code, message, hint: error.hint ?? 'Run npm run setup again once this is mended.' };
  const details = { stack: error?.stack ?? '' };
  return { code, message, hint: 'This is a fault of the app. Copy the details into a report.', details };
}

export function explain(error) {
  if (!(error instanceof SetupError)) return error?.stack ?? String(error);
  return error.hint ? `${error.message}\n  ${error.hint}` : error.message;
}
