import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Bridge {
  request(channel: string, input?: unknown): Promise<{ readonly ok: boolean; readonly value?: Record<string, unknown>; readonly error?: { readonly message: string } }>;
}

const root = join(import.meta.dirname, '../..');

// `npm run dist -- --dir` is made for Linux; elsewhere packaging wants an unlocked keychain or a signing tool.
describe.runIf(process.platform === 'linux')('the unpacked build', () => {
  let app: ElectronApplication;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    execFileSync(process.execPath, [join(root, 'scripts/dist.mjs'), '--dir'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    // A packaged app has no set-up manifest to lean on, so it must not see ours.
    const { SAMPO_RUNTIME: _, ...env } = process.env as Record<string, string>;
    app = await _electron.launch({
      executablePath: join(root, 'release/linux-unpacked/sampo-studio'),
      args: ['--no-sandbox'],
      env: { ...env, SAMPO_HOME: mkdtempSync(join(tmpdir(), 'sampo-packaged-')) },
    });
    page = await app.firstWindow();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.waitForSelector('#root > *');
  }, 240_000);

  afterAll(() => app?.close());

  it('is a packaged app that runs from its archive', async () => {
    const facts = await app.evaluate(({ app: self }) => ({ isPackaged: self.isPackaged, path: self.getAppPath(), name: self.getName() }));
    expect(facts).toEqual({ isPackaged: true, path: join(root, 'release/linux-unpacked/resources/app.asar'), name: 'SamPO Studio' });
  });

  it('shows its page, without node in it', async () => {
    expect(await page.title()).toContain('SamPO');
    expect(await page.evaluate('typeof require + typeof process')).toBe('undefinedundefined');
    expect(errors).toEqual([]);
  });

  it('opens its database', async () => {
    expect(await ask('runs:list', { search: '' })).toEqual({ ok: true, value: [] });
  });

  it('starts the same engine as the checkout', async () => {
    const report = await ask('app:doctor');
    expect(report).toMatchObject({ ok: true });
    const manifest = JSON.parse(readFileSync(join(root, 'node_modules/.sampo/runtime.json'), 'utf8')) as { tensorflow: { version: string } | null };
    expect(JSON.stringify(report.value)).toContain(manifest.tensorflow?.version ?? 'wasm');
  });

  const ask = (channel: string, input?: unknown) =>
    page.evaluate(([name, argument]) => (globalThis as unknown as { sampo: Bridge }).sampo.request(name as string, argument), [channel, input] as const);
});
