import { toAppError, type AppError } from '../shared/result';
import { databaseError } from '../store/errors';

/** Whatever was thrown, as a person should hear it. */
export const describeError = (thrown: unknown): AppError => databaseError(thrown) ?? toAppError(thrown);
