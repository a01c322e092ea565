import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { describe, expect, it } from 'vitest';
import { engineRooms, layeringRules } from './support/layering-rules';

const root = join(import.meta.dirname, '../..');
const sourceFolders = ['src-main', 'src-renderer'];

interface Findings {
  readonly modules: number;
  readonly imports: number;
  readonly violations: readonly string[];
}

async function inspect(folder: string): Promise<Findings> {
  const present = sourceFolders.filter((name) => existsSync(join(folder, name)));
  const { output } = await cruise(present, {
    baseDir: folder,
    validate: true,
    ruleSet: { forbidden: layeringRules },
    tsPreCompilationDeps: true, // otherwise imports of types would be invisible
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.cjs', '.mjs', '.json', '.d.ts'],
    },
  });
  const result = output as ICruiseResult;
  const ours = result.modules.filter(({ source }) => source.startsWith('src-'));
  return {
    modules: ours.length,
    imports: ours.reduce((sum, { dependencies }) => sum + dependencies.length, 0),
    violations: result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
  };
}

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs|js)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

const lineCount = (file: string) => readFileSync(file, 'utf8').split('\n').length - 1;

describe('layers', () => {
  it('are kept by every source file', async () => {
    const { modules, imports, violations } = await inspect(root);
    // A cruiser that finds nothing (a moved folder, a compiler it cannot use) would approve of everything.
    const sources = sourceFolders.flatMap((name) => filesUnder(join(root, name)));
    expect(modules).toBe(sources.filter((file) => !file.endsWith('.d.ts')).length);
    expect(imports).toBeGreaterThan(modules / 2);
    expect(violations).toEqual([]);
  });

  it.each([
    ['src-main/shared/a.ts', "import '../engine/b';", 'shared imports only shared'],
    ['src-main/shared/a.ts', "import 'node:fs';", 'shared runs anywhere: no node'],
    ['src-main/engine/a.ts', "import type { B } from '../app/b';", 'engine imports only engine and shared'],
    ['src-main/engine/a.ts', "import 'node:child_process';", 'engine uses files and computation of node only'],
    ['src-main/engine/a.ts', "import 'better-sqlite3';", 'engine knows neither electron, SQLite nor the page'],
    ['src-main/app/a.ts', "import 'better-sqlite3';", 'only store opens SQLite'],
    ['src-main/shared/a.ts', "import 'better-sqlite3';", 'shared uses no package but zod'],
    ['src-main/store/a.ts', "import '../engine/b';", 'store imports only store and shared'],
    ['src-main/app/a.ts', "import '../engine/b';", 'app knows the engine by its protocol'],
    ['src-main/app/a.ts', "import { B } from '../engine/protocol';", 'app takes only types from the protocol'],
    ['src-main/app/a.ts', "import '../../src-renderer/b';", 'app imports no page'],
    ['src-renderer/a.tsx', "import '../src-main/app/b';", 'the page imports only itself and shared'],
    ['src-renderer/a.tsx', "import 'node:path';", 'the page has no node'],
    ['src-renderer/a.tsx', "import './gone';", 'every import leads somewhere'],
  ])('%s may not say %s', async (file, line, rule) => {
    const { violations } = await inspect(projectWith(file, line));
    expect(violations.map((violation) => violation.split(': src')[0])).toContain(rule);
  });

  it('may not go in circles, even of types', async () => {
    const folder = projectWith('src-main/shared/a.ts', "import type { C } from './c';\nexport type A = C;");
    writeFileSync(join(folder, 'src-main/shared/c.ts'), "import type { A } from './a';\nexport type C = A | 1;");
    const { violations } = await inspect(folder);
    expect(violations.every((violation) => violation.startsWith('no import circles: '))).toBe(true);
    expect(violations).toHaveLength(1);
  });

  it.each([
    ['src-main/engine/data/a.ts', "import '../train/step/b';", 'engine: data imports only rooms before it'],
    ['src-main/engine/train/step/a.ts', "import '../run';", 'engine: train/step imports only rooms before it'],
    ['src-main/engine/infer/a.ts', "import type { B } from '../jobs/b';", 'engine: infer imports only rooms before it'],
  ])('of the engine have an order: %s may not say %s', async (file, line, rule) => {
    const folder = projectWith(file, line);
    for (const room of ['train/step', 'jobs']) {
      mkdirSync(join(folder, 'src-main/engine', room), { recursive: true });
      writeFileSync(join(folder, 'src-main/engine', room, 'b.ts'), 'export type B = 1;\n');
    }
    writeFileSync(join(folder, 'src-main/engine/train/run.ts'), 'export const run = 1;\n');
    const { violations } = await inspect(folder);
    expect(violations.map((violation) => violation.split(': src')[0])).toEqual([rule]);
  });

  it('of the engine all have a place in that order', () => {
    const engine = join(root, 'src-main/engine');
    const rooms = filesUnder(engine).map((file) => {
      const [room, ...rest] = relative(engine, file).replace(/\.ts$/, '').split(sep);
      return room === 'train' ? `train/${rest[0]}` : room;
    });
    expect([...new Set(rooms)].sort()).toEqual([...engineRooms].sort());
  });

  it('allow what the design allows', async () => {
    const folder = projectWith(
      'src-main/app/a.ts',
      "import type { B } from '../engine/protocol';\nimport '../store/b';\nimport 'node:child_process';\nexport " +
        'type C = B;',
    );
    expect((await inspect(folder)).violations).toEqual([]);
  });
});

describe('files', () => {
  it('stay under 400 lines', () => {
    const files = [...sourceFolders, 'scripts'].flatMap((name) => filesUnder(join(root, name)));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => lineCount(file) > 400).map((file) => relative(root, file))).toEqual([]);
  });
});

/** A small project with one `b.ts` in each layer, and the file under test. */
function projectWith(file: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sampo-layers-'));
  const put = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  for (const layer of ['src-main/shared', 'src-main/engine', 'src-main/store', 'src-main/app', 'src-renderer'])
    put(`${layer}/b.ts`, 'export type B = 1;\n');
  put('src-main/engine/protocol.ts', 'export const B = 1;\nexport type B = 1;\n');
  put('node_modules/better-sqlite3/package.json', '{ "name": "better-sqlite3", "main": "index.js" }');
  put('node_modules/better-sqlite3/index.js', '');
  put(file, content);
  return folder;
}
