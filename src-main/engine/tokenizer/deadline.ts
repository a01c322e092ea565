import vm from 'node:vm';
import { AppFailure, throwFailure } from '../../shared/result';

/**
 * Programs and patterns of strangers (chat templates, a tokenizer's patterns) may never end. V8 ends what runs inside
 * a `vm` script with a timeout, wherever it is, in the middle of a regular expression too; what it calls may live
 * outside.
 */
const limit = 5000; // ms
const slice = 100; // ms

let work: (() => unknown) | null = null; // what the watched script calls; null: nothing is watched
let running = { what: 'The model', where: '' }; // the last that said what it is
const context = vm.createContext(Object.assign(Object.create(null) as object, { work: () => work?.() }));
const script = new vm.Script('work()');

/** Says what runs, for the message of a deadline that ends it. */
export function naming<T>(what: string, where: string, run: () => T): T {
  running = { what, where };
  return run();
}

/** Runs `run`, which ends within 5 s or is ended. One inside another is part of the outer one. */
export function withDeadline<T>(run: () => T, ms = limit): T {
  if (work !== null) return run();
  work = run;
  try {
    return script.runInContext(context, { timeout: ms, displayErrors: false }) as T;
  } catch (thrown) {
    if ((thrown as { code?: unknown } | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw thrown;
    return tooSlow(ms, null);
  } finally {
    work = null;
  }
}

/** `run` for each item, each with its deadline. A watch costs 50 µs, so one serves 100 ms of items. */
export function eachWithDeadline<T>(
  items: readonly T[],
  rowOf: (item: T) => number,
  run: (item: T, index: number) => void,
  ms = limit,
): void {
  let next = 0;
  const some = (): void => {
    const until = performance.now() + slice;
    do run(items[next]!, next++);
    while (next < items.length && performance.now() < until);
  };
  try {
    while (next < items.length) withDeadline(some, ms);
  } catch (thrown) {
    if (thrown instanceof AppFailure && thrown.error.details?.deadline === true) tooSlow(ms, rowOf(items[next - 1]!));
    throw thrown;
  }
}

function tooSlow(ms: number, row: number | null): never {
  const { what, where } = running;
  const hint =
    'Templates and patterns that run this long are refused. Take the file from the original model, or shorten ' +
    'that text.';
  return throwFailure(
    'bad-model',
    `${what} takes longer than ${ms / 1000} s${row === null ? ' for one text' : ` for row ${row}`}.`,
    hint,
    { file: where, deadline: true, ...(row === null ? {} : { row }) },
  );
}
