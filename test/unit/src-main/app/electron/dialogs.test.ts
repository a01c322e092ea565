import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { askRescue, pickTargetWith, pickWith } from '../../../../../src-main/app/electron/dialogs';
import { datasetExtensions } from '../../../../../src-main/shared/data/dataset-files';
import { appError } from '../../../../../src-main/shared/result';
import { dialog, FakeWindow } from '../../../support/fake-electron';
import { temporaryFolder } from '../../../support/runs';

vi.mock('electron', () => import('../../../support/fake-electron'));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetAllMocks();
});
const owner = new FakeWindow({}) as never;

describe('a dialog that picks', () => {
  const kinds = [
    [
      'dataset',
      {
        title: 'Choose a preference file',
        properties: ['openFile'],
        filters: [
          { name: 'Preference data', extensions: [...datasetExtensions] },
          { name: 'All files', extensions: ['*'] },
        ],
      },
    ],
    ['model-folder', { title: 'Choose the folder of a Hugging Face model', properties: ['openDirectory'] }],
    [
      'model-file',
      {
        title: 'Choose a GGUF file',
        properties: ['openFile'],
        filters: [{ name: 'GGUF', extensions: ['gguf'] }],
      },
    ],
    ['export-folder', { title: 'Choose where the model goes', properties: ['openDirectory', 'createDirectory'] }],
  ] as const;
  it.each(kinds)('for a %s offers just that, over its window', async (kind, options) => {
    dialog.showOpenDialog.mockResolvedValue({ canceled: false, filePaths: ['/a', '/b'] });
    expect(await pickWith(() => owner)(kind)).toBe('/a');
    expect(dialog.showOpenDialog.mock.calls).toEqual([[owner, options]]);
    expect(await pickWith(() => null)(kind)).toBe('/a');
    expect(dialog.showOpenDialog.mock.lastCall).toEqual([options]);
  });

  it.each([
    { canceled: true, filePaths: ['/a'] },
    { canceled: false, filePaths: [] },
  ])('gives nothing for %j', async (answer) => {
    dialog.showOpenDialog.mockResolvedValue(answer);
    expect(await pickWith(() => owner)('dataset')).toBeNull();
  });
});

describe('a dialog that asks where to', () => {
  it.each([
    [{ canceled: false, filePath: '/t.txt' }, '/t.txt'],
    [{ canceled: true, filePath: '/t.txt' }, null],
    [{ canceled: false, filePath: '' }, null],
  ])('turns %j into %j', async (answer, target) => {
    dialog.showSaveDialog.mockResolvedValue(answer);
    expect(await pickTargetWith(() => owner)('name.txt')).toBe(target);
    expect(await pickTargetWith(() => null)('name.txt')).toBe(target);
    expect(dialog.showSaveDialog.mock.calls).toEqual([
      [owner, { defaultPath: 'name.txt' }],
      [{ defaultPath: 'name.txt' }],
    ]);
  });
});

describe('a test of the whole app', () => {
  it('answers dialogs with a file instead', async () => {
    const file = path.join(temporaryFolder(), 'answers.json');
    writeFileSync(file, JSON.stringify({ dataset: '/d', target: '/t', rescue: 'new' }));
    vi.stubEnv('SAMPO_E2E_PICK', file);
    const pick = pickWith(() => owner);
    expect([await pick('dataset'), await pick('model-file'), await pickTargetWith(() => owner)('x')]).toEqual([
      '/d',
      null,
      '/t',
    ]);
    expect(askRescue(appError('database', 'm', 'h'), undefined)).toBe('new');
    writeFileSync(file, JSON.stringify({ rescue: 'burn it' }));
    expect(askRescue(appError('database', 'm', 'h'), undefined)).toBe('quit');
    expect(await pickTargetWith(() => owner)('x')).toBeNull();
    for (const shown of [dialog.showOpenDialog, dialog.showSaveDialog, dialog.showMessageBoxSync])
      expect(shown).not.toHaveBeenCalled();
  });
});

describe('a damaged history', () => {
  const backup = {
    file: '/b.sqlite',
    reason: 'daily',
    takenAt: new Date(2026, 10, 28, 6, 5).getTime(),
    bytes: 1,
  } as const;
  it.each([
    [backup, 0, 'restore'],
    [backup, 1, 'new'],
    [backup, 2, 'quit'],
    [undefined, 0, 'new'],
    [undefined, 1, 'quit'],
    [backup, 99, 'quit'], // closed
  ] as const)('with backup %j and button %i: %s', (kept, button, choice) => {
    dialog.showMessageBoxSync.mockReturnValue(button);
    expect(askRescue(appError('database', 'It is damaged.', 'h'), kept)).toBe(choice);
  });

  it('is asked about in words, with the safe choice for Enter and the way out for Escape', () => {
    dialog.showMessageBoxSync.mockReturnValue(0);
    askRescue(appError('database', 'It is damaged.', 'h'), backup);
    expect(dialog.showMessageBoxSync.mock.lastCall).toEqual([
      {
        type: 'error',
        title: 'SamPO Studio',
        message: 'The run history is damaged',
        detail: expect.stringMatching(/^It is damaged\.\n\nThe damaged file is kept under another name/) as string,
        buttons: ['Put back the backup of 28 Nov 2026, 06:05', 'Start with an empty history', 'Quit'],
        defaultId: 0,
        cancelId: 2,
        noLink: true,
      },
    ]);
    askRescue(appError('database', 'It is damaged.', 'h'), undefined);
    expect(dialog.showMessageBoxSync.mock.lastCall).toMatchObject([
      { buttons: ['Start with an empty history', 'Quit'], cancelId: 1 },
    ]);
  });
});
