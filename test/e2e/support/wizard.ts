import { testIds } from '../../../src-renderer/test-ids';
import type { RunView } from '../../../src-main/shared/views/run';
import type { AppUnderTest } from './app';

/** What a person does to get from a file to a run, for the tests that are not about these steps. */
export class Wizard {
  constructor(private readonly app: AppUnderTest) {}

  /** Imports the file that the next dialog answers with. */
  async importDataset(): Promise<void> {
    const { app } = this;
    await app.id(testIds.nav('datasets')).click();
    await app.id(testIds.importDataset).first().click();
    await app.page.getByRole('button', { name: 'Choose a file' }).click();
    await app.id(testIds.importConfirm).click();
    await app.id(testIds.datasetVerdict).waitFor();
  }

  /** The first two steps: a new model through `button`, and the dataset of this name. */
  async chooseModelAndDataset(button: 'Add a folder' | 'Add a GGUF file', dataset: string): Promise<void> {
    const { page } = this.app;
    await this.app.id(testIds.nav('new-run')).click();
    await page.getByRole('button', { name: 'Start over' }).click(); // a run before this one has left its settings
    await page.getByRole('button', { name: button }).click();
    await page.getByRole('radiogroup', { name: 'Model' }).getByRole('radio', { checked: true }).waitFor();
    await this.next();
    await page.getByRole('radiogroup', { name: 'Dataset' }).getByRole('radio', { name: dataset }).click();
    await this.next();
  }

  type(field: string, value: string): Promise<void> {
    return this.app.id(testIds.wizardField(field)).fill(value);
  }

  next(): Promise<void> {
    return this.app.id(testIds.wizardNext).click();
  }

  async start(): Promise<void> {
    await this.app.id(testIds.wizardStart).click();
    await this.app.id(testIds.runStatus).waitFor();
  }
}

interface Point {
  readonly step: number;
  readonly value: number;
}

/** Newest first. */
export const runsOf = (app: AppUnderTest): Promise<readonly RunView[]> => app.ask('runs:list', { search: '' });

export const seriesOf = async (app: AppUnderTest, id: string, name: string): Promise<readonly Point[]> =>
  (
    await app.ask<Readonly<Record<string, readonly Point[]>>>('runs:series', {
      id,
      names: [name],
      fromStep: null,
      toStep: null,
      maxPoints: 200,
    })
  )[name] ?? [];
