import { describe, expect, it } from 'vitest';
import { parsers, type Requests } from '../../../../src-main/shared/ipc/contract';
import type { MetricName } from '../../../../src-main/shared/metrics/registry';
import { appError } from '../../../../src-main/shared/result';
import { loadSeries } from '../../../../src-renderer/api/load-series';
import { FakeFailure, fakeApi } from '../harness/fake-api';
import { runId } from '../harness/fake-data';

const id = runId('r_live');
const names = Array.from({ length: 150 }, (_, i) => `metric/${i}` as MetricName); // more than there are
const everything = { fromStep: null, toStep: null };

describe('loadSeries', () => {
  it('brings every name, however many, in requests that main takes', async () => {
    const api = fakeApi({
      'runs:series': (input) =>
        Object.fromEntries(input.names.map((name) => [name, [{ step: 1, value: 1, min: 1, max: 1 }]])),
    });
    const answer = await loadSeries(api, id, names, everything);
    expect(answer.ok && Object.keys(answer.value)).toEqual(names);
    const asked = api.called('runs:series') as readonly Requests['runs:series']['in'][];
    expect(asked.flatMap((input) => input.names)).toEqual(names);
    for (const input of asked) expect(parsers['runs:series'].safeParse(input).success).toBe(true);
  });
  it('fails as a whole where one request does', async () => {
    const error = appError('database', 'The database is locked.', 'Try again.');
    const api = fakeApi({
      'runs:series': ({ names: [first] }) => {
        if (first === names[64]) throw new FakeFailure(error);
        return {};
      },
    });
    expect(await loadSeries(api, id, names, everything)).toEqual({ ok: false, error });
  });
  it('asks nothing for no names', async () => {
    const api = fakeApi();
    expect(await loadSeries(api, id, [], everything)).toEqual({ ok: true, value: {} });
    expect(api.called('runs:series')).toEqual([]);
  });
});
