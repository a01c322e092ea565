/** A failure the user can act on: printed as message and hint, without a stack. */
export class SetupError extends Error {
  constructor(message, hint, options) {
    super(message, options);
    this.name = 'SetupError';
    this.hint = hint;
  }
}

export function explain(error) {
  if (!(error instanceof SetupError)) return error?.stack ?? String(error);
  return error.hint ? `${error.message}\n  ${error.hint}` : error.message;
}
