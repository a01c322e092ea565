import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunDetail, RunView } from '../../src-main/shared/views/run';
import { testIds } from '../../src-renderer/test-ids';
import { AppUnderTest } from './support/app';
import { sampo, starter, writeSpec } from './support/cli';

// What a person sees when something goes wrong: an engine that does not answer, a second start, a damaged history.

let app: AppUnderTest | null = null;
afterEach(async () => {
  await app?.close();
  app = null;
});
const newHome = (): string => mkdtempSync(path.join(tmpdir(), 'sampo-trouble-'));

/** The process of the run at work, by the name that the app gave it. */
const engineOf = ({ app: electron }: AppUnderTest): Promise<number> =>
  electron.evaluate(({ app: self }) => {
    const named = self.getAppMetrics().find(({ serviceName, name }) => [serviceName, name].includes('SamPO engine'));
    return named!.pid;
  });

async function trainingAt(under: AppUnderTest, id: string, step: number): Promise<void> {
  const reached = async (): Promise<number> => (await under.ask<RunDetail>('runs:get', { id })).run.progress.step;
  await expect.poll(reached).toBeGreaterThan(step);
}

describe('closing while the engine does not answer', () => {
  it('shows what it saves and what ending would lose, and ends at once when told to', async () => {
    app = await AppUnderTest.start(newHome());
    const { app: electron, page, home } = app;
    const [id] = await app.ask<string[]>('runs:sample', undefined);
    await trainingAt(app, id!, 2);
    const engine = await engineOf(app);
    process.kill(engine, 'SIGSTOP'); // it hears nothing any more
    await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close());
    const saving = app.id(testIds.closing);
    await saving.getByText('Saving “DPO”').waitFor();
    await saving.getByText(/Without saving, (all \d+ steps are lost|what was learned since|no step is lost)/).waitFor();
    await app.shots('saving');

    // a second start meanwhile is not lost: the app starts again once it is closed
    await electron.evaluate(({ app: self }) => {
      Object.assign(self, { relaunch: () => void Object.assign(globalThis, { relaunched: true }) });
    });
    expect(await app.startAgain()).toBe(0);
    expect(await electron.evaluate(() => (globalThis as { relaunched?: boolean }).relaunched)).toBe(true);
    expect(await saving.isVisible()).toBe(true);

    const child = electron.process();
    const ended = once(child, 'exit');
    const asked = Date.now();
    await app.id(testIds.closingEnd).click();
    expect((await ended)[0]).toBe(0);
    app = null;
    expect(Date.now() - asked).toBeLessThan(20_000); // the engine's own limit is five minutes
    expect(existsSync(`/proc/${engine}`)).toBe(false);
    const shown = (await sampo(home, ['runs', 'show', id!])).json<{ run: RunView }>();
    expect(shown.run).toMatchObject({
      status: 'interrupted',
      error: { message: 'The engine was ended without saving.' },
    });
    expect(page.isClosed()).toBe(true);
  });
});

describe('a second start', () => {
  it('shows the window of the first, hidden or closed, and leaves', async () => {
    app = await AppUnderTest.start(newHome());
    const { app: electron } = app;
    const windows = (): Promise<readonly boolean[]> =>
      electron.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().map((window) => window.isVisible() && !window.isMinimized()),
      );
    await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.hide());
    await expect.poll(windows).toEqual([false]);
    expect(await app.startAgain()).toBe(0);
    await expect.poll(windows).toEqual([true]);

    await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.minimize());
    expect(await app.startAgain()).toBe(0);
    await expect.poll(windows).toEqual([true]);

    // as where an app outlives its windows
    await electron.evaluate(({ app: self }) => {
      self.removeAllListeners('window-all-closed').on('window-all-closed', () => undefined);
    });
    await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.destroy());
    await expect.poll(windows).toEqual([]);
    expect(await app.startAgain()).toBe(0);
    await expect.poll(windows).toEqual([true]);
  });
});

describe('a damaged history', () => {
  it('is put back from its backup at the start, and runs made since are listed again from their folders', async () => {
    const home = newHome();
    const [training, probes] = [{ maxSteps: 2, checkpointEvery: 1 }, { prompts: [] }];
    for (const name of ['before the backup', 'after the backup']) {
      const spec = {
        name,
        model: { path: starter.model },
        dataset: { path: starter.pairs, limit: 24 },
        training,
        probes,
      };
      expect((await sampo(home, ['train', '--spec', writeSpec(home, spec)])).code).toBe(0);
    }
    const file = path.join(home, 'sampo.sqlite');
    const bytes = readFileSync(file);
    for (let at = 4096; at < bytes.length; at += 4096) bytes.fill(0x5a, at, at + 64);
    for (const companion of ['-wal', '-shm']) rmSync(`${file}${companion}`, { force: true });
    writeFileSync(file, bytes);
    const checked = await sampo(home, ['history', 'check']);
    expect([checked.code, checked.stdout + checked.stderr]).toEqual([
      2,
      expect.stringMatching(/damaged.*history restore/s),
    ]);

    app = await AppUnderTest.start(home, { rescue: 'restore' });
    await app.id(testIds.nav('runs')).click();
    await app.id(testIds.lostRuns).waitFor();
    const listed = await app.ask<readonly RunView[]>('runs:list', { search: '' });
    expect(listed.map(({ name }) => name)).toEqual(['before the backup']);
    await app.shots('lost-runs');
    await app.id(testIds.lostRunsShow).click();
    await app.page.getByRole('dialog').getByText('after the backup').waitFor();
    await app.shots('lost-runs-dialog');
    await app.id(testIds.lostRunsList).click();
    await app.page.getByRole('dialog').waitFor({ state: 'detached' });
    await app.id(testIds.lostRuns).waitFor({ state: 'detached' });
    const runs = await app.ask<readonly RunView[]>('runs:list', { search: '' });
    expect(runs.map(({ name }) => name)).toEqual(['after the backup', 'before the backup']);
    expect(runs.map(({ status }) => status)).toEqual(['finished', 'finished']);
    await app.id(testIds.nav('settings')).click();
    await app.id(testIds.showDiagnostics).scrollIntoViewIfNeeded();
    await app.shots('settings-trouble');
    await app.id(testIds.showDiagnostics).click();
    await app.id(testIds.diagnosticsSave).and(app.page.locator(':enabled')).waitFor();
    await app.shots('diagnostics');
    const inside = await app
      .id(testIds.diagnostics)
      .locator('.MuiDialogContent-root')
      .evaluate((node) => node.scrollWidth - node.clientWidth);
    expect(inside, 'a long line scrolls in its own block').toBeLessThanOrEqual(0);
    expect(app.errors).toEqual([]);
  });
});
