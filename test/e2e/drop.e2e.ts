import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testIds } from '../../src-renderer/test-ids';
import { AppUnderTest } from './support/app';
import { starter } from './support/cli';

// Files let go on the window, as a person does it: Chromium's own drag events, so that paths come from Electron and not
// from the page.

describe('files dropped on the window', () => {
  let app: AppUnderTest;
  beforeAll(async () => {
    app = await AppUnderTest.start();
    await app.id(testIds.nav('datasets')).click();
    await app.id(testIds.importDataset).first().click();
    await app.id(testIds.dropZone).waitFor();
  });
  afterAll(() => app?.close());

  const drag = async (
    files: readonly string[],
    at: { readonly x: number; readonly y: number },
    types: readonly ('dragEnter' | 'dragOver' | 'drop')[] = ['dragEnter', 'dragOver', 'drop'],
  ): Promise<void> => {
    const session = await app.page.context().newCDPSession(app.page);
    for (const type of types)
      await session.send('Input.dispatchDragEvent', {
        type,
        ...at,
        data: { items: [], files: [...files], dragOperationsMask: 1 },
      });
    await session.detach();
  };
  const zone = async (): Promise<{ x: number; y: number }> => {
    const box = (await app.id(testIds.dropZone).boundingBox())!;
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  const refusal = (text: RegExp): Promise<void> => app.id(testIds.errorPanel).filter({ hasText: text }).waitFor();

  it('are refused with a reason where they are not one preference file', async () => {
    const picture = path.join(app.home, 'photo.png');
    writeFileSync(picture, 'x');
    const folder = path.join(app.home, 'folder');
    mkdirSync(folder);
    await drag([picture], await zone());
    await refusal(/photo\.png does not look like preference data/);
    await drag([folder], await zone());
    await refusal(/folder is a folder/);
    await drag([starter.pairs, picture], await zone());
    await refusal(/2 files were dropped/);
    expect(
      await app.page.evaluate(async () =>
        (globalThis as never as { sampo: { dropped(file: File): Promise<unknown> } }).sampo.dropped(
          new File(['{}'], 'made-up.jsonl'),
        ),
      ),
    ).toMatchObject({ ok: false, error: { message: 'What was dropped is not a file on this computer.' } });
    // a page can name no path
    await expect(app.ask('files:dropped', starter.pairs)).rejects.toThrow(/there is no channel files:dropped/);
  });

  it('elsewhere open nothing in place of the app', async () => {
    const before = app.page.url();
    await drag([starter.pairs], { x: 5, y: 300 });
    await app.page.waitForTimeout(300);
    expect(app.page.url()).toBe(before);
    expect(await app.id(testIds.dropZone).isVisible()).toBe(true);
  });

  it('are imported like picked ones', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      await app.page.emulateMedia({ colorScheme: scheme });
      await drag([starter.pairs], await zone(), ['dragEnter', 'dragOver']);
      await app.page.getByText('Drop the file to look at it').waitFor();
      await app.shot(`drop-${scheme}`);
    }
    await drag([starter.pairs], await zone(), ['drop']);
    await expect.poll(() => app.id(testIds.importName).inputValue()).toBe('pairs');
    await app.id(testIds.importConfirm).click();
    await app.id(testIds.datasetVerdict).waitFor();
    expect(app.errors).toEqual([]);
  });
});
