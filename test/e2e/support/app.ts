import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type ElectronApplication, type Locator, type Page } from 'playwright';
import { patience } from '../../support/waits';
import { root } from './cli';

/** How the app of this checkout is started on a home. */
function program(home: string): {
  readonly executablePath: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
} {
  const manifestFile = path.join(root, 'node_modules/.sampo/runtime.json');
  const { electron } = JSON.parse(readFileSync(manifestFile, 'utf8')) as { readonly electron: string };
  const { ELECTRON_RUN_AS_NODE: _asNode, ...env } = process.env as Record<string, string>;
  const own = { SAMPO_HOME: home, SAMPO_RUNTIME: manifestFile, SAMPO_E2E_PICK: path.join(home, 'answers.json') };
  return { executablePath: electron, args: ['--no-sandbox', root], env: { ...env, ...own } };
}

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

  /** `answers`: what native dialogs give that are asked before there is a window. */
  static async start(
    home = mkdtempSync(path.join(tmpdir(), 'sampo-app-')),
    answers: Readonly<Record<string, string>> = {},
  ): Promise<AppUnderTest> {
    const answersFile = path.join(home, 'answers.json');
    mkdirSync(home, { recursive: true });
    writeFileSync(answersFile, JSON.stringify(answers));
    const { executablePath, args, env } = program(home);
    const app = await _electron.launch({ executablePath, args: [...args], env });
    const page = await app.firstWindow();
    page.setDefaultTimeout(patience);
    const started = new AppUnderTest(app, page, home, answersFile);
    await page.waitForSelector('#root > *');
    return started;
  }

  /** Starts the program once more on the same home, as a double click does; resolves with its exit code. */
  async startAgain(): Promise<number | null> {
    const { executablePath, args, env } = program(this.home);
    const second = spawn(executablePath, args, { env, stdio: 'ignore' });
    const [code] = (await once(second, 'exit')) as [number | null];
    return code;
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
    return this.page.evaluate(
      async ([c, i]) =>
        (
          await (
            globalThis as never as { sampo: { request(channel: unknown, input: unknown): Promise<{ value: never }> } }
          ).sampo.request(c, i)
        ).value,
      [channel, input] as const,
    );
  }

  /** Pictures for people to look at, where SAMPO_SHOTS names a folder. */
  async shot(name: string): Promise<void> {
    if (process.env.SAMPO_SHOTS)
      await this.page.screenshot({ path: path.join(process.env.SAMPO_SHOTS, `${name}.png`) });
  }

  /** In both themes and at the two usual widths. */
  async shots(name: string): Promise<void> {
    if (!process.env.SAMPO_SHOTS) return;
    for (const theme of ['light', 'dark'] as const) {
      await this.ask('settings:set', { theme });
      for (const width of [1280, 900] as const) {
        await this.resize(width);
        await this.page.waitForTimeout(400);
        await this.shot(`${name}-${theme}-${width}`);
      }
    }
  }

  async resize(width: number, height = 860): Promise<void> {
    await this.app.evaluate(
      ({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]!.setContentSize(size[0]!, size[1]!),
      [width, height],
    );
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
