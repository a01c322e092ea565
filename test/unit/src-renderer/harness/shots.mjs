// node test/unit/src-renderer/harness/shots.mjs [filter]: bundles the renderer with a fake Api and photographs pages
// into /tmp/shots.
import { createServer } from 'node:http';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright';

const root = join(import.meta.dirname, '../../../..');
const out = process.env.SHOTS ?? '/tmp/shots';
const bundle = '/tmp/sampo-harness.js';
await mkdir(out, { recursive: true });
await build({
  entryPoints: [join(import.meta.dirname, 'index.tsx')],
  outfile: bundle,
  bundle: true,
  format: 'esm',
  target: 'chrome110',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
});

const html = await readFile(join(root, 'src-renderer/index.html'), 'utf8');
const server = createServer(async (request, response) => {
  const isScript = request.url?.startsWith('/index.js');
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
  response.end(isScript ? await readFile(bundle) : html);
});
await new Promise((resolve) => server.listen(0, resolve));
const base = `http://localhost:${server.address().port}/`;

const pages = [
  ['start', '#/'],
  ['datasets', '#/datasets'],
  ['dataset-length', '#/datasets/starter'],
  ['dataset-tokens', '#/datasets/starter/tokens'],
  ['dataset-problems', '#/datasets/demo/problems'],
  ['dataset-rows', '#/datasets/big/rows'],
  [
    'import',
    '#/datasets',
    async (page) => {
      await page.getByTestId('import-dataset').click();
      await page.getByText('Choose a file').click();
      await page.getByText('problems, by reason').first().waitFor();
    },
  ],
  ['models', '#/models'],
  ['runs', '#/runs'],
  ['run-live', '#/runs/r_live'],
  ['run-failed', '#/runs/r_failed'],
  ['run-sft', '#/runs/r_sft'],
  ['run-dpo', '#/runs/r_dpo'],
  ['run-numbers', '#/runs/r_dpo', (page) => page.getByTestId('run-tab-numbers').click()],
  ['run-speed', '#/runs/r_dpo', (page) => page.getByTestId('run-tab-speed').click()],
  [
    'run-table',
    '#/runs/r_dpo',
    async (page) => {
      await page.getByTestId('chart-menu-loss').click();
      await page.getByText('Show as table').click();
    },
  ],
  [
    'run-hover',
    '#/runs/r_dpo',
    async (page) => {
      const box = await page.locator('[data-testid=chart-loss] svg[data-chart]').boundingBox();
      await page.mouse.move(box.x + box.width * 0.6, box.y + 60);
    },
  ],
  ['wizard-model', '#/new-run'],
  [
    'wizard-data',
    '#/new-run',
    async (page) => {
      await page.getByTestId('wizard-model-starter').click();
      await page.getByTestId('wizard-next').click();
      await page.getByTestId('wizard-dataset-starter').click();
    },
  ],
  [
    'wizard-method',
    '#/new-run',
    async (page) => {
      await choose(page);
      await page.getByTestId('wizard-step-method').click();
      await page.getByText('Formula').first().click();
    },
  ],
  [
    'wizard-method-simpo',
    '#/new-run',
    async (page) => {
      await choose(page);
      await page.getByTestId('wizard-step-method').click();
      await page.getByTestId('method-group-reference-free').click();
      await page.getByTestId('method-card-simpo').click();
      await page.getByTestId('method-preset-llama3-8b').click();
    },
  ],
  [
    'wizard-method-search',
    '#/new-run',
    async (page) => {
      await choose(page);
      await page.getByTestId('wizard-step-method').click();
      await page.getByTestId('method-search').fill('batch');
    },
  ],
  [
    'wizard-method-further',
    '#/new-run',
    async (page) => {
      await choose(page);
      await page.getByTestId('wizard-step-method').click();
      await page.getByTestId('method-group-dpo').click();
      await page.getByTestId('method-card-exo_pair').click();
      await page.getByTestId('wizard-field-method.labelSmoothing').fill('0');
      await page.getByTestId('wizard-field-method.beta').fill('20');
      await page.getByTestId('method-further').click();
      await page.getByTestId('mix-add').click();
      await page.getByTestId('mix-add').click();
      await page.getByTestId('wizard-field-method.mix.1.weight').fill('-1');
    },
  ],
  [
    'wizard-training',
    '#/new-run',
    async (page) => {
      await choose(page);
      await page.getByTestId('wizard-step-training').click();
    },
  ],
  [
    'wizard-training-rounds',
    '#/new-run',
    async (page) => {
      await choose(page);
      await page.getByTestId('wizard-step-training').click();
      await page.getByTestId('wizard-field-adapter-none').click();
      await page.getByTestId('reference-follows').click();
      await page.getByTestId('wizard-field-rounds').fill('3');
      await page.getByTestId('wizard-field-training.earlyStopping').check();
    },
  ],
  [
    'wizard-review',
    '#/new-run',
    async (page) => {
      await choose(page);
      await page.getByTestId('wizard-step-method').click();
      await page.getByTestId('wizard-twin-dpo').check();
      await page.getByTestId('wizard-step-review').click();
      await page.getByText('What takes it').click();
    },
  ],
  [
    'wizard-review-problem',
    '#/new-run',
    async (page) => {
      await choose(page);
      await page.getByTestId('wizard-step-method').click();
      await page.getByTestId('method-preset-pythia-hh').click();
      await page.getByTestId('wizard-field-method.beta').fill('x');
      await page.getByTestId('wizard-step-training').click();
      await page.getByTestId('wizard-field-rounds').fill('0');
      await page.getByTestId('wizard-step-review').click();
    },
  ],
  ['compare', '#/compare/r_dpo,r_live'],
  ['compare-blind', '#/compare/r_dpo,r_live', (page) => page.getByTestId('compare-blind').check()],
  ['compare-choose', '#/compare'],
  [
    'export',
    '#/runs/r_dpo/export',
    async (page) => {
      await page.getByTestId('export-folder').click();
      await page.getByTestId('export-start').click();
      await page.getByTestId('export-result').waitFor();
    },
  ],
  [
    'settings',
    '#/settings',
    async (page) => {
      await page.getByTestId('settings-doctor').click();
      await page.getByText('GFLOP/s').first().waitFor();
    },
  ],
];
const choose = async (page) => {
  await page.getByTestId('wizard-model-starter').click();
  await page.getByTestId('wizard-step-data').click();
  await page.getByTestId('wizard-dataset-starter').click();
};
const special = [
  ['empty-start', '#/', 'empty'],
  ['empty-datasets', '#/datasets', 'empty'],
  ['empty-models', '#/models', 'empty'],
  ['empty-runs', '#/runs', 'empty'],
  ['empty-compare', '#/compare', 'empty'],
  ['empty-wizard', '#/new-run', 'empty'],
  ['errors-start', '#/', 'errors'],
  ['errors-runs', '#/runs', 'errors'],
  ['errors-run', '#/runs/r_live', 'errors'],
  ['errors-compare', '#/compare/r_dpo,r_live', 'errors'],
  ['loading-run', '#/runs/r_live', 'loading'],
  ['loading-start', '#/', 'loading'],
  ['many-compare', '#/compare/r_0,r_1,r_2,r_3,r_4,r_5,r_6,r_7', 'many'],
  ['settings-cards', '#/settings', 'cards'],
  ['thousands-runs', '#/runs', 'thousands'],
  [
    'bad-model',
    '#/models',
    'bad-model',
    async (page) => {
      await page.getByTestId('add-model').click();
      await page.getByTestId('add-model-folder').click();
      await page.getByText('cannot be used').waitFor();
    },
  ],
];

const filter = process.argv[2] ? new RegExp(process.argv[2]) : /./;
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
let faults = 0;
async function shot(name, hash, { theme = 'light', width = 1280, state = 'rich', act, full = true }) {
  if (!filter.test(name)) return;
  const context = await browser.newContext({ viewport: { width, height: 800 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      faults++;
      console.log(`${name}: ${message.text().slice(0, 300)}`);
    }
  });
  page.on('pageerror', (error) => {
    faults++;
    console.log(`${name}: ${error.stack?.slice(0, 400)}`);
  });
  try {
    await page.goto(`${base}?theme=${theme}&state=${state}${hash}`);
    await page.getByTestId('page-title').waitFor({ timeout: 8000 });
    await act?.(page);
    await page.waitForTimeout(state === 'loading' ? 300 : 700);
    const overflow = await page.evaluate(() => {
      const main = document.getElementById('content');
      return main.scrollWidth > main.clientWidth + 1 ? `${main.scrollWidth} > ${main.clientWidth}` : null;
    });
    if (overflow) {
      faults++;
      console.log(`${name}: content overflows sideways ${overflow}`);
    }
    if (full) {
      const height = await page.evaluate(() => document.getElementById('content').scrollHeight + 32);
      await page.setViewportSize({ width, height: Math.max(800, Math.min(height, 4000)) });
      await page.waitForTimeout(200);
      if (name.startsWith('run-hover')) await act?.(page);
    }
    await page.screenshot({ path: join(out, `${name}.png`) });
  } catch (error) {
    faults++;
    console.log(`${name}: ${String(error).slice(0, 400)}`);
  }
  await context.close();
}
for (const [name, hash, act] of pages) {
  for (const theme of ['light', 'dark'])
    for (const width of [1280, 900]) await shot(`${name}-${theme}-${width}`, hash, { act, theme, width });
}
for (const [name, hash, state, act] of special) await shot(name, hash, { state, act });
await browser.close();
server.close();
console.log(faults === 0 ? 'no faults' : `${faults} faults`);
