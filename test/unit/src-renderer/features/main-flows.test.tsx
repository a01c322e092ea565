// @vitest-environment jsdom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { appError } from '../../../../src-main/shared/result';
import type { RunSpec } from '../../../../src-main/shared/spec/run-spec';
import { testIds } from '../../../../src-renderer/test-ids';
import { FakeFailure, fakeApi, makeWorld } from '../harness/fake-api';
import { appInfo, cards } from '../harness/fake-data';
import { renderApp } from '../support/render-app';

const click = (id: string): boolean => fireEvent.click(screen.getByTestId(id));
const refuse = (): never => {
  throw new FakeFailure(appError('missing-on-machine', 'The starter model is missing.', 'Run npm run setup again.'));
};

describe('start', () => {
  it('runs the sample and opens the comparison of both runs', async () => {
    const api = fakeApi({}, makeWorld([]));
    renderApp(api);
    fireEvent.click(await screen.findByTestId(testIds.startSample));
    await screen.findByTestId(testIds.compareVerdict);
    expect(window.location.hash).toBe('#/compare/r_sample_dpo,r_sample_sampo');
    expect(api.called('runs:compare')[0]).toEqual({ ids: ['r_sample_dpo', 'r_sample_sampo'] });
    expect(screen.getByTestId(testIds.statusJob).textContent).toBe('dpo on the sample');
  });
  it('shows what went wrong, what to do, and offers another try', async () => {
    renderApp(fakeApi({ 'runs:sample': refuse }, makeWorld([])));
    fireEvent.click(await screen.findByTestId(testIds.startSample));
    const panel = await screen.findByTestId(testIds.errorPanel);
    expect(panel.textContent).toContain('The starter model is missing.');
    expect(panel.textContent).toContain('Run npm run setup again.');
    expect(within(panel).getByText('Try again')).toBeTruthy();
  });
  it('with runs leads with the one at work', async () => {
    renderApp(fakeApi());
    expect((await screen.findAllByText('SamPO on the starter pairs')).length).toBeGreaterThan(0);
    expect(screen.getByText('Could be continued')).toBeTruthy();
  });
});

describe('wizard', () => {
  const toReview = async (): Promise<void> => {
    fireEvent.click(await screen.findByTestId(testIds.wizardModel('smol')));
    click(testIds.wizardNext);
    fireEvent.click(await screen.findByTestId(testIds.wizardDataset('starter')));
    click(testIds.wizardNext);
    fireEvent.click(await screen.findByTestId(testIds.methodCard('sampo')));
    click(testIds.wizardTwin('dpo'));
    click(testIds.wizardNext);
    fireEvent.change(await screen.findByTestId(testIds.wizardField('training.maxSteps')), { target: { value: '40' } });
    click(testIds.wizardNext);
  };

  it('starts two runs that differ in the method alone', async () => {
    const api = fakeApi();
    renderApp(api, '#/new-run');
    await toReview();
    const start = await screen.findByTestId(testIds.wizardStart);
    expect(start.textContent).toBe('Start both');
    await waitFor(() => expect((start as HTMLButtonElement).disabled).toBe(false)); // until the lengths are proposed
    fireEvent.click(start);
    await waitFor(() => expect(window.location.hash).toBe('#/compare/r_new0,r_new1'));
    const [{ specs }] = api.called('runs:start') as readonly [{ readonly specs: readonly RunSpec[] }];
    expect(specs.map((spec) => [spec.method.id, spec.model.path, spec.dataset.path, spec.training.maxSteps])).toEqual([
      ['sampo', 'model:smol', 'dataset:starter', 40],
      ['dpo', 'model:smol', 'dataset:starter', 40],
    ]);
  });

  it('keeps Start closed with its reason beside it', async () => {
    const api = fakeApi();
    renderApp(api, '#/new-run');
    await screen.findByTestId(testIds.wizardModel('smol'));
    click(testIds.wizardStep('review'));
    const start = await screen.findByTestId(testIds.wizardStart);
    expect((start as HTMLButtonElement).disabled).toBe(true);
    expect(screen.getByTestId(testIds.wizardReason).textContent).toContain('Choose a model.');
    expect(api.called('runs:forecast')).toEqual([]);
  });

  it('shows the forecast, keeps the draft over a change of page and over a reload', async () => {
    const api = fakeApi();
    const first = renderApp(api, '#/new-run');
    await toReview();
    await waitFor(() =>
      expect(screen.getByTestId(testIds.wizardSummary).textContent).toContain('1.2 GB of 15 GB free'),
    );
    window.location.hash = '#/runs';
    await screen.findByTestId(testIds.runsSearch);
    window.location.hash = '#/new-run';
    expect((await screen.findByTestId(testIds.wizardStart)).textContent).toBe('Start both');
    first.unmount();
    renderApp(fakeApi(), '#/new-run');
    expect((await screen.findByTestId(testIds.wizardStart)).textContent).toBe('Start both');
  });

  it('keeps the form and says why when main refuses the spec', async () => {
    renderApp(
      fakeApi({
        'runs:start': () => {
          throw new FakeFailure(
            appError('bad-spec', 'training.maxLength is longer than the model reads.', 'Set it to 256 or less.'),
          );
        },
      }),
      '#/new-run',
    );
    await toReview();
    const start = await screen.findByTestId<HTMLButtonElement>(testIds.wizardStart);
    await waitFor(() => expect(start.disabled).toBe(false));
    fireEvent.click(start);
    expect((await screen.findByTestId(testIds.errorPanel)).textContent).toContain('Set it to 256 or less.');
    expect(window.location.hash).toBe('#/new-run');
  });
});

describe('datasets', () => {
  it('imports a file after showing what it holds', async () => {
    const api = fakeApi();
    renderApp(api, '#/datasets');
    fireEvent.click(await screen.findByTestId(testIds.importDataset));
    fireEvent.click(screen.getByText('Choose a file'));
    expect((await screen.findByTestId(testIds.importProblems)).textContent).toContain(
      'Chosen and rejected are identical',
    );
    fireEvent.change(screen.getByTestId(testIds.importName), { target: { value: 'mine' } });
    click(testIds.importConfirm);
    await waitFor(() => expect(window.location.hash).toBe('#/datasets/demo'));
    expect(api.called('datasets:add')).toEqual([
      { token: 'token', format: 'pairs', columns: null, name: 'mine', modelId: 'starter' },
    ]);
    expect((await screen.findByTestId(testIds.datasetVerdict)).textContent).toMatch(/length/i);
  });
  it('takes one dropped file like a picked one, and says why it takes nothing else', async () => {
    const api = fakeApi();
    renderApp(api, '#/datasets');
    fireEvent.click(await screen.findByTestId(testIds.importDataset));
    const zone = screen.getByTestId(testIds.dropZone);
    const drop = (types: readonly string[], files: readonly File[]): boolean =>
      fireEvent.drop(zone, { dataTransfer: { types, files } });
    const named = (name: string): File => new File(['{}'], name);

    fireEvent.dragEnter(zone, { dataTransfer: { types: ['Files'], files: [] } });
    expect(screen.getByText('Drop the file to look at it')).toBeTruthy();
    fireEvent.dragLeave(zone, { relatedTarget: document.body });
    expect(screen.queryByText('Drop the file to look at it')).toBeNull();

    drop(['text/plain'], []);
    expect(screen.getByTestId(testIds.errorPanel).textContent).toContain('not a file');
    drop(['Files'], [named('a.jsonl'), named('b.jsonl')]);
    expect(screen.getByTestId(testIds.errorPanel).textContent).toContain('2 files were dropped');
    drop(['Files'], [named('photo.png')]);
    await waitFor(() =>
      expect(screen.getByTestId(testIds.errorPanel).textContent).toContain('photo.png does not look like'),
    );
    expect(api.called('datasets:inspect')).toEqual([]);

    expect(drop(['Files'], [named('mine.jsonl')])).toBe(false); // the page keeps the event from the browser
    expect(await screen.findByTestId(testIds.importProblems)).toBeTruthy();
    expect(screen.queryByTestId(testIds.errorPanel)).toBeNull();
    expect(screen.getByTestId<HTMLInputElement>(testIds.importName).value).toBe('mine');
    expect(api.called('datasets:inspect')).toEqual([
      { token: 'dropped', format: 'auto', columns: null, modelId: 'starter' },
    ]);
  });
  it('opens nothing that is let go elsewhere', async () => {
    renderApp(fakeApi(), '#/datasets');
    const elsewhere = await screen.findByTestId(testIds.importDataset);
    expect(fireEvent.dragOver(elsewhere, { dataTransfer: { types: ['Files'] } })).toBe(false);
    expect(fireEvent.drop(elsewhere, { dataTransfer: { types: ['Files'], files: [] } })).toBe(false);
  });
  it('does nothing when the dialog is cancelled', async () => {
    const api = fakeApi({ 'files:pick': () => null });
    renderApp(api, '#/datasets');
    fireEvent.click(await screen.findByTestId(testIds.importDataset));
    fireEvent.click(screen.getByText('Choose a file'));
    await waitFor(() => expect(api.called('files:pick')).toHaveLength(1));
    expect(api.called('datasets:inspect')).toEqual([]);
    expect(screen.getByText('Choose a file')).toBeTruthy();
  });
});

describe('runs and compare', () => {
  it('compares ticked runs', async () => {
    renderApp(fakeApi(), '#/runs');
    fireEvent.click(await screen.findByTestId(testIds.runTick('r_dpo')));
    click(testIds.runTick('r_live'));
    click(testIds.compareTicked);
    const verdict = await screen.findByTestId(testIds.compareVerdict);
    expect(verdict.textContent).toContain('On 12 probes');
    expect(screen.getByTestId(testIds.compareDifferences).textContent).toContain('Method');
    expect(screen.getByTestId(testIds.compareTable).textContent).toContain('Probe answers, tokens');
  });
  it('hides which run is which until one is picked', async () => {
    renderApp(fakeApi(), '#/compare/r_dpo,r_live');
    fireEvent.click(await screen.findByTestId(testIds.compareBlind));
    const answers = screen.getByTestId(testIds.compareAnswers);
    expect(answers.textContent).not.toContain('DPO on the starter pairs');
    fireEvent.click(within(answers).getAllByText('Prefer A')[0] ?? answers);
    await waitFor(() => expect(answers.textContent).toContain('DPO on the starter pairs'));
    expect(answers.textContent).toContain('Picked so far (1 row)');
  });
  it('deletes a run only after asking', async () => {
    const api = fakeApi();
    renderApp(api, '#/runs');
    fireEvent.click(await screen.findByLabelText('More about DPO on the starter pairs'));
    fireEvent.click(await screen.findByText('Delete'));
    expect(api.called('runs:delete')).toEqual([]);
    fireEvent.click(await screen.findByTestId(testIds.confirmYes));
    await waitFor(() => expect(screen.queryByTestId(testIds.runRow('r_dpo'))).toBeNull());
  });
});

describe('export and settings', () => {
  it('exports and shows the lines that load the result', async () => {
    const api = fakeApi();
    renderApp(api, '#/runs/r_dpo/export');
    const start = (await screen.findByTestId(testIds.exportStart)) as HTMLButtonElement;
    expect(start.disabled).toBe(true);
    click(testIds.exportFolder);
    await waitFor(() => expect(start.disabled).toBe(false));
    fireEvent.click(start);
    expect((await screen.findByTestId(testIds.exportResult)).textContent).toContain(
      'AutoModelForCausalLM.from_pretrained',
    );
    expect(api.called('exports:start')[0]).toMatchObject({ form: 'merged', folder: 'token' });
  });
  it('changes the theme', async () => {
    const api = fakeApi();
    renderApp(api, '#/settings');
    fireEvent.click(await screen.findByTestId(testIds.settingsTheme('dark')));
    await waitFor(() => expect(getComputedStyle(document.body).backgroundColor).toBe('rgb(15, 19, 23)'));
    expect(api.called('settings:set')).toEqual([{ theme: 'dark' }]);
  });
  it('offers devices only where there is a card, and says so where there is none', async () => {
    renderApp(fakeApi(), '#/settings');
    expect(await screen.findByText('No NVIDIA card was found, so the processor trains.')).toBeTruthy();
    expect(screen.queryByTestId(testIds.settingsDevice)).toBeNull();
  });
  it('chooses a card and TF32', async () => {
    const api = fakeApi({ 'app:info': () => ({ ...appInfo, cards }) });
    renderApp(api, '#/settings');
    fireEvent.mouseDown(within(await screen.findByTestId(testIds.settingsDevice)).getByRole('combobox'));
    fireEvent.click(await screen.findByText(/RTX 3060: .* free, driver 550/));
    fireEvent.click(screen.getByTestId(testIds.settingsTf32));
    await waitFor(() => expect(api.called('settings:set')).toEqual([{ device: 'gpu:1' }, { tf32: false }]));
  });
});
