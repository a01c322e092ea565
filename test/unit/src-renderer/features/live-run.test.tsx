// @vitest-environment jsdom
import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { appError } from '../../../../src-main/shared/result';
import type { RunSpec } from '../../../../src-main/shared/spec/run-spec';
import { testIds } from '../../../../src-renderer/test-ids';
import { FakeFailure, fakeApi, makeWorld } from '../harness/fake-api';
import { run, runId, sampleRuns } from '../harness/fake-data';
import { renderApp } from '../support/render-app';

const id = runId('r_live');
const report = (seq: number, loss: number) => ({
  runId: id,
  seq,
  points: [{ step: seq, name: 'loss' as const, value: loss }],
  pairs: [],
  profile: null,
});
const frames = (): Promise<void> => act(() => new Promise<void>((resolve) => setTimeout(resolve, 350)));

describe('a run as it happens', () => {
  it('draws what the store holds and moves with events', async () => {
    const api = fakeApi();
    renderApp(api, '#/runs/r_live');
    await screen.findByTestId(testIds.chartSentence('loss'));
    expect(screen.getByTestId(testIds.runStatus).getAttribute('data-status')).toBe('running');
    expect(screen.getByTestId(testIds.runEngine).textContent).toBe('TensorFlow 2.21.0 · CPU · 2 cores');
    expect(screen.getByTestId(testIds.runLengthVerdict).textContent).toContain('Length:');
    act(() => api.emit('runs:metrics', report(61, 0.1234)));
    await waitFor(() => expect(screen.getByTestId(testIds.chart('loss')).textContent).toContain('0.123'));
    expect(api.called('runs:series')).toHaveLength(1);
  });
  it('asks the store again after a gap, and when the window comes back', async () => {
    const api = fakeApi();
    renderApp(api, '#/runs/r_live');
    await screen.findByTestId(testIds.chartSentence('loss'));
    act(() => api.emit('runs:metrics', report(75, 0.2)));
    await waitFor(() => expect(api.called('runs:series')).toHaveLength(2));
    act(() => void window.dispatchEvent(new Event('focus')));
    await waitFor(() => expect(api.called('runs:series')).toHaveLength(3));
  });
  it('ignores reports of other runs', async () => {
    const api = fakeApi();
    renderApp(api, '#/runs/r_live');
    await screen.findByTestId(testIds.chartSentence('loss'));
    act(() => api.emit('runs:metrics', { ...report(61, 0.1234), runId: runId('r_other') }));
    await frames();
    expect(screen.getByTestId(testIds.chart('loss')).textContent).not.toContain('0.123');
  });
  it('shows every chart as a table', async () => {
    renderApp(fakeApi(), '#/runs/r_live');
    fireEvent.click(await screen.findByTestId(testIds.chartMenu('loss')));
    fireEvent.click(await screen.findByText('Show as table'));
    expect((await screen.findByTestId(testIds.chartTable('loss'))).querySelectorAll('tbody tr')).toHaveLength(60);
  });
  it('lists every number with what it means', async () => {
    const api = fakeApi();
    renderApp(api, '#/runs/r_live');
    await screen.findByTestId(testIds.chartSentence('loss'));
    act(() => api.emit('runs:metrics', report(61, 0.1234)));
    await waitFor(() => expect(screen.getByTestId(testIds.chart('loss')).textContent).toContain('0.123'));
    fireEvent.click(screen.getByTestId(testIds.runTab('numbers')));
    const row = (await screen.findByRole('table', { name: 'All numbers' })).querySelector(
      'tbody tr:has(td:nth-child(4))',
    )!;
    expect(screen.getByRole('table', { name: 'All numbers' }).textContent).toContain('What training lowers');
    expect(row.querySelectorAll('td')).toHaveLength(4);
    expect(screen.getByRole('table', { name: 'All numbers' }).textContent).toContain('0.123');
  });
  it('says what stopping does before it stops', async () => {
    const api = fakeApi();
    renderApp(api, '#/runs/r_live');
    fireEvent.click(await screen.findByTestId(testIds.runStop));
    expect((await screen.findByRole('dialog')).textContent).toContain('nothing is lost');
    fireEvent.click(screen.getByTestId(testIds.confirmYes));
    await waitFor(() => expect(screen.getByTestId(testIds.runStatus).getAttribute('data-status')).toBe('stopped'));
    expect(screen.getByTestId(testIds.runResume)).toBeTruthy();
  });
  it('leads a failed run with what failed, keeps all it has and offers to go on', async () => {
    renderApp(fakeApi(), '#/runs/r_failed');
    expect((await screen.findByTestId(testIds.runError)).textContent).toMatch(
      /Failed at step 61.*out of memory.*up to step 50 is saved/,
    );
    expect(screen.getByTestId(testIds.runResume)).toBeTruthy();
    expect(screen.getByTestId(testIds.chart('loss'))).toBeTruthy();
  });
  it('says why a run cannot go on now', async () => {
    renderApp(
      fakeApi({
        'runs:resume': () => {
          throw new FakeFailure(appError('bad-input', 'Another run is training.', 'Pause or stop it first.'));
        },
      }),
      '#/runs/r_paused',
    );
    fireEvent.click(await screen.findByTestId(testIds.runResume));
    expect((await screen.findByRole('dialog')).textContent).toContain('Another run is training.');
    fireEvent.click(screen.getByTestId(testIds.confirmNo));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });
  it('has no length charts for supervised runs', async () => {
    renderApp(fakeApi(), '#/runs/r_sft');
    await screen.findByTestId(testIds.chart('loss'));
    expect(screen.queryByTestId(testIds.chart('margin-length'))).toBeNull();
    // its answers have a length, its pairs no margins
    expect(screen.getByTestId(testIds.runLengthVerdict).textContent).not.toContain('pairs');
  });
  it('shows a run of the first version, whose spec lacks fields of today', async () => {
    const { roundData: _data, ...known } = run({ id: 'x' }).spec;
    const { keepBest: _best, earlyStopping: _stop, ...training } = known.training;
    const old = {
      ...known,
      training,
      method: { id: 'dpo', beta: 0.3, labelSmoothing: 0, sampling: null },
    } as unknown as RunSpec;
    renderApp(fakeApi({}, makeWorld([run({ id: 'r_first', method: 'dpo', spec: old })])), '#/runs/r_first');
    await screen.findByTestId(testIds.chartSentence('loss'));
    expect(document.body.textContent).toContain('DPO (beta 0.3, label smoothing 0)');
    expect(screen.getByTestId(testIds.chart('kept')).textContent).not.toContain('kept of each side');
    expect(screen.getByText('the model before training')).toBeTruthy();
  });
  it('does not compare with a reference that a method does not have', async () => {
    renderApp(fakeApi({}, makeWorld([run({ id: 'r_simpo', method: 'simpo' })])), '#/runs/r_simpo');
    expect((await screen.findByTestId(testIds.chartSentence('rewards'))).textContent).toContain(
      'Without a reference rewards are scaled log-probs',
    );
    expect(screen.getByTestId(testIds.chart('loss')).textContent).not.toContain('no preference');
  });
  it('says when data will come', async () => {
    renderApp(
      fakeApi({}, makeWorld([run({ id: 'r_new', status: 'preparing', step: 0, verdict: null, loss: null })])),
      '#/runs/r_new',
    );
    expect((await screen.findByTestId(testIds.chart('loss'))).textContent).toContain('Comes with the first step');
  });
  it('shows a failure to load with another try that works', async () => {
    let isBroken = true;
    const world = makeWorld(sampleRuns());
    const fallback = fakeApi({}, world);
    const api = fakeApi(
      {
        'runs:get': async (input) => {
          if (isBroken)
            throw new FakeFailure(appError('database', 'The database is locked.', 'Close the other window.'));
          const answer = await fallback.request('runs:get', input);
          if (!answer.ok) throw new FakeFailure(answer.error);
          return answer.value;
        },
      },
      world,
    );
    renderApp(api, '#/runs/r_live');
    expect((await screen.findByTestId(testIds.errorPanel)).textContent).toContain('The database is locked.');
    isBroken = false;
    fireEvent.click(screen.getByText('Try again'));
    expect(await screen.findByTestId(testIds.chart('loss'))).toBeTruthy();
  });
});
