import { readFileSync } from 'node:fs';
import { dialog, type BrowserWindow, type OpenDialogOptions } from 'electron';
import { datasetExtensions } from '../../shared/dataset-files';
import type { HandlerContext } from '../handlers/context';

const options: Readonly<Record<Parameters<HandlerContext['pick']>[0], OpenDialogOptions>> = {
  dataset: { title: 'Choose a preference file', properties: ['openFile'], filters: [{ name: 'Preference data', extensions: [...datasetExtensions] }, { name: 'All files', extensions: ['*'] }] },
  'model-folder': { title: 'Choose the folder of a Hugging Face model', properties: ['openDirectory'] },
  'model-file': { title: 'Choose a GGUF file', properties: ['openFile'], filters: [{ name: 'GGUF', extensions: ['gguf'] }] },
  'export-folder': { title: 'Choose where the model goes', properties: ['openDirectory', 'createDirectory'] },
};

/** Native dialogs; end-to-end tests answer them with a JSON file {kind: path} named by SAMPO_E2E_PICK, read at each pick. */
export const pickWith =
  (window: () => BrowserWindow | null): HandlerContext['pick'] =>
  async (kind) => {
    const answers = process.env.SAMPO_E2E_PICK;
    if (answers) return (JSON.parse(readFileSync(answers, 'utf8')) as Readonly<Record<string, string>>)[kind] ?? null;
    const owner = window();
    const { canceled, filePaths } = owner ? await dialog.showOpenDialog(owner, options[kind]) : await dialog.showOpenDialog(options[kind]);
    return canceled ? null : (filePaths[0] ?? null);
  };
