import { describe, expect, it } from 'vitest';
import {
  dropChannel,
  eventChannel,
  eventNames,
  parsers,
  type Channel,
  type Events,
} from '../../../../../src-main/shared/ipc/contract';
import { shortJobs } from '../../../../../src-main/shared/ipc/jobs';
import { runSpecSchema } from '../../../../../src-main/shared/spec/run-spec';

const long = (length: number): string => 'x'.repeat(length);
const many = <T>(count: number, item: T): readonly T[] => Array.from({ length: count }, () => item);
const spec = runSpecSchema.parse({ model: { path: 'm' }, dataset: { path: 'd' } });
const roles = { prompt: 'p', chosen: 'c', rejected: 'r', system: 's' };
const run = { id: 'r' };

/** What the page may send at most, and at least. */
const accepted: { readonly [C in Channel]: readonly unknown[] } = {
  'app:info': [undefined],
  'app:doctor': [undefined],
  'app:methods': [undefined],
  'app:diagnostics': [undefined],
  'app:save-diagnostics': [undefined],
  'app:end-now': [undefined],
  'app:reveal': ['home', 'log', 'run', 'export'].flatMap((what) => [
    { what, id: null },
    { what, id: long(100) },
  ]),
  'settings:get': [undefined],
  'settings:set': [
    {},
    ...['system', 'light', 'dark'].map((theme) => ({ theme })),
    ...['auto', 'tensorflow', 'wasm'].map((engine) => ({ engine })),
    ...['auto', 'cpu', 'gpu:0', 'gpu:15'].map((device) => ({ device })),
    { theme: 'dark', engine: 'wasm', device: 'cpu', tf32: true },
    { tf32: false },
  ],
  'files:pick': ['dataset', 'model-folder', 'model-file', 'export-folder'].map((kind) => ({ kind })),
  'models:list': [undefined],
  'models:add': [{ token: 't' }],
  'models:remove': [{ id: 'm' }],
  'datasets:list': [undefined],
  'datasets:columns': [{ token: 't' }],
  'datasets:inspect': [
    { token: 't', format: 'auto', columns: null, modelId: null },
    { token: 't', format: 'hh', columns: roles, modelId: 'm' },
  ],
  'datasets:add': [
    { token: 't', format: 'auto', columns: null, name: 'd', modelId: null },
    { token: 't', format: 'pairs', columns: roles, name: long(200), modelId: 'm' },
  ],
  'datasets:measure': [{ id: 'd', modelId: 'm' }],
  'datasets:remove': [{ id: 'd' }],
  'datasets:rows': [
    { id: 'd', offset: 0, limit: 0, search: '' },
    { id: 'd', offset: 1e9, limit: 200, search: long(500) },
  ],
  'datasets:preview': [
    { id: 'd', modelId: 'm', maxLength: 8, rows: [], sampling: '' },
    { id: 'd', modelId: 'm', maxLength: 1e6, rows: many(50, 0), sampling: long(20) },
  ],
  'runs:list': [{ search: '' }, { search: long(500) }],
  'runs:lost': [undefined],
  'runs:recover': [undefined],
  'runs:get': [run],
  'runs:forecast': [spec],
  'runs:measure': [{ spec, steps: 1 }],
  'runs:start': [{ specs: [spec] }, { specs: many(8, spec) }],
  'runs:resume': [run],
  'runs:pause': [run],
  'runs:stop': [run],
  'runs:rename': [
    { id: 'r', name: '' },
    { id: 'r', name: long(200) },
  ],
  'runs:delete': [run],
  'runs:series': [
    { id: 'r', names: [], fromStep: null, toStep: null, maxPoints: 2 },
    { id: 'r', names: many(64, long(100)), fromStep: 0, toStep: 1e6, maxPoints: 2000 },
  ],
  'runs:pairs': [
    { id: 'r', sinceStep: 0, limit: 0 },
    { id: 'r', sinceStep: 1e6, limit: 20_000 },
  ],
  'runs:profile': [run],
  'runs:compare': [{ ids: ['r'] }, { ids: many(8, 'r') }],
  'runs:spec-json': [spec],
  'runs:save-spec': [spec],
  'runs:sample': [undefined],
  'jobs:list': [undefined],
  'jobs:cancel': [{ id: 'j' }, ...shortJobs.map((job) => ({ job }))],
  'exports:start': ['f32', 'f16', 'bf16'].flatMap((dtype) =>
    ['merged', 'adapter'].map((form) => ({ runId: 'r', form, dtype, folder: 't', folderName: long(200) })),
  ),
  'exports:preview': [{ runId: 'r', form: 'merged', dtype: 'f16' }],
};
/** One step beyond. */
const refused: { readonly [C in Channel]?: readonly unknown[] } = {
  'app:reveal': [
    { what: 'home', id: '' },
    { what: 'home', id: long(101) },
    { what: '', id: null },
  ],
  'settings:set': [
    { theme: '' },
    { engine: '' },
    { device: '' },
    { device: 'gpu:' },
    { device: 'gpu:100' },
    { tf32: 1 },
  ],
  'files:pick': [{ kind: '' }],
  'models:add': [{ token: '' }, { token: long(101) }],
  'datasets:inspect': [
    { token: 't', format: '', columns: null, modelId: null },
    { token: 't', format: 'auto', columns: { answer: 'x' }, modelId: null },
  ],
  'datasets:add': [
    { token: 't', format: 'auto', columns: null, name: '', modelId: null },
    { token: 't', format: 'auto', columns: null, name: long(201), modelId: null },
  ],
  'datasets:rows': [
    { id: 'd', offset: -1, limit: 1, search: '' },
    { id: 'd', offset: 0.5, limit: 1, search: '' },
    { id: 'd', offset: 0, limit: 201, search: '' },
    { id: 'd', offset: 0, limit: 1, search: long(501) },
  ],
  'datasets:preview': [
    { id: 'd', modelId: 'm', maxLength: 7, rows: [], sampling: '' },
    { id: 'd', modelId: 'm', maxLength: 8, rows: many(51, 0), sampling: '' },
    { id: 'd', modelId: 'm', maxLength: 8, rows: [-1], sampling: '' },
    { id: 'd', modelId: 'm', maxLength: 8, rows: [], sampling: long(21) },
  ],
  'runs:list': [{ search: long(501) }],
  'runs:forecast': [{ ...spec, model: {} }],
  'runs:measure': [{ spec, steps: 0 }],
  'runs:start': [{ specs: [] }, { specs: many(9, spec) }],
  'runs:rename': [{ id: 'r', name: long(201) }],
  'runs:series': [
    { id: 'r', names: many(65, 'a'), fromStep: null, toStep: null, maxPoints: 2 },
    { id: 'r', names: [long(101)], fromStep: null, toStep: null, maxPoints: 2 },
    { id: 'r', names: [], fromStep: -1, toStep: null, maxPoints: 2 },
    { id: 'r', names: [], fromStep: null, toStep: null, maxPoints: 1 },
    { id: 'r', names: [], fromStep: null, toStep: null, maxPoints: 2001 },
  ],
  'runs:pairs': [{ id: 'r', sinceStep: 0, limit: 20_001 }],
  'runs:compare': [{ ids: [] }, { ids: many(9, 'r') }],
  'jobs:cancel': [{ id: 'j', job: 'doctor' }, { job: '' }, { job: 'train' }],
  'exports:start': [
    { runId: 'r', form: '', dtype: 'f16', folder: 't', folderName: 'x' },
    { runId: 'r', form: 'merged', dtype: '', folder: 't', folderName: 'x' },
    { runId: 'r', form: 'merged', dtype: 'f16', folder: 't', folderName: '' },
    { runId: 'r', form: 'merged', dtype: 'f16', folder: 't', folderName: long(201) },
  ],
};
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

describe('what a page may ask', () => {
  it('is this and nothing else', () => expect(Object.keys(parsers).sort()).toEqual(Object.keys(accepted).sort()));
  it.each(Object.keys(accepted) as readonly Channel[])(
    '%s: up to its ends, every field of it, and no other',
    (channel) => {
      const takes = (input: unknown): boolean => parsers[channel].safeParse(input).success;
      for (const input of accepted[channel]) {
        expect(parsers[channel].parse(input)).toEqual(input);
        if (!isObject(input)) {
          expect([takes(null), takes({}), takes('')]).toEqual([false, false, false]);
          continue;
        }
        expect(takes({ ...input, more: 1 }), 'another field').toBe(false);
        if (channel === 'settings:set' || input === spec) continue; // each of their fields may be left out
        for (const name of Object.keys(input))
          expect(takes({ ...input, [name]: undefined }), `${channel} without ${name}`).toBe(false);
      }
      for (const input of refused[channel] ?? []) expect(takes(input), JSON.stringify(input).slice(0, 200)).toBe(false);
    },
  );
});

describe('what a page is told', () => {
  it('is every kind of event once', () => {
    const events: Readonly<Record<keyof Events, true>> = {
      'runs:changed': true,
      'runs:removed': true,
      'runs:metrics': true,
      'runs:probe': true,
      'models:changed': true,
      'datasets:changed': true,
      'exports:progress': true,
      'jobs:changed': true,
      'settings:changed': true,
      'app:closing': true,
      'app:show': true,
    };
    expect([...eventNames].sort()).toEqual(Object.keys(events).sort());
  });
  it('comes on a channel that no request has', () => {
    const channels = [...Object.keys(parsers), eventChannel, dropChannel];
    expect(new Set(channels).size).toBe(channels.length);
    expect(channels).not.toContain('');
  });
});
