// @vitest-environment jsdom
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { FileColumns } from '../../../../src-main/shared/data/dataset';
import { appError } from '../../../../src-main/shared/result';
import { testIds } from '../../../../src-renderer/test-ids';
import { FakeFailure, fakeApi, type FakeApi, type FakeHandlers } from '../harness/fake-api';
import { inspection } from '../harness/fake-data';
import { renderApp } from '../support/render-app';

const column = (name: string, ...samples: readonly string[]) => ({ name, holds: 'text' as const, samples });
const odd: FileColumns = {
  columns: [
    column('q', 'Why?', 'Who?', 'When?'),
    column('ok', 'Because.', 'I.', 'Now.'),
    column('ko', 'No.', 'You.', 'Never.'),
  ],
  format: null,
  suggested: null,
};

async function opened(overrides: Partial<FakeHandlers>): Promise<FakeApi> {
  const api = fakeApi(overrides);
  renderApp(api, '#/datasets');
  fireEvent.click(await screen.findByTestId(testIds.importDataset));
  fireEvent.click(screen.getByText('Choose a file'));
  return api;
}
async function choose(role: string, option: string): Promise<void> {
  fireEvent.mouseDown(within(screen.getByTestId(testIds.importRole(role))).getByRole('combobox'));
  fireEvent.click(await screen.findByRole('option', { name: option }));
  await waitFor(() => expect(screen.queryByRole('listbox')).toBeNull());
}
const confirm = (): HTMLButtonElement => screen.getByTestId(testIds.importConfirm);
const reason = (): string => screen.getByTestId(testIds.importReason).textContent ?? '';

describe('a file whose columns have other names', () => {
  it('is read only once every role has its column; the reason stands beside the button', async () => {
    const api = await opened({ 'datasets:columns': () => odd });
    await screen.findByTestId(testIds.importRoles);
    expect(reason()).toBe('Choose which column is the prompt.');
    await choose('prompt', 'q');
    await choose('chosen', 'ok');
    expect(reason()).toBe('Choose which column is the rejected answer.');
    expect(confirm().disabled).toBe(true);
    expect(api.called('datasets:inspect')).toEqual([]);
    await choose('rejected', 'ok');
    expect(reason()).toContain('cannot be both');
    await choose('rejected', 'ko');
    expect(screen.getByLabelText('The first rows under these roles').textContent).toContain(
      'Chosen answerBecause.Rejected answerNo.',
    );
    await waitFor(() => expect(confirm().disabled).toBe(false));
    fireEvent.click(confirm());
    const roles = { prompt: 'q', chosen: 'ok', rejected: 'ko' };
    await waitFor(() => expect(api.called('datasets:add')).toMatchObject([{ columns: roles, modelId: 'starter' }]));
    expect(api.called('datasets:inspect')).toMatchObject([{ columns: roles }]);
  });

  it('begins with what its names suggest', async () => {
    const api = await opened({
      'datasets:columns': () => ({ ...odd, suggested: { prompt: 'q', chosen: 'ok', rejected: 'ko' } }),
    });
    await waitFor(() =>
      expect(api.called('datasets:inspect')).toMatchObject([
        { columns: { prompt: 'q', chosen: 'ok', rejected: 'ko' } },
      ]),
    );
  });
});

describe('while a file is read', () => {
  it('shows how far it is, and ends when cancelled, with nothing kept', async () => {
    let refuse: (error: FakeFailure) => void = () => undefined;
    const pending = (): Promise<never> => new Promise((_, reject) => (refuse = reject));
    const api = await opened({ 'datasets:inspect': pending });
    const progress = await screen.findByTestId(testIds.importProgress);
    await waitFor(() => expect(api.called('datasets:inspect')).toHaveLength(1));
    act(() =>
      api.emit('jobs:changed', {
        job: { id: 'j_1', job: 'inspect-dataset', state: 'working', done: 4000, total: 10_000, what: 'read' },
      }),
    );
    expect(progress.textContent).toContain('4\u202f000 of 10\u202f000 rows');
    fireEvent.click(within(progress).getByText('Cancel'));
    expect(api.called('jobs:cancel')).toEqual([{ job: 'inspect-dataset' }]);
    act(() => refuse(new FakeFailure(appError('stopped', 'Cancelled before it was done.', 'Start it again.'))));
    expect(await screen.findByText('Reading was cancelled.')).toBeTruthy();
    expect([confirm().disabled, api.called('datasets:add')]).toEqual([true, []]);
  });

  it('ends when the window of the import is closed', async () => {
    const api = await opened({ 'datasets:inspect': () => new Promise(() => undefined) });
    await screen.findByTestId(testIds.importProgress);
    fireEvent.click(within(screen.getByRole('dialog')).getAllByText('Cancel').at(-1)!);
    await waitFor(() => expect(api.called('jobs:cancel')).toContainEqual({ job: 'inspect-dataset' }));
  });
});

describe('what a file holds', () => {
  it('is shown by reason with counts: rows left out, rows to look at, and notes', async () => {
    const base = inspection(100, 3);
    await opened({
      'datasets:inspect': () => ({
        ...base,
        rows: 5100,
        problems: [{ row: 7, field: 'chosen', code: 'empty-response', message: 'The chosen response is empty.' }],
        problemGroups: [
          {
            code: 'empty-response',
            field: 'chosen',
            count: 5000,
            rows: [7, 8, 9],
            message: 'The chosen response is empty.',
          },
        ],
        warnings: [
          {
            code: 'swapped',
            field: '',
            count: 2,
            rows: [11, 40],
            message: 'Row 11 is row 3 with the answers exchanged.',
          },
        ],
        notes: ['Column “score” is not read.'],
      }),
    });
    await screen.findByText(/5.000 problems, by reason/);
    expect(screen.getByText(/5.000 rows: 7, 8, 9 and 4.997 more/)).toBeTruthy();
    fireEvent.click(screen.getByText(/An answer is empty/));
    expect(await screen.findByText(/4.999 more rows are not listed/)).toBeTruthy();
    fireEvent.click(screen.getByText('The same pair with the answers exchanged'));
    expect(await screen.findByText(/row 3 with the answers exchanged/)).toBeTruthy();
    expect(screen.getByText('Column “score” is not read.')).toBeTruthy();
    expect(reason()).toContain('the others are left out');
  });
});
