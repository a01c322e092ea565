// @vitest-environment jsdom
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { MeasuredSpeed } from '../../../../src-main/shared/runs/run-time';
import { appError } from '../../../../src-main/shared/result';
import type { RunSpec } from '../../../../src-main/shared/spec/run-spec';
import { testIds } from '../../../../src-renderer/test-ids';
import { FakeFailure, fakeApi, makeWorld, type FakeApi, type FakeHandlers } from '../harness/fake-api';
import { renderApp } from '../support/render-app';

const click = (id: string): boolean => fireEvent.click(screen.getByTestId(id));
const field = (path: string): HTMLInputElement => screen.getByTestId(testIds.wizardField(path));

async function opened(overrides: Partial<FakeHandlers> = {}, modelId = 'smol'): Promise<FakeApi> {
  const api = fakeApi(overrides, makeWorld([]));
  renderApp(api, '#/new-run');
  fireEvent.click(await screen.findByTestId(testIds.wizardModel(modelId)));
  click(testIds.wizardStep('data'));
  fireEvent.click(await screen.findByTestId(testIds.wizardDataset('starter')));
  await waitFor(() => expect(api.called('runs:forecast')).toHaveLength(2)); // as given, and as proposed
  return api;
}
const time = async (text: RegExp): Promise<void> =>
  waitFor(() => expect(screen.getByTestId(testIds.wizardTime).textContent).toMatch(text));

describe('lengths', () => {
  it('are proposed from the data, with their reason, until somebody sets them', async () => {
    const api = await opened();
    click(testIds.wizardStep('training'));
    await waitFor(() => expect(field('training.maxLength').value).toBe('176'));
    const help = (path: string): string => field(path).closest('.MuiTextField-root')?.textContent ?? '';
    expect(help('training.maxLength')).toContain('From your longest pair: 168 tokens.');
    expect(help('probes.maxNewTokens')).toContain('Twice that of the usual answer (52)');
    expect(help('training.learningRate')).toContain('Usual here: 1e-6 to 2e-4');
    fireEvent.change(field('training.maxLength'), { target: { value: '300' } });
    await waitFor(() => expect((api.called('runs:forecast').at(-1) as RunSpec).training.maxLength).toBe(300));
    expect(field('training.maxLength').value).toBe('300');
  });
});

describe('the time', () => {
  it('is measured at the last step only, and told with what it is made of', async () => {
    const api = await opened();
    await time(/measured at the last step/);
    expect(api.called('runs:measure')).toEqual([]);
    click(testIds.wizardStep('review'));
    await time(/about 1 min \d+ s \(measured: 14 pairs\/s\)steps 1 min \d+ s, .*Measured on 3 steps of 8 pairs/);
    expect(api.called('runs:measure')).toMatchObject([{ steps: 135 }]);
  });

  it('can be cancelled and measured again; leaving the page ends it', async () => {
    const waiting: { settle?: (speed: MeasuredSpeed | FakeFailure) => void } = {};
    const api = await opened({
      'runs:measure': () =>
        new Promise((resolve, reject) => (waiting.settle = (x) => (x instanceof FakeFailure ? reject(x) : resolve(x)))),
    });
    click(testIds.wizardStep('review'));
    await time(/Measuring a few steps/);
    fireEvent.click(within(screen.getByTestId(testIds.wizardTime)).getByText('Cancel'));
    expect(api.called('jobs:cancel')).toEqual([{ job: 'measure' }]);
    act(() => waiting.settle?.(new FakeFailure(appError('stopped', 'Cancelled.', 'x'))));
    await time(/not measured/);
    fireEvent.click(screen.getByText('Measure'));
    await time(/Measuring a few steps/);
    click(testIds.wizardStep('training'));
    await waitFor(() => expect(api.called('jobs:cancel')).toHaveLength(2));
  });

  it('says where it cannot be measured', async () => {
    await opened({
      'runs:measure': () => {
        throw new FakeFailure(appError('bad-model', 'The weights are gone.', 'x'));
      },
    });
    click(testIds.wizardStep('review'));
    await time(/not knownIt could not be measured: The weights are gone\./);
  });
});

describe('what decides the run', () => {
  it('stands before Start with what to do, that of a preset for another size too', async () => {
    await opened({}, 'pythia');
    click(testIds.wizardStep('method'));
    fireEvent.click(await screen.findByTestId(testIds.methodPreset('llama3-8b')));
    click(testIds.wizardStep('review'));
    const warnings = (await screen.findByTestId(testIds.wizardWarnings)).textContent ?? '';
    expect(warnings).toContain('growth beyond 64 would not be seen.Set “Longest answer” to 432.');
    expect(warnings).toMatch(
      /was found on 8\s?B parameters; this model has 405\s?M\.Smaller models take a higher learning rate/,
    );
    expect(warnings).toContain('is for full fine-tuning');
  });
});

describe('the command', () => {
  it('names the file that Save writes', async () => {
    const api = await opened();
    click(testIds.wizardStep('review'));
    fireEvent.click(await screen.findByRole('tab', { name: 'As a command' }));
    expect(
      await screen.findByText(
        /npx sampo --home '\/home\/ada\/SamPO Studio' train --spec '\/home\/ada\/SamPO Studio\/specs\/run\.json'/,
      ),
    ).toBeTruthy();
    click(testIds.wizardSaveSpec);
    expect(await screen.findByText('Saved as /home/ada/SamPO Studio/specs/run.json')).toBeTruthy();
    expect(api.called('runs:save-spec')).toMatchObject([
      { model: { path: 'model:smol' }, dataset: { path: 'dataset:starter' } },
    ]);
  });
});
