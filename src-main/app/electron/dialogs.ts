import { readFileSync } from 'node:fs';
import { dialog, type BrowserWindow, type OpenDialogOptions } from 'electron';
import { isRelease } from '../../shared/build-kind';
import { datasetExtensions } from '../../shared/data/dataset-files';
import type { AppError } from '../../shared/result';
import type { Backup } from '../../store/backups';
import type { HandlerContext } from '../handlers/context';

const options: Readonly<Record<Parameters<HandlerContext['pick']>[0], OpenDialogOptions>> = {
  dataset: {
    title: 'Choose a preference file',
    properties: ['openFile'],
    filters: [
      { name: 'Preference data', extensions: [...datasetExtensions] },
      { name: 'All files', extensions: ['*'] },
    ],
  },
  'model-folder': { title: 'Choose the folder of a Hugging Face model', properties: ['openDirectory'] },
  'model-file': {
    title: 'Choose a GGUF file',
    properties: ['openFile'],
    filters: [{ name: 'GGUF', extensions: ['gguf'] }],
  },
  'export-folder': { title: 'Choose where the model goes', properties: ['openDirectory', 'createDirectory'] },
};

/**
 * End-to-end tests answer native dialogs with a JSON file {kind: answer} that SAMPO_E2E_PICK names, read at each
 * question; a release does not look.
 */
function testAnswers(): Readonly<Record<string, string>> | null {
  const file = isRelease ? undefined : process.env.SAMPO_E2E_PICK;
  return file ? (JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, string>>) : null;
}

export const pickWith =
  (window: () => BrowserWindow | null): HandlerContext['pick'] =>
  async (kind) => {
    const answers = testAnswers();
    if (answers) return answers[kind] ?? null;
    const owner = window();
    const { canceled, filePaths } = owner
      ? await dialog.showOpenDialog(owner, options[kind])
      : await dialog.showOpenDialog(options[kind]);
    return canceled ? null : (filePaths[0] ?? null);
  };

export const pickTargetWith =
  (window: () => BrowserWindow | null): HandlerContext['pickTarget'] =>
  async (name) => {
    const answers = testAnswers();
    if (answers) return answers['target'] ?? null;
    const owner = window();
    const asked = { defaultPath: name };
    const { canceled, filePath } = owner
      ? await dialog.showSaveDialog(owner, asked)
      : await dialog.showSaveDialog(asked);
    return canceled || !filePath ? null : filePath;
  };

/** The history is damaged, and there is no window yet: 'restore' (only with a backup), 'new' or 'quit'. */
export function askRescue(error: AppError, backup: Backup | undefined): 'restore' | 'new' | 'quit' {
  const answers = testAnswers();
  if (answers) return rescues.find((known) => known === answers['rescue']) ?? 'quit';
  const choices = rescues.filter((choice) => choice !== 'restore' || backup !== undefined);
  const labels = {
    restore: `Put back the backup of ${backup ? formatTime(backup.takenAt) : ''}`,
    new: 'Start with an empty history',
    quit: 'Quit',
  } as const;
  const detail =
    `${error.message}\n\nThe damaged file is kept under another name, and checkpoints and exports stay as they are. ` +
    'Runs that the history does not know can be listed again from their folders, on the Runs page.';
  const response = dialog.showMessageBoxSync({
    type: 'error',
    title: 'SamPO Studio',
    message: 'The run history is damaged',
    detail,
    buttons: choices.map((choice) => labels[choice]),
    defaultId: 0,
    cancelId: choices.length - 1,
    noLink: true,
  });
  return choices[response] ?? 'quit';
}

/** As the page writes dates. */
const formatTime = (at: number): string =>
  new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

const rescues = ['restore', 'new', 'quit'] as const;
