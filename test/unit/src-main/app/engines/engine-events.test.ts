import { describe, expect, it } from 'vitest';
import { parseEngineEvent } from '../../../../../src-main/app/engines/engine-events';
import type { EngineEvent } from '../../../../../src-main/shared/ipc/engine-events';
import { jobNames } from '../../../../../src-main/shared/ipc/jobs';
import { pairPoint } from '../../../support/pair-points';

const pair = pairPoint({ row: 3, margin: 0.3 });
const profile = { step: 1, binTokens: 8, chosen: [{ mean: 0.1, count: 2 }], rejected: [] };
const scored = {
  row: 2,
  promptIds: [1, 2],
  chosenIds: [3],
  rejectedIds: [],
  chosenLogprobs: [-0.5],
  rejectedLogprobs: [],
};
const engine = { backend: 'tensorflow', library: 'TensorFlow 2.21.0', devices: ['CPU'], reason: null } as const;
const sample = { step: 0, prompt: 0, promptText: 'p', text: '', tokens: 0, finish: 'eos' } as const;
/** One of each kind, with all that it may hold. */
const events: readonly EngineEvent[] = [
  { kind: 'ready' },
  { kind: 'engine', seq: 1, engine },
  { kind: 'phase', phase: 'tokenize', done: 0, total: 4 },
  { kind: 'planned', neededBytes: 1.5, freeBytes: 2, advice: '' },
  { kind: 'content', seq: 2, datasetHash: 'd', modelHash: 'm' },
  { kind: 'running', seq: 3, firstStep: 1, totalSteps: 8 },
  { kind: 'metrics', seq: 4, step: 1, epoch: 0.25, values: { loss: 0.69 }, pairs: [pair], profile },
  { kind: 'probe', seq: 5, sample: { ...sample, trained: true } },
  { kind: 'checkpoint', seq: 6, step: 4, path: '/c', bytes: 10, best: { step: 4, loss: 0.6 } },
  { kind: 'problem', seq: 7, message: 'm' },
  { kind: 'progress', done: 1, total: 2, what: 'score pairs' },
  { kind: 'logprobs', pairs: [scored] },
  { kind: 'done', seq: 8, job: 'train', value: { outcome: 'finished' } },
  { kind: 'failed', error: { code: 'bad-data', message: 'm', hint: 'h', details: { row: 1 }, retry: true } },
];
/** What may be left out; all else must be there. */
const optional = ['seq', 'trained', 'details', 'retry'];

/** The message without one of its fields, or with something in its place, for each field however deep. */
function damaged(value: unknown, put?: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]): (readonly [string, unknown])[] => {
    const isEntry = Array.isArray(value) || ['details', 'values'].includes(key);
    const rest = Object.entries(value).filter(([other]) => other !== key);
    const make = (now: unknown): unknown =>
      Array.isArray(value)
        ? value.map((one: unknown, i) => (String(i) === key ? now : one))
        : Object.fromEntries([...rest, [key, now]]);
    const own = put === undefined ? Object.fromEntries(rest) : make(put);
    const below = ['details', 'value', 'values'].includes(key)
      ? []
      : damaged(inner, put).map(([path, made]) => [`${key}.${path}`, make(made)] as const);
    return [...(isEntry && put === undefined ? [] : [[key, own] as const]), ...below];
  });
}

describe('what an engine says', () => {
  it.each(events.map((event) => [event.kind, event] as const))(
    '%s comes through whole, also as JSON',
    (_kind, event) => {
      expect(parseEngineEvent(event)).toEqual(event);
      expect(parseEngineEvent(JSON.parse(JSON.stringify(event)))).toEqual(event);
    },
  );

  it.each(events.flatMap((event) => damaged(event).map(([field, made]) => [event.kind, field, made] as const)))(
    '%s without %s is refused, unless it may be left out',
    (_kind, field, made) => {
      const parsed = parseEngineEvent(made);
      if (optional.includes(field.split('.').at(-1)!)) expect(parsed).toEqual(made);
      else expect(parsed).toBeNull();
    },
  );

  it.each(events.flatMap((event) => damaged(event, {}).map(([field, made]) => [event.kind, field, made] as const)))(
    '%s with an object as %s is refused, unless it may be one',
    (_kind, field, made) => {
      if (['value', 'values', 'details'].includes(field.split('.').at(-1)!))
        expect(parseEngineEvent(made)).not.toBeNull();
      else expect(parseEngineEvent(made)).toBeNull();
    },
  );

  const [, engineEvent, phase, , , running, metrics, probe, checkpoint, , , , done, failed] = events;
  it.each<readonly [unknown, boolean]>([
    ...['tensorflow', 'wasm', 'cpu'].map(
      (backend) => [{ ...engineEvent, engine: { ...engine, backend } }, true] as const,
    ),
    [{ ...engineEvent, engine: { ...engine, reason: 'slow' } }, true],
    [{ ...engineEvent, engine: { ...engine, backend: 'torch' } }, false],
    ...['tokenize', 'reference', 'build'].map((name) => [{ ...phase, phase: name }, true] as const),
    ...['eos', 'length', 'stop'].map((finish) => [{ ...probe, sample: { ...sample, finish } }, true] as const),
    [{ ...probe, sample: { ...sample, finish: 'end' } }, false],
    ...['train', 'eval'].map((split) => [{ ...metrics, pairs: [{ ...pair, split }] }, true] as const),
    [{ ...metrics, pairs: [{ ...pair, split: 'test' }] }, false],
    [{ ...metrics, pairs: [], profile: null }, true],
    [{ ...checkpoint, best: null }, true],
    ...jobNames.map((job) => [{ ...done, job }, true] as const),
    ...[
      'bad-input',
      'bad-spec',
      'bad-data',
      'bad-model',
      'unsupported',
      'not-found',
      'no-space',
      'no-permission',
      'missing-on-machine',
      'engine-failed',
      'database',
      'stopped',
      'internal',
    ].map((code) => [{ ...failed, error: { code, message: 'm', hint: 'h' } }, true] as const),
    [{ ...running, seq: 0 }, false],
    [{ ...running, seq: 1 }, true],
    [{ ...running, firstStep: 0 }, true],
    [{ ...running, firstStep: -1 }, false],
    [{ ...running, firstStep: 0.5 }, false],
  ])('%j is part of the protocol: %s', (message, isPart) => {
    expect(parseEngineEvent(message)).toEqual(isPart ? message : null);
  });

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
