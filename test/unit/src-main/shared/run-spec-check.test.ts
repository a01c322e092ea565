import { describe, expect, it } from 'vitest';
import { checkRunSpec, nearestName } from '../../../../src-main/shared/run-spec-check';

const base = { model: { path: 'm' }, dataset: { path: 'd' } };
const error = (change: Record<string, unknown>) => {
  const checked = checkRunSpec({ ...base, ...change });
  return checked.ok ? null : checked.error;
};

describe('run specs', () => {
  it('fill in every default', () => {
    const checked = checkRunSpec(base);
    expect(checked).toMatchObject({ ok: true, value: { version: 1, method: { id: 'sampo', beta: 0.1 }, adapter: { kind: 'lora', rank: 16, alpha: 32, targets: 'all-linear' }, training: { pairsPerStep: 4, learningRate: 1e-5, clipNorm: 1 } } });
  });

  it.each([
    [{ training: { learningrate: 1 } }, 'training.learningrate', /Did you mean training.learningRate/],
    [{ adapter: { kind: 'lora', rnk: 4 } }, 'adapter.rnk', /Did you mean adapter.rank/],
    [{ modle: {} }, 'modle', /Did you mean model/],
    [{ adapter: { kind: 'none', rank: 4 } }, 'adapter.rank', /./],
  ])('refuse an unknown field by name, with the nearest known one: %j', (change, path, hint) => {
    expect(error(change)).toMatchObject({ code: 'bad-spec', details: { path } });
    expect(error(change)!.hint).toMatch(hint);
  });

  it.each([
    [{ version: 2 }, 'bad-spec', /version 2/],
    [{ method: { id: 'simpo' } }, 'unsupported', /simpo/],
    [{ method: { sampling: 'topk' } }, 'unsupported', /topk/],
    [{ method: { wpo: true } }, 'unsupported', /wpo/],
    [{ rounds: 3 }, 'unsupported', /rounds/],
    [{ training: { precision: 'bfloat16' } }, 'unsupported', /bfloat16/],
    [{ training: { learningRate: -1 } }, 'bad-spec', /training.learningRate/],
    [{ objective: 'supervised' }, 'bad-spec', /supervised/],
    [{ training: { microBatchPairs: 8, pairsPerStep: 4 } }, 'bad-spec', /micro-batch of 8/],
  ])('refuse what this version cannot do: %j', (change, code, message) => {
    expect(error(change)).toMatchObject({ code });
    expect(error(change)!.message).toMatch(message);
  });

  it('are objects', () => {
    expect(checkRunSpec([])).toMatchObject({ ok: false });
    expect(checkRunSpec(null)).toMatchObject({ ok: false });
  });

  it('guess near names only', () => {
    expect(nearestName('trian', ['train', 'runs'])).toBe('train');
    expect(nearestName('zzzzzz', ['train', 'runs'])).toBeNull();
  });
});
