import { afterEach, describe, expect, it } from 'vitest';
import { findRun } from '../../../../../src-main/app/cli/context';
import { closeContexts, testContext } from '../../../support/handlers';
import { anyRun } from '../../../support/runs';

afterEach(closeContexts);

describe('a run by a word of the command line', () => {
  const withRuns = (...ids: readonly string[]) => {
    const { services } = testContext();
    ids.forEach((id, i) => services.store.runs.insert(anyRun({ id: id as never, createdAt: i + 1 })));
    return (word: string): string => findRun(services, word).id;
  };

  it.each([
    ['last', 'r_abcd'],
    ['r_ab1', 'r_ab1'],
    ['r_abc', 'r_abc'], // whole, though another one begins so
    ['r_abcd', 'r_abcd'],
    ['r_f', 'r_ff0'],
  ])('%s is %s', (word, id) => {
    expect(withRuns('r_ab1', 'r_ff0', 'r_abc', 'r_abcd')(word)).toBe(id);
  });

  it.each([
    ['r_ab', '3 runs begin with r_ab.', 'Write more of the id: r_abcd, r_abc, r_ab1.'],
    ['r_0', 'There is no run r_0.', 'npx sampo runs list shows all of them.'],
    ['abc', 'There is no run abc.', 'npx sampo runs list shows all of them.'],
  ])('%s is refused', (word, message, hint) => {
    const find = withRuns('r_ab1', 'r_ff0', 'r_abc', 'r_abcd');
    expect(() => find(word)).toThrow(expect.objectContaining({ error: { code: 'not-found', message, hint } }));
  });

  it('last is refused where there is none', () => {
    expect(() => withRuns()('last')).toThrow(/There is no run yet/);
  });
});
