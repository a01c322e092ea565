import { describe, expect, it } from 'vitest';
import { parseEngineEvent } from '../../../../src-main/app/engine-events';
import type { EngineEvent } from '../../../../src-main/engine/protocol';

const pair = {
  row: 3,
  step: 1,
  split: 'train',
  chosenTokens: 5,
  rejectedTokens: 4,
  keptTokens: 4,
  chosenReward: 0.1,
  rejectedReward: -0.2,
  margin: 0.3,
  fullMargin: 0.4,
} as const;
const profile = { step: 1, binTokens: 8, chosen: [{ mean: 0.1, count: 2 }], rejected: [] };
const events: readonly EngineEvent[] = [
  { kind: 'ready' },
  { kind: 'engine', engine: { backend: 'tensorflow', library: 'TensorFlow 2.21.0', devices: ['CPU'], reason: null } },
  { kind: 'phase', phase: 'tokenize', done: 0, total: 4 },
  { kind: 'running', firstStep: 1, totalSteps: 8 },
  { kind: 'metrics', step: 1, epoch: 0.25, values: { loss: 0.69 }, pairs: [pair], profile },
  { kind: 'probe', sample: { step: 0, prompt: 0, promptText: 'p', text: '', tokens: 0, finish: 'eos' } },
  { kind: 'checkpoint', step: 4, path: '/c', bytes: 10, best: { step: 4, loss: 0.6 } },
  { kind: 'problem', message: 'm' },
  { kind: 'progress', done: 1, total: 2, what: 'score pairs' },
  { kind: 'done', job: 'train', value: { outcome: 'finished' } },
  { kind: 'failed', error: { code: 'bad-data', message: 'm', hint: 'h', details: { row: 1 } } },
];

describe('what an engine says', () => {
  it.each(events.map((event) => [event.kind, event] as const))(
    '%s comes through whole, also as JSON',
    (_kind, event) => {
      expect(parseEngineEvent(event)).toEqual(event);
      expect(parseEngineEvent(JSON.parse(JSON.stringify(event)))).toEqual(event);
    },
  );

  it('may hold numbers that are none where training blew up; JSON makes them null', () => {
    const blown = {
      kind: 'metrics',
      step: 1,
      epoch: 1,
      values: { loss: Number.NaN, grad_norm: Infinity },
      pairs: [{ ...pair, margin: Number.NaN }],
      profile: null,
    };
    expect(parseEngineEvent(blown)).toEqual(blown);
    expect(parseEngineEvent(JSON.parse(JSON.stringify(blown)))).toMatchObject({
      values: { loss: Number.NaN, grad_norm: Number.NaN },
      pairs: [{ margin: Number.NaN }],
    });
  });

  it('may count kept tokens in fractions: ldAlpha and averaging weigh tokens with less than one each', () => {
    const fraction = {
      kind: 'metrics',
      step: 1,
      epoch: 1,
      values: { loss: 1 },
      pairs: [{ ...pair, keptTokens: 4.3 }],
      profile: null,
    };
    expect(parseEngineEvent(JSON.parse(JSON.stringify(fraction)))).toEqual(fraction);
    expect(parseEngineEvent({ ...fraction, pairs: [{ ...pair, keptTokens: -1 }] })).toBeNull();
    expect(parseEngineEvent({ ...fraction, pairs: [{ ...pair, chosenTokens: 4.3 }] })).toBeNull();
  });

  it.each([
    null,
    'not a message',
    {},
    { kind: 'toString' },
    { kind: 'tomorrow' },
    { kind: 'running', firstStep: 1 },
    { kind: 'phase', phase: 'sleep', done: 0, total: 1 },
    { kind: 'metrics', step: -1, epoch: 0, values: {}, pairs: [], profile: null },
    { kind: 'metrics', step: 1, epoch: 0, values: { loss: '1' }, pairs: [], profile: null },
    { kind: 'checkpoint', step: 1, path: '/c', bytes: 1, best: { step: 1 } },
    { kind: 'failed', error: { code: 'unheard-of', message: 'm', hint: 'h' } },
    { kind: 'done', job: 'sing', value: 1 },
  ])('%j is refused', (message) => {
    expect(parseEngineEvent(message)).toBeNull();
  });
});
