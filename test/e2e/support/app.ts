import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type ElectronApplication, type Locator, type Page } from 'playwright';
import { root } from './cli';

/** The real app in a real window, on a home folder of its own. Dialogs are answered from a file. */
export class AppUnderTest {
  readonly errors: string[] = [];
  private constructor(
    readonly app: ElectronApplication,
    readonly page: Page,
    readonly home: string,
    private readonly answers: string,
  ) {
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
  }

  static async start(home = mkdtempSync(path.join(tmpdir(), 'sampo-app-'))): Promise<AppUnderTest> {
    const manifestFile = path.join(root, 'node_modules/.sampo/runtime.json');
    const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as { readonly electron: string };
    const answers = path.join(home, 'answers.json');
    mkdirSync(home, { recursive: true });
    writeFileSync(answers, '{}');
    const { ELECTRON_RUN_AS_NODE: _asNode, ...env } = process.env as Record<string, string>;
    const app = await _electron.launch({ executablePath: manifest.electron, args: ['--no-sandbox', root], env: { ...env, SAMPO_HOME: home, SAMPO_RUNTIME: manifestFile, SAMPO_E2E_PICK: answers } });
    const page = await app.firstWindow();
    const started = new AppUnderTest(app, page, home, answers);
    await page.waitForSelector('#root > *');
    return started;
  }

  /** What the next file dialogs give. */
  answer(picks: Readonly<Record<string, string>>): void {
    writeFileSync(this.answers, JSON.stringify(picks));
  }

  id(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  /** What the page itself gets when it asks the main process; the value of a Result that must be one. */
  ask<T>(channel: string, input: unknown): Promise<T> {
    return this.page.evaluate(async ([c, i]) => (await (globalThis as never as { sampo: { request(channel: unknown, input: unknown): Promise<{ value: never }> } }).sampo.request(c, i)).value, [channel, input] as const);
  }

  /** Pictures for people to look at, where SAMPO_SHOTS names a folder. */
  async shot(name: string): Promise<void> {
    if (process.env.SAMPO_SHOTS) await this.page.screenshot({ path: path.join(process.env.SAMPO_SHOTS, `${name}.png`) });
  }

  async resize(width: number, height = 860): Promise<void> {
    await this.app.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]!.setContentSize(size[0]!, size[1]!), [width, height]);
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
