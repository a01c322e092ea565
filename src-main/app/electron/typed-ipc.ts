import { parsers, type Channel, type Handlers } from '../../shared/ipc/contract';
import { appError, throwFailure, type Result } from '../../shared/result';
import { describeError } from '../errors';
import { forLog, log } from '../../shared/log';

/**
 * One request from a window: check the sender, parse the input, run the handler, and make a value of whatever happens.
 */
export async function answer(
  handlers: Handlers,
  channel: Channel,
  isTrusted: boolean,
  input: unknown,
): Promise<Result<unknown>> {
  const asked = Date.now();
  const answered = await answerOwnPage(isTrusted, () => {
    const parsed = parsers[channel].safeParse(input);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      throwFailure(
        'bad-input',
        `${channel}: ${issue.path.join('.') || 'input'}: ${issue.message}`,
        'Check the value; if the app made it itself, copy the details into a report.',
        { path: issue.path.join('.') },
      );
    }
    return (handlers[channel] as (value: unknown) => Promise<unknown>)(parsed.data);
  });
  log.debug('window', `${channel}: ${answered.ok ? 'answered' : 'refused'} after ${Date.now() - asked} ms`);
  return answered;
}

/** What `work` gives or throws, as a value; for the app's own page only. */
export async function answerOwnPage<T>(isTrusted: boolean, work: () => T | Promise<T>): Promise<Result<T>> {
  if (!isTrusted) log.warn('window', 'a request that did not come from the app’s own page was refused');
  if (!isTrusted)
    return {
      ok: false,
      error: appError('bad-input', 'The request did not come from the app’s own page.', 'Nothing was done.'),
    };
  try {
    return { ok: true, value: await work() };
  } catch (thrown) {
    const error = describeError(thrown);
    if (error.code === 'internal') log.error('window', 'a request failed', thrown);
    else log.info('window', `a request was refused: ${forLog(error)}`);
    return { ok: false, error };
  }
}

export const channels = Object.keys(parsers) as readonly Channel[];
