#!/usr/bin/env node
// node test/mutation/run.mjs [--sample N] [--seed S] [--areas a,b] [--words] [--again] [--most-files N] [--out DIR]:
// README.md beside this file.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  appendFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readManifest } from '../../scripts/lib/manifest.mjs';
import { root } from '../../scripts/lib/paths.mjs';
import { build } from '../../scripts/build.mjs';
import { Lane } from './lanes.mjs';
import { instrument } from './mutants.mjs';
import { writeReport } from './report.mjs';

const allAreas = [
  'src-main/shared',
  'src-main/engine/data',
  'src-main/engine/tokenizer',
  'src-main/engine/train',
  'src-main/engine/adapter',
  'src-main/engine/batch',
  'src-main/engine/infer',
  'src-main/engine/program',
  'src-main/engine/files.ts',
  'src-main/app',
];
const { values: given } = parseArgs({
  options: {
    sample: { type: 'string', default: '150' },
    seed: { type: 'string', default: '1' },
    areas: { type: 'string', default: allAreas.join(',') },
    words: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    'most-files': { type: 'string', default: '30' },
    out: { type: 'string', default: join(root, 'test-results', 'mutation') },
  },
});
const out = resolve(given.out);
const tree = join(out, 'tree');
const areas = given.areas
  .split(',')
  .map((area) => allAreas.find((known) => known === area || known.endsWith(`/${area}`)) ?? area);
const isIn = (file, places) => places.some((place) => file === place || file.startsWith(`${place}/`));
const strange = areas.filter((area) => !isIn(area, allAreas) && !allAreas.some((known) => isIn(known, [area])));
if (strange.length > 0)
  throw new Error(`no mutants are made in ${strange.join(', ')}; areas are ${allAreas.join(', ')}`);
/** They read the sources themselves, which are others here. */
const unfit = ['test/unit/layering.test.ts', 'test/unit/spread-arguments.test.ts', 'test/unit/mutation.test.ts'];
const lanesAtOnce = 2;
const sha = (text) => createHash('sha256').update(text).digest('hex');

/** A copy of the checkout in which every file of the areas carries its mutants. The checkout itself stays as it is. */
function makeTree() {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file && existsSync(join(root, file)));
  const mutants = [];
  const digest = createHash('sha256');
  const kept = new Set();
  for (const file of files) {
    let content = readFileSync(join(root, file));
    digest.update(file).update(content);
    if (isIn(file, allAreas) && file.endsWith('.ts') && !file.endsWith('.d.ts')) {
      const made = instrument(file, content.toString('utf8'), { first: mutants.length, words: given.words });
      for (const mutant of made.mutants) mutants.push(mutant);
      content = Buffer.from(made.text);
    }
    if (file === 'vitest.config.ts')
      content = Buffer.from(
        content.toString('utf8').replace("name: 'unit',", "name: 'unit', setupFiles: ['test/mutation/setup.ts'],"),
      );
    const to = join(tree, file);
    kept.add(to);
    if (existsSync(to) && readFileSync(to).equals(content)) continue;
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, content);
  }
  for (const entry of readdirSync(tree, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !kept.has(path)) rmSync(path); // of an earlier state of the checkout
  }
  for (const name of ['node_modules', 'dist'])
    if (!existsSync(join(tree, name))) symlinkSync(join(root, name), join(tree, name));
  const shared = join(root, '..', 'shared');
  if (existsSync(shared) && !existsSync(join(out, 'shared'))) symlinkSync(shared, join(out, 'shared'));
  return { mutants, digest: digest.digest('hex') };
}

/** Which test files come across which mutants, and how long they take: one run of all unit tests with no mutant on. */
async function reach(lanes, digest, testFiles) {
  const file = join(out, 'reach.json');
  const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const isCurrent = known.digest === digest;
  if (!isCurrent) rmSync(join(out, 'hits'), { recursive: true, force: true });
  const tests = isCurrent ? known.tests : [];
  const failing = isCurrent ? known.failing : [];
  const waiting = testFiles.filter((test) => !failing.includes(test) && !tests.some((done) => done.file === test));
  await Promise.all(
    lanes.map(async (lane) => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [done] = (await lane.run({ number: -1, files: [next], bail: 0 }, 600_000)).modules ?? [];
        const hitFile = join(out, 'hits', `${next.replaceAll(/[\\/]/g, '~')}.json`);
        const hits = existsSync(hitFile) ? JSON.parse(readFileSync(hitFile, 'utf8')) : [];
        if (done?.ok) tests.push({ file: next, ms: done.ms, hits });
        else {
          failing.push(next);
          console.log(
            `  left out, since it fails without a mutant: ${next.slice(tree.length + 1)}: ${done?.why ?? 'no answer'}`,
          );
        }
        writeFileSync(file, JSON.stringify({ digest, tests, failing })); // one that is interrupted goes on here
        process.stderr.write(`\r  ${tests.length} of ${testFiles.length} test files`);
      }
    }),
  );
  process.stderr.write('\n');
  return tests;
}

/** Deterministic: the same seed draws the same mutants as long as they are there, whatever else changes. */
const drawn = (mutants, count) =>
  mutants
    .map((mutant) => [sha(`${given.seed}|${mutant.key}`), mutant])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, count)
    .map(([, mutant]) => mutant);

const resultsFile = join(out, 'results.jsonl');
const readResults = () =>
  new Map(
    existsSync(resultsFile)
      ? readFileSync(resultsFile, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line))
          .map((result) => [result.key, result])
      : [],
  );

async function main() {
  await build();
  const manifest = await readManifest();
  if (manifest === null) throw new Error('set the project up first: npm run setup');
  const { mutants, digest } = makeTree();
  const chosen = drawn(
    mutants.filter(({ file }) => isIn(file, areas)),
    Number(given.sample),
  );
  console.log(`${mutants.length} mutants in all, ${chosen.length} drawn (seed ${given.seed}) from ${areas.join(', ')}`);
  const lanes = Array.from({ length: lanesAtOnce }, (_, i) => new Lane(out, i, manifest));
  const started = performance.now();
  try {
    const testFiles = (await lanes[0].files()).filter((file) => !unfit.some((name) => file.endsWith(name)));
    const tests = await reach(lanes, digest, testFiles);
    const results = readResults();
    const sources = new Map(mutants.map((mutant) => [mutant.key, mutant]));
    for (const [key] of results) if (!sources.has(key)) results.delete(key); // the code is another by now
    const isOpen = ({ key }) => (given.again ? results.get(key)?.status !== 'killed' : !results.has(key));
    const waiting = chosen.filter(isOpen);
    const total = waiting.length;
    let done = 0;
    await Promise.all(
      lanes.map(async (lane) => {
        for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
          const result = { ...mutant, ...(await tryMutant(lane, mutant, tests)) };
          results.set(mutant.key, result);
          appendFileSync(resultsFile, `${JSON.stringify(result)}\n`);
          done++;
          const minutes = (performance.now() - started) / 60_000;
          console.log(
            `${done}/${total} (${(done / minutes).toFixed(0)} a minute) ${result.status} ` +
              `${mutant.file}:${mutant.line} ${mutant.kind}: ${mutant.was} → ` +
              `${mutant.becomes}${result.by ? `  [${result.by}]` : ''}`,
          );
        }
      }),
    );
    const now = chosen.map((mutant) => ({ ...results.get(mutant.key), ...mutant })).filter(({ status }) => status);
    console.log(writeReport(out, now, { seed: given.seed, sample: chosen.length, all: mutants.length, areas }));
  } finally {
    await Promise.all(lanes.map((lane) => lane.end()));
  }
}

async function tryMutant(lane, mutant, tests) {
  const own = basename(mutant.file, '.ts');
  const reaching = tests.filter(({ hits }) => hits.includes(mutant.number));
  if (reaching.length === 0) return { status: 'survived', why: 'no unit test reaches it' };
  const isOwn = ({ file }) => (basename(file).startsWith(`${own}.`) ? 0 : 1);
  const most = Number(given['most-files']);
  const files = [...reaching].sort((a, b) => isOwn(a) - isOwn(b) || a.ms - b.ms).slice(0, most);
  const limit = 20_000 + 4 * files.reduce((sum, { ms }) => sum + ms, 0);
  const { modules, error, timedOut } = await lane.run(
    { number: mutant.number, files: files.map(({ file }) => file), bail: 1 },
    limit,
  );
  if (timedOut) return { status: 'killed', by: `no end within ${Math.round(limit / 1000)} s` };
  if (error) return { status: 'killed', by: `the runner: ${error.split('\n')[0]}` };
  const killer = modules.find(({ ok }) => !ok);
  if (killer) return { status: 'killed', by: `${basename(killer.file)}: ${String(killer.why).slice(0, 80)}` };
  return { status: 'survived', why: `${files.length} of ${reaching.length} test files that reach it passed` };
}

await main();
process.exit(0);
