import { z } from 'zod';
import type { DeepReadonly } from './deep-readonly';

/** Codes that callers may branch on. */
const errorCodes = [
  'bad-input', // flags, fields, requests
  'bad-spec',
  'bad-data',
  'bad-model',
  'unsupported', // known, but not in this version
  'not-found',
  'no-space',
  'no-permission',
  'missing-on-machine',
  'engine-failed',
  'database',
  'stopped',
  'internal',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** What happened, where (file, row, field) and what to do. Crosses every process boundary as a plain object. */
export const appErrorSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  hint: z.string(),
  /** What a person or script needs beyond the message. */
  details: z.record(z.string(), z.unknown()).exactOptional(),
  retry: z.boolean().exactOptional(),
});
export type AppError = DeepReadonly<z.output<typeof appErrorSchema>>;

/** Failures are values: Electron keeps only the message of an error thrown across invoke. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: AppError };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

export const fail = (
  code: ErrorCode,
  message: string,
  hint: string,
  details?: Readonly<Record<string, unknown>>,
): Result<never> => ({
  ok: false,
  error: appError(code, message, hint, details),
});

export const appError = (
  code: ErrorCode,
  message: string,
  hint: string,
  details?: Readonly<Record<string, unknown>>,
): AppError => (details === undefined ? { code, message, hint } : { code, message, hint, details });

/**
 * Inside one process an AppError may travel as an exception; boundaries turn it back into a value with `toAppError`.
 */
export class AppFailure extends Error {
  constructor(
    readonly error: AppError,
    options?: ErrorOptions,
  ) {
    super(error.message, options);
    this.name = 'AppFailure';
  }
}

export const throwFailure = (
  code: ErrorCode,
  message: string,
  hint: string,
  details?: Readonly<Record<string, unknown>>,
): never => {
  throw new AppFailure(appError(code, message, hint, details));
};

/** What it says of itself, whatever was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** Errors of the operating system that a person can act on. */
const systemErrors: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOSPC: ['no-space', 'Free some disk space or choose another folder, then try again.'],
  EACCES: ['no-permission', 'Choose a folder you may write to, or change its permissions.'],
  EPERM: ['no-permission', 'Choose a folder you may write to, or change its permissions.'],
  EROFS: ['no-permission', 'The disk is read-only; choose another folder.'],
  ENOENT: ['not-found', 'Check the path; the file or folder does not exist.'],
  EISDIR: ['bad-input', 'Give a file, not a folder.'],
  ENOTDIR: ['bad-input', 'A part of this path is a file, not a folder.'],
};

export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppFailure) return thrown.error;
  if (thrown instanceof Error) {
    const code = (thrown as { code?: unknown }).code;
    const known = typeof code === 'string' && Object.hasOwn(systemErrors, code) ? systemErrors[code] : undefined;
    if (known) return appError(known[0], thrown.message, known[1], { systemCode: code });
    return appError(
      'internal',
      thrown.message || thrown.name,
      'This is a fault of the app. Copy the details into a report.',
      {
        stack: thrown.stack ?? '',
      },
    );
  }
  return appError('internal', String(thrown), 'This is a fault of the app. Copy the details into a report.');
}

/** Runs `work` and turns anything thrown into a value. */
export async function asResult<T>(work: () => Promise<T> | T): Promise<Result<T>> {
  try {
    return ok(await work());
  } catch (thrown) {
    return { ok: false, error: toAppError(thrown) };
  }
}

export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
