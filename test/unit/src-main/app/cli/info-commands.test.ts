import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { methodCatalogue } from '../../../../../src-main/shared/catalogue/method-catalogue';
import type { EngineEvent } from '../../../../../src-main/shared/ipc/engine-events';
import { runSpecSchema } from '../../../../../src-main/shared/spec/run-spec';
import { CommandLine } from '../../../support/command-line';

const cards = vi.hoisted(() => ({ list: [] as unknown[] }));
vi.mock(import('../../../../../src-main/app/gpu-cards'), async (original) => ({
  ...(await original()),
  gpuCards: () => cards.list as never,
}));

// the bundle lies elsewhere than this source
vi.mock(import('../../../../../src-main/app/services'), async (original) => ({
  ...(await original()),
  starterFolder: () => path.join(import.meta.dirname, '../../../../../resources/starter'),
}));

let line: CommandLine;
beforeEach(() => void (line = new CommandLine()));

describe('methods', () => {
  it('are listed with formulas, parameters and defaults', async () => {
    const rows = await line.json<readonly Record<string, unknown>[]>('methods');
    expect(rows.map((row) => row['id'])).toEqual(methodCatalogue.map((m) => m.id));
    for (const [i, row] of rows.entries()) {
      const entry = methodCatalogue[i]!;
      expect(Object.keys(row)).toEqual(['id', 'name', 'paper', 'formula', 'parameters', 'needsReference']);
      expect(row).toMatchObject({ name: entry.name, paper: entry.paper, formula: entry.formula });
      expect(row['parameters']).toEqual(
        entry.parameters.map((p) => ({ name: p.name, default: p.default, range: p.range, help: p.help })),
      );
    }
    const { code, stdout } = await line.run('methods');
    const [one] = methodCatalogue;
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      `${one!.id}: ${one!.name}. ${one!.summary}`,
      `  ${one!.formula}`,
      `  ${one!.paper}`,
      `  ${one!.parameters[0]!.name} (default ${one!.parameters[0]!.default}): ${one!.parameters[0]!.help}`,
    ]);
    expect(stdout.trim().split('\n\n')).toHaveLength(methodCatalogue.length);
    expect(existsSync(path.join(line.home, 'sampo.sqlite'))).toBe(false); // it needs no home
  });
});

describe('spec', () => {
  it.each([
    [[], 'sampo', 'SamPO on my pairs'],
    ...methodCatalogue.map((m) => [[m.id], m.id, `${m.name} on my pairs`] as const),
  ] as const)('--example %j is a whole spec, valid as it stands', async (words, id, name) => {
    const example = await line.json<Record<string, unknown>>('spec', '--example', ...words);
    expect(example).toMatchObject({
      name,
      model: { path: 'path/to/model' },
      dataset: { path: 'path/to/pairs.jsonl' },
      method: { id },
    });
    expect(runSpecSchema.parse(example)).toEqual(example);
    const file = path.join(line.home, 'spec.json');
    writeFileSync(file, (await line.run('spec', '--example', ...words)).stdout);
    expect(await line.run('spec', '--check', file)).toMatchObject({
      code: 0,
      stdout: `${file} is a valid run spec.\n`,
    });
    expect(await line.json('spec', '--check', file)).toEqual({ ok: true });
  });

  it('--schema says which fields there are, and which are needed', async () => {
    const schema = await line.json<{ properties: object; required: string[] }>('spec', '--schema');
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['model', 'dataset', 'method', 'training']));
    // of the input: what has a default may be left out
    expect([...schema.required].sort()).toEqual(['dataset', 'model']);
    expect(JSON.parse((await line.run('spec', '--schema')).stdout)).toEqual(schema);
  });

  it.each([
    [[], 'bad-input', 'Say what to do with specs.', /--example \[METHOD\], --check FILE or --schema/],
    [['--example', '--schema'], 'bad-input', 'Specs: one thing at a time.', /--check FILE/],
    [['--check', 'f', '--schema'], 'bad-input', 'Specs: one thing at a time.', /--check FILE/],
    [['--check', 'f', '--example'], 'bad-input', 'Specs: one thing at a time.', /--check FILE/],
    [['--check', 'f', 'dpo'], 'bad-input', 'dpo is not expected here.', /--example takes a word/],
    [['dpo'], 'bad-input', 'dpo is not expected here.', /--example takes a word/],
    [['--example', 'dop'], 'unsupported', 'Method dop is not available in this version.', /^Known: sampo, dpo, /],
    [['--example', 'a', 'b'], 'bad-input', 'sampo spec takes 0 to 1 word after its name, not 2.', /^Usage: sampo spec/],
  ] as const)('refuses %j', async (words, code, message, hint) => {
    expect(await line.error('spec', ...words)).toMatchObject({
      code,
      message,
      hint: expect.stringMatching(hint) as string,
    });
  });
});

describe('doctor', () => {
  it('says what trains here and how fast', async () => {
    cards.list = [
      { index: 0, name: 'NVIDIA T4', totalBytes: 16 * 2 ** 30, freeBytes: 15.5 * 2 ** 30, driver: '550.1' },
    ];
    line.answers({
      doctor: () => ({
        engine: { backend: 'wasm', library: 'tfjs 4', devices: ['CPU · 2 cores', 'SIMD'], reason: 'no TensorFlow' },
        sgemmGflops: { '512': 200.2, '1024': 1234.5 },
      }),
    });
    const { code, stdout } = await line.run('doctor');
    const lines = stdout.split('\n');
    expect(code).toBe(0);
    expect(lines[0]).toBe(`runtime  ${(await line.json<{ runtime: string }>('doctor')).runtime}`);
    expect(lines.slice(1, 8)).toEqual([
      'engine   tfjs 4 (wasm), because no TensorFlow',
      'devices  CPU · 2 cores, SIMD',
      'card 0   NVIDIA T4, 15.5 GB of 16.0 GB free, driver 550.1',
      'matrix product  GFLOP/s',
      '──────────────  ───────',
      '512 × 512           200',
      '1024 × 1024        1230',
    ]);
    expect(lines.slice(8, -1).every((text) => text.startsWith('→ '))).toBe(true);
    expect(lines[8]).toMatch(/TensorFlow is not in use/);
    cards.list = [];
  });

  it('gives no reason where the engine is the best there is', async () => {
    const engine = { backend: 'tensorflow', library: 'TensorFlow 2', devices: ['GPU'], reason: null } as const;
    line.answers({ doctor: () => ({ engine, sgemmGflops: {} }) });
    expect((await line.run('doctor')).stdout.split('\n')[1]).toBe('engine   TensorFlow 2 (tensorflow)');
  });
});

describe('sample', () => {
  const outcome = { outcome: 'finished', steps: 4, checkpointPath: '', best: null } as const;
  const probe = (step: number, prompt: number, text: string, tokens: number): EngineEvent => ({
    kind: 'probe',
    sample: { step, prompt, promptText: `question ${prompt}`, text, tokens, finish: 'eos' },
  });
  const said: readonly EngineEvent[] = [
    { kind: 'running', firstStep: 1, totalSteps: 4 },
    probe(0, 0, 'before', 10),
    probe(4, 0, 'after', 20),
    probe(4, 1, 'second', 30),
    probe(4, 2, 'third', 30),
  ];

  it('trains DPO, then SamPO, alike in all else, and compares them', async () => {
    line.answers({ train: () => outcome }, said);
    const { code, stdout, stderr } = await line.run('sample');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Training DPO and then SamPO on the starter model/);
    expect(line.heard.map((c) => (c.kind === 'start' && c.job === 'train' ? c.input.spec.method.id : ''))).toEqual([
      'dpo',
      'sampo',
    ]);
    expect(line.store(({ runs }) => runs.list().map((r) => [r.name, r.modelName, r.datasetName]))).toEqual([
      ['SamPO', 'Starter model', 'Starter pairs'],
      ['DPO', 'Starter model', 'Starter pairs'],
    ]);
    expect(stdout).toMatch(/^ +DPO +SamPO$/m);
    expect(stdout).toMatch(/^probe tokens before +10 +10$/m);
    expect(stdout).toMatch(/^held-out accuracy +– +–$/m);
    expect(stdout.slice(stdout.indexOf('»'))).toBe(
      '» question 0\n  DPO: after\n  SamPO: after\n» question 1\n  DPO: second\n  SamPO: second\n',
    );
  });

  it('is a stream of events that ends with the comparison', async () => {
    line.answers({ train: () => outcome }, said);
    const events = await line.events('sample');
    expect(events.filter(({ event }) => event !== 'probe').map(({ event, status }) => status ?? event)).toEqual([
      'run',
      'run',
      'finished',
      'finished',
      'comparison',
    ]);
    expect(events.at(-1)).toMatchObject({
      event: 'comparison',
      verdict: { text: expect.any(String) as string },
      runs: [{ runId: events[0]!['runId'] }, { runId: events[1]!['runId'] }],
    });
  });

  it('compares nothing where one of the two did not get to its end, and trains no more', async () => {
    line.answers({ train: () => ({ ...outcome, outcome: 'stopped' }) }, said);
    const { code, stdout, stderr } = await line.run('sample');
    expect([code, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/DPO stopped after step 0/);
    expect(line.store(({ runs }) => runs.list().map((r) => r.status))).toEqual(['stopped', 'stopped']);
  });
});
