// One warm vitest: takes {number, files} on its IPC channel, runs these test files with that mutant on, and says what
// became of it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createVitest } from 'vitest/node';

const [folder, lane] = process.argv.slice(2);
process.env.SAMPO_MUTATION = folder;
process.env.SAMPO_MUTATION_LANE = lane;
const activate = (number) => writeFileSync(join(folder, `active-${lane}`), String(number));
activate(-1);

const quiet = { onInit() {}, onTestRunEnd() {} };
const vitest = await createVitest('test', {
  root: join(folder, 'tree'),
  config: join(folder, 'tree', 'vitest.config.ts'),
  project: ['unit'],
  watch: false,
  reporters: [quiet],
  maxWorkers: 1,
  fileParallelism: false,
  coverage: { enabled: false },
});

/** killed: a test failed; survived: none did. The time limit is the caller's: it ends this whole process. */
async function run({ number, files, bail }) {
  activate(number);
  vitest.config.bail = bail;
  for (const project of vitest.projects) project.config.bail = bail;
  const wanted = new Set(files);
  const specs = (await vitest.globTestSpecifications()).filter(({ moduleId }) => wanted.has(moduleId));
  const order = new Map(files.map((file, i) => [file, i]));
  specs.sort((a, b) => order.get(a.moduleId) - order.get(b.moduleId));
  const modules = [];
  for (const spec of specs) {
    const started = performance.now();
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications([spec], false);
    vitest.state.errorsSet.clear();
    // the state keeps those of earlier runs as well
    const own = testModules.filter(({ moduleId }) => moduleId === spec.moduleId);
    if (own.length === 0 && unhandledErrors.length === 0) throw new Error(`${spec.moduleId} did not run`);
    const failed = own.flatMap((module) =>
      module.ok()
        ? []
        : [[...module.children.allTests('failed')][0]?.fullName ?? module.errors()[0]?.message ?? 'it did not load'],
    );
    const why =
      failed[0] ?? (unhandledErrors.length > 0 ? String(unhandledErrors[0]?.message ?? unhandledErrors[0]) : null);
    modules.push({ file: spec.moduleId, ms: Math.round(performance.now() - started), ok: why === null, why });
    process.send({ progress: modules.at(-1) });
    if (bail && why !== null) break;
  }
  return modules;
}

process.on('message', async (job) => {
  if (job === 'end') {
    await vitest.close();
    process.exit(0);
  }
  try {
    process.send({ number: job.number, modules: await run(job) });
  } catch (error) {
    process.send({ number: job.number, error: error.stack });
  }
});
process.on('disconnect', () => process.exit(1));
process.send({ ready: (await vitest.globTestSpecifications()).map(({ moduleId }) => moduleId) });
