import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../../../../src-main/shared/spec/method-spec';
import type { RunSpec } from '../../../../src-main/shared/spec/run-spec';
import { configRows } from '../../../../src-renderer/state/config-rows';
import { defaultSpec } from '../../../../src-renderer/state/default-spec';

const differences = (...specs: readonly RunSpec[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    configRows(specs)
      .filter(({ isDifferent }) => isDifferent)
      .map(({ label, values }) => [label, values]),
  );
const withMethod = (method: RunSpec['method']): RunSpec => ({ ...defaultSpec, method });

describe('configRows', () => {
  it('says what differs between two methods, with – where one has no such setting', () => {
    expect(differences(withMethod(defaultsOf('sampo')), withMethod(defaultsOf('dpo')))).toEqual({
      Method: ['SamPO', 'DPO'],
      'Down-sampling': ['shared', 'none'],
    });
    expect(differences(withMethod(defaultsOf('dpo')), withMethod(defaultsOf('simpo')))).toEqual({
      Method: ['DPO', 'SimPO'],
      Beta: ['0.1', '2.5'],
      'Label smoothing': ['0', '–'],
      Variant: ['–', 'paper'],
      'Target margin': ['–', '1.4'],
    });
  });
  it('finds no difference between a spec of the first version and the same of today', () => {
    const { keepBest: _best, earlyStopping: _stop, ...training } = defaultSpec.training;
    const { roundData: _data, ...rest } = defaultSpec;
    const old = {
      ...rest,
      training,
      method: { id: 'sampo', beta: 0.1, labelSmoothing: 0, sampling: null },
    } as unknown as RunSpec;
    expect(differences(defaultSpec, old)).toEqual({});
  });
  it('speaks as the form does', () => {
    const other: RunSpec = {
      ...defaultSpec,
      adapter: { kind: 'none' },
      training: {
        ...defaultSpec.training,
        maxSteps: 40,
        truncation: 'drop',
        earlyStopping: { patience: 2, minDelta: 0 },
      },
    };
    expect(differences(defaultSpec, other)).toMatchObject({
      Trained: ['LoRA adapter', 'all weights'],
      Steps: ['from epochs', '40 steps'],
      'Pairs that do not fit': ['Cut the end of the answers', 'Leave the pair out'],
      'Stop early': ['no', 'yes'],
      Patience: ['–', '2'],
      Rank: ['16', '–'],
      Layers: ['All linear layers', '–'],
    });
  });
});
