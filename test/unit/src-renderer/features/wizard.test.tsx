// @vitest-environment jsdom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { defaultsOf } from '../../../../src-main/shared/spec/method-spec';
import { methodById, methodCatalogue } from '../../../../src-main/shared/catalogue/method-catalogue';
import type { RunSpec } from '../../../../src-main/shared/spec/run-spec';
import { testIds } from '../../../../src-renderer/test-ids';
import { fakeApi, type FakeApi } from '../harness/fake-api';
import { models } from '../harness/fake-data';
import { renderApp } from '../support/render-app';

const click = (id: string): boolean => fireEvent.click(screen.getByTestId(id));
const type = (path: string, value: string): boolean =>
  fireEvent.change(screen.getByTestId(testIds.wizardField(path)), { target: { value } });
const valueAt = (path: string): string => (screen.getByTestId(testIds.wizardField(path)) as HTMLInputElement).value;
const step = (name: string): boolean => click(testIds.wizardStep(name));
const isThere = (path: string): boolean => screen.queryByTestId(testIds.wizardField(path)) !== null;

/** A list of MUI opens on mouse down and closes on a choice. */
async function pick(path: string, option: string | RegExp): Promise<void> {
  fireEvent.mouseDown(within(screen.getByTestId(testIds.wizardField(path))).getByRole('combobox'));
  fireEvent.click(await screen.findByRole('option', { name: option }));
  await waitFor(() => expect(screen.queryByRole('listbox')).toBeNull());
}

async function choose(method: string): Promise<void> {
  fireEvent.change(await screen.findByTestId(testIds.methodSearch), { target: { value: method } });
  click(testIds.methodCard(method));
}

let api: FakeApi;
beforeEach(async () => {
  api = fakeApi({
    'models:list': () => [
      ...models,
      { ...models[0]!, id: 'sibling' as (typeof models)[number]['id'], name: 'Sibling Llama', starter: false },
    ],
  });
  renderApp(api, '#/new-run');
  fireEvent.click(await screen.findByTestId(testIds.wizardModel('starter')));
  step('data');
  fireEvent.click(await screen.findByTestId(testIds.wizardDataset('starter')));
  step('method');
});

async function started(): Promise<readonly RunSpec[]> {
  step('review');
  const start = await screen.findByTestId<HTMLButtonElement>(testIds.wizardStart);
  await waitFor(() => expect(start.disabled).toBe(false)); // until the data were looked at
  fireEvent.click(start);
  await waitFor(() => expect(api.called('runs:start')).toHaveLength(1));
  return (api.called('runs:start')[0] as { readonly specs: readonly RunSpec[] }).specs;
}

describe('the choice of a method', () => {
  it('has every method of the catalogue with description, formula and paper', async () => {
    await screen.findByTestId(testIds.methodCard('sampo'));
    for (const group of ['dpo', 'other', 'reference-free', 'supervised']) click(testIds.methodGroup(group));
    for (const button of screen.getAllByText('Formula and paper')) fireEvent.click(button);
    const text = document.body.textContent ?? '';
    for (const { id, summary, formula, paper } of methodCatalogue) {
      expect(screen.getByTestId(testIds.methodCard(id)).textContent, id).toContain(summary);
      expect(text, id).toContain(formula);
      expect(text, id).toContain(paper);
    }
  });
  it('folds families away until they are opened or searched', async () => {
    await screen.findByTestId(testIds.methodCard('sampo'));
    expect(screen.queryByTestId(testIds.methodCard('ipo'))).toBeNull();
    fireEvent.change(screen.getByTestId(testIds.methodSearch), { target: { value: 'azar' } });
    expect(screen.getAllByRole('radio').map((radio) => radio.getAttribute('data-testid'))).toEqual([
      testIds.methodCard('ipo'),
    ]);
    fireEvent.change(screen.getByTestId(testIds.methodSearch), { target: { value: 'no such thing' } });
    expect(screen.getByText(/No method has “no such thing”/)).toBeTruthy();
  });
  it('sends the chosen one with its parameters', async () => {
    await choose('ipo');
    type('method.beta', '0.05');
    await pick('method.sampling', 'expected');
    const [spec] = await started();
    expect(spec?.method).toEqual({ ...defaultsOf('ipo'), beta: 0.05, sampling: 'expected' });
  });
  it('also runs any other method', async () => {
    await choose('ipo');
    type('method.beta', '0.05');
    fireEvent.change(screen.getByTestId(testIds.twinOther), { target: { value: 'simpo' } });
    const specs = await started();
    expect(specs.map((spec) => spec.method)).toEqual([{ ...defaultsOf('ipo'), beta: 0.05 }, defaultsOf('simpo')]);
  });
});

describe('parameters', () => {
  it('are shown only where they change something', async () => {
    await choose('simpo');
    expect([isThere('method.gamma'), isThere('method.lambda')]).toEqual([true, false]);
    type('method.gamma', '3');
    await pick('method.variant', 'seed');
    expect([isThere('method.gamma'), isThere('method.lambda')]).toEqual([false, true]);
    expect((await started())[0]?.method).toEqual({ ...defaultsOf('simpo'), variant: 'seed' });
  });
  it('say what they do to length', async () => {
    const verdict = (): string => screen.getByTestId(testIds.methodLength).textContent ?? '';
    await choose('dpo');
    expect(verdict()).toContain('DPO by itself follows length strongly');
    type('method.ldAlpha', '0.5');
    expect(verdict()).toContain('counts 0.5 as much');
    await pick('method.sampling', 'topk');
    expect(verdict()).toContain('largest log-ratios are kept');
    expect(isThere('method.ldAlpha')).toBe(false);
  });
  it('name their range, and say so when a number lies outside', async () => {
    await choose('discopop');
    const text = (): string =>
      screen.getByTestId(testIds.wizardField('method.tau')).closest('.MuiTextField-root')?.textContent ?? '';
    expect(text()).toContain('Range 0.001 to 10.');
    type('method.tau', '11');
    expect(text()).toContain('Outside the usual range, 0.001 to 10.');
    fireEvent.keyDown(screen.getByTestId(testIds.wizardField('method.beta')), { key: 'ArrowUp' });
    expect(valueAt('method.beta')).toBe('0.11');
  });
  it('offer two versions as a choice of numbers', async () => {
    await choose('tdpo');
    expect(isThere('method.alpha')).toBe(true);
    await pick('method.version', '1');
    expect(isThere('method.alpha')).toBe(false);
    expect((await started())[0]?.method.version).toBe(1);
  });
  it('carry the mistake of the schema at their field, and keep Next closed', async () => {
    await choose('exo_pair');
    type('method.labelSmoothing', '0');
    const field = screen.getByTestId(testIds.wizardField('method.labelSmoothing'));
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(field.closest('.MuiTextField-root')?.textContent).toContain('EXO needs it above 0 (the paper: 0.001).');
    expect((screen.getByTestId(testIds.wizardNext) as HTMLButtonElement).disabled).toBe(true);
    expect(screen.getByTestId(testIds.wizardReason).textContent).toContain('Label smoothing: EXO needs');
  });
  it('of presets come with one click, and tell what was changed since', async () => {
    await choose('dpo');
    click(testIds.methodPreset('pythia-hh'));
    expect(valueAt('method.beta')).toBe('0.05');
    expect(screen.getByTestId(testIds.methodPresetState).textContent).toMatch(
      /^Preset Pythia-2\.8B, HH-RLHF\. Sets learning rate 1e-6, epochs 1, pairs per step 128, schedule linear, warm-up share 0\.1\. Source: SamPO paper .*Table 5/,
    );
    type('method.beta', '0.2');
    expect(screen.getByTestId(testIds.methodPresetState).textContent).toContain(
      'Preset Pythia-2.8B, HH-RLHF, changed: beta 0.2.',
    );
    click(testIds.methodPreset('defaults'));
    expect(valueAt('method.beta')).toBe('0.1');
  });
});

describe('further parameters', () => {
  it('are folded, and say while folded that some are changed', async () => {
    await choose('dpo');
    expect(isThere('method.wpo')).toBe(false);
    click(testIds.methodFurther);
    click(testIds.wizardField('method.wpo'));
    expect(isThere('method.fDivergence.alpha')).toBe(false);
    await pick('method.fDivergence.type', 'alpha');
    expect(isThere('method.fDivergence.alpha')).toBe(true);
    click(testIds.methodFurther);
    expect(screen.getByText('2 changed')).toBeTruthy();
    expect((await started())[0]?.method).toMatchObject({ wpo: true, fDivergence: { type: 'alpha', alpha: 0.5 } });
  });
  it('add losses row by row, each once, with a weight above 0', async () => {
    await choose('dpo');
    click(testIds.methodFurther);
    click(testIds.mixAdd);
    click(testIds.mixAdd);
    fireEvent.mouseDown(within(screen.getByTestId(testIds.wizardField('method.mix.1.id'))).getByRole('combobox'));
    const offered = (await screen.findAllByRole('option')).map((option) => option.textContent);
    expect(offered).not.toContain('DPO');
    expect(offered).not.toContain('Supervised fine-tuning');
    fireEvent.click(screen.getByRole('option', { name: methodById('bco_pair')!.name }));
    type('method.mix.1.weight', '-1');
    expect(screen.getByTestId(testIds.wizardField('method.mix.1.weight')).getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByTestId(testIds.wizardField('method.mix.0.weight')).getAttribute('aria-invalid')).toBe('false');
    click(testIds.methodFurther);
    expect(isThere('method.mix.1.weight')).toBe(true);
    type('method.mix.1.weight', '0.25');
    click(testIds.mixRemove(0));
    expect((await started())[0]?.method.mix).toEqual([{ id: 'bco_pair', weight: 0.25 }]);
  });
});

describe('training', () => {
  it('offers the references that the method and the adapter allow', async () => {
    step('training');
    const isOpen = (mode: string): boolean =>
      !(screen.getByTestId(testIds.reference(mode)) as HTMLButtonElement).disabled;
    await screen.findByTestId(testIds.reference('itself'));
    expect(['itself', 'other', 'follows', 'none'].map(isOpen)).toEqual([true, true, false, true]);
    expect(screen.getByTestId(testIds.reference('follows')).textContent).toContain('Needs all weights to be trained');
    click(testIds.wizardField('adapter-none'));
    click(testIds.reference('follows'));
    type('method.referenceSync.everySteps', '');
    expect(isThere('method.referenceSync.everySteps')).toBe(true);
    type('method.referenceSync.everySteps', '25');
    expect((await started())[0]).toMatchObject({
      method: { referenceSync: { everySteps: 25, mixup: 0.6 } },
      adapter: { kind: 'none' },
    });
  });
  it('takes another model with the same tokens as reference', async () => {
    step('training');
    fireEvent.click(await screen.findByTestId(testIds.reference('other')));
    expect(screen.getByTestId(testIds.wizardField('model.reference')).textContent).toContain('Sibling Llama');
    await pick('model.reference', models[1]!.name);
    expect(screen.getAllByText(/cannot be compared token by token/)).toHaveLength(2); // at the field and beside Next
    await pick('model.reference', 'Sibling Llama');
    expect((await started())[0]?.model).toEqual({ path: 'model:starter', reference: 'model:sibling' });
  });
  it('says that a method needs no reference', async () => {
    await choose('simpo');
    step('training');
    expect(await screen.findByText(/SimPO needs no reference/)).toBeTruthy();
    expect(screen.queryByTestId(testIds.reference('other'))).toBeNull();
  });
  it('trains in rounds, which share the pairs or not', async () => {
    step('training');
    await screen.findByTestId(testIds.wizardField('rounds'));
    expect(isThere('roundData')).toBe(false);
    type('rounds', '3');
    const help = (path: string): string =>
      screen.getByTestId(testIds.wizardField(path)).closest('.MuiTextField-root')?.textContent ?? '';
    expect([
      help('training.epochs').includes('In every round.'),
      help('training.maxSteps').includes('In every round.'),
    ]).toEqual([true, false]);
    type('training.maxSteps', '30');
    expect([
      help('training.epochs').includes('Not used while steps are set.'),
      help('training.maxSteps').includes('In every round.'),
    ]).toEqual([true, true]);
    await pick('roundData', 'Its own share of the pairs');
    expect((screen.getByTestId(testIds.reference('other')) as HTMLButtonElement).disabled).toBe(true);
    expect((await started())[0]).toMatchObject({ rounds: 3, roundData: 'split' });
  });
  it('has no rounds for supervised runs', async () => {
    await choose('sft');
    step('training');
    await screen.findByTestId(testIds.wizardField('training.epochs'));
    expect([isThere('rounds'), screen.queryByTestId(testIds.reference('itself'))]).toEqual([false, null]);
  });
  it('stops early and keeps the best checkpoint, where pairs are held out', async () => {
    step('training');
    fireEvent.click(await screen.findByTestId(testIds.wizardField('training.earlyStopping')));
    type('training.earlyStopping.patience', '2');
    click(testIds.wizardField('training.keepBest'));
    step('data');
    type('dataset.evalFraction', '0');
    step('training');
    expect([isThere('training.earlyStopping'), isThere('training.keepBest')]).toEqual([false, false]);
    step('data');
    type('dataset.evalFraction', '10');
    expect((await started())[0]?.training).toMatchObject({
      earlyStopping: { patience: 2, minDelta: 0 },
      keepBest: false,
    });
  });
});
