import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patience } from '../support/waits';

interface Bridge {
  request(
    channel: string,
    input?: unknown,
  ): Promise<{
    readonly ok: boolean;
    readonly value?: Record<string, unknown>;
    readonly error?: { readonly message: string };
  }>;
}

const root = join(import.meta.dirname, '../..');

// `npm run dist -- --dir` is made for Linux; elsewhere packaging wants an unlocked keychain or a signing tool.
describe.runIf(process.platform === 'linux')('the unpacked build', () => {
  let app: ElectronApplication;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    execFileSync(process.execPath, [join(root, 'scripts/dist.mjs'), '--dir'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    // A packaged app has no set-up manifest to lean on, and heeds none that its environment names: reading one of these
    // would end it.
    const { SAMPO_RUNTIME: _, ...env } = process.env as Record<string, string>;
    app = await _electron.launch({
      executablePath: join(root, 'release/linux-unpacked/sampo-studio'),
      args: ['--no-sandbox'],
      env: {
        ...env,
        SAMPO_RUNTIME: '/nowhere/runtime.json',
        SAMPO_E2E_PICK: '/nowhere/answers.json',
        SAMPO_HOME: mkdtempSync(join(tmpdir(), 'sampo-packaged-')),
      },
    });
    page = await app.firstWindow();
    page.setDefaultTimeout(patience);
    page.on('pageerror', (error) => errors.push(error.message));
    await page.waitForSelector('#root > *');
  }, 240_000);

  afterAll(() => app?.close());

  it('is a packaged app that runs from its archive', async () => {
    const facts = await app.evaluate(({ app: self }) => ({
      isPackaged: self.isPackaged,
      path: self.getAppPath(),
      name: self.getName(),
    }));
    expect(facts).toEqual({
      isPackaged: true,
      path: join(root, 'release/linux-unpacked/resources/app.asar'),
      name: 'SamPO Studio',
    });
  });

  it('shows its page, without node in it', async () => {
    expect(await page.title()).toContain('SamPO');
    expect(await page.evaluate('typeof require + typeof process')).toBe('undefinedundefined');
    expect(errors).toEqual([]);
  });

  it('carries the guide that Help opens, with the pages and the picture it leads to', () => {
    const resources = join(root, 'release/linux-unpacked/resources');
    const guide = readFileSync(join(resources, 'README.md'), 'utf8');
    const links = [...guide.matchAll(/\]\((docs\/[^)#]+)/g)].map(([, file]) => file!);
    expect(links).toEqual(expect.arrayContaining(['docs/methods.md', 'docs/setup.md', 'docs/images/compare.png']));
    expect(links.filter((file) => !existsSync(join(resources, file)))).toEqual([]);
  });

  it('carries the licences of what it is made of, and no source maps', async () => {
    const resources = join(root, 'release/linux-unpacked/resources');
    const text = readFileSync(join(resources, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['react', '@mui/material', 'zod', 'better-sqlite3', '@tensorflow/tfjs-node-gpu', 'electron'])
      expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
    const files = await app.evaluate(({ app: self }) =>
      process
        .getBuiltinModule('node:fs')
        .readdirSync(self.getAppPath(), { recursive: true })
        .map(String)
        .filter((name) => name.startsWith('dist/')),
    );
    expect(files).toEqual(expect.arrayContaining(['dist/main.cjs', 'dist/engine.cjs', 'dist/renderer/index.html']));
    expect(files.filter((name) => name.endsWith('.map'))).toEqual([]);
    const made = readdirSync(join(root, 'release/.dist/renderer'));
    expect(made.filter((name) => name.endsWith('.map'))).not.toEqual([]); // they are made, and left out
  });

  it('names each package that is in its bundles or beside them, and carries no other', async () => {
    const text = readFileSync(join(root, 'release/linux-unpacked/resources/THIRD-PARTY-NOTICES.txt'), 'utf8');
    const inputs = JSON.parse(readFileSync(join(root, 'release/.dist/.inputs.json'), 'utf8')) as readonly string[];
    const bundled = new Set(inputs.flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []));
    expect(bundled.size).toBeGreaterThan(20);
    const beside = await app.evaluate(({ app: self }) => {
      const { readdirSync: list } = process.getBuiltinModule('node:fs');
      const folder = `${self.getAppPath()}/node_modules`;
      return list(folder).flatMap((name) =>
        name.startsWith('@') ? list(`${folder}/${name}`).map((inner) => `${name}/${inner}`) : [name],
      );
    });
    expect(beside.sort()).toEqual(['@tensorflow/tfjs-node-gpu', 'better-sqlite3', 'google-protobuf']);
    const isNamed = (name: string): boolean => text.includes(`\n${name} `);
    expect([...bundled, ...beside].filter((name) => !isNamed(name))).toEqual([]);
    expect(text).toMatch(/^TensorFlow 2\.\S+ \(Apache-2\.0, and those of its parts\)$/m);
    for (const part of ['XNNPACK', 'com_google_protobuf', 'snappy', 'mkl_dnn']) expect(text).toContain(part);
  });

  it('opens no developer tools, and its policy comes with the page', async () => {
    const opened = await app.evaluate(async ({ BrowserWindow }) => {
      const { webContents } = BrowserWindow.getAllWindows()[0]!;
      webContents.openDevTools();
      await new Promise((resolve) => setTimeout(resolve, 500));
      return webContents.isDevToolsOpened();
    });
    expect(opened).toBe(false);
    const policy = await page.evaluate(
      'fetch("app://sampo/").then((answer) => answer.headers.get("content-security-policy"))',
    );
    expect(policy).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  });

  it('answers no dialog from a file that its environment names', async () => {
    await app.evaluate(
      ({ dialog }) =>
        void Object.assign(dialog, { showOpenDialog: () => Promise.resolve({ canceled: true, filePaths: [] }) }),
    );
    expect(await ask('files:pick', { kind: 'dataset' })).toEqual({ ok: true, value: null });
  });

  it('has the slower engine too, for machines where TensorFlow cannot be had', async () => {
    const said = await ask('settings:set', { engine: 'wasm' });
    expect(said).toMatchObject({ ok: true });
    expect(JSON.stringify((await ask('app:doctor')).value)).toContain('wasm');
    await ask('settings:set', { engine: 'auto' });
  });

  it('has neither reload nor developer tools in its menu', async () => {
    const roles = await app.evaluate(({ Menu }) =>
      Menu.getApplicationMenu()!.items.flatMap(
        (item) => item.submenu?.items.map((inner) => inner.role?.toLowerCase() ?? '') ?? [],
      ),
    );
    for (const role of ['reload', 'forcereload', 'toggledevtools']) expect(roles).not.toContain(role);
  });

  it('opens its database', async () => {
    expect(await ask('runs:list', { search: '' })).toEqual({ ok: true, value: [] });
  });

  it('starts the same engine as the checkout', async () => {
    const report = await ask('app:doctor');
    expect(report).toMatchObject({ ok: true });
    const manifest = JSON.parse(readFileSync(join(root, 'node_modules/.sampo/runtime.json'), 'utf8')) as {
      tensorflow: { version: string } | null;
    };
    expect(JSON.stringify(report.value)).toContain(manifest.tensorflow?.version ?? 'wasm');
  });

  it('trains as the checkout does: an adapter, its calls in lanes by the addon that lies beside the archive', {
    timeout: 120_000,
  }, async () => {
    const first = async (channel: string): Promise<string> =>
      ((await ask(channel)).value as unknown as readonly { readonly id: string }[])[0]?.id ?? '';
    // the starter content is added while the window is open already
    await expect.poll(() => first('datasets:list')).not.toBe('');
    const spec = {
      model: { path: `model:${await first('models:list')}` },
      dataset: { path: `dataset:${await first('datasets:list')}` },
      adapter: { kind: 'lora' },
      training: { maxSteps: 2 },
      probes: { everySteps: 2, maxNewTokens: 4 },
    };
    const started = await ask('runs:start', { specs: [spec] });
    expect(started).toMatchObject({ ok: true });
    const [id] = started.value as unknown as readonly string[];
    const run = async () =>
      (
        (await ask('runs:get', { id })).value as {
          readonly run: { readonly status: string; readonly engine: string | null; readonly error: unknown };
        }
      ).run;
    await expect.poll(async () => (await run()).status, { interval: 500 }).toMatch(/finished|failed/);
    const { status, engine, error } = await run();
    expect({ status, error }).toEqual({ status: 'finished', error: null });
    if (availableParallelism() > 1 && engine?.startsWith('TensorFlow')) expect(engine).toMatch(/calls at once$/);
  });

  const ask = (channel: string, input?: unknown) =>
    page.evaluate(
      ([name, argument]) => (globalThis as unknown as { sampo: Bridge }).sampo.request(name as string, argument),
      [channel, input] as const,
    );
});
