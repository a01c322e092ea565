import path from 'node:path';
import { z } from 'zod';
import { beforeAll, describe, expect, it } from 'vitest';
import { methodCatalogue } from '../../src-main/shared/catalogue/method-catalogue';
import { datasetFormats, runSpecSchema } from '../../src-main/shared/spec/run-spec';
import { checkRunSpec } from '../../src-main/shared/spec/run-spec-check';
import { sampo, temporaryFolder, writeSpec, type Finished } from './support/cli';
import { coveringArray, type Choice } from './support/covering-array';
import { pairFiles, renamedFile, tinyModel } from './support/option-files';
import { defaultsSaid, indexOf, meet, optionValues, specOf, type OptionFiles } from './support/option-values';

// Every parameter of every method and every field of a run spec, alone and in pairs, through the command line, the
// engine process and the database: two steps each. An option that is accepted must train; a combination that cannot is
// refused by `spec --check` in words.

type Spec = Readonly<Record<string, unknown>>;
const work = temporaryFolder();
const files: OptionFiles = {
  model: path.join(work, 'model'),
  otherModel: path.join(work, 'other model'),
  adapter: path.join(work, 'adapter'),
  data: pairFiles(path.join(work, 'data')),
  renamed: renamedFile(path.join(work, 'data')),
};
const values = optionValues(files);
const said = defaultsSaid(files, values); // by themselves and all at once, not in pairs: the spec is the same
const engines = ['tensorflow', 'wasm'] as const;
const at = (name: string, value: unknown): Choice => ({ [name]: indexOf(values, name, value) });
const specFor = (choice: Choice): Spec => specOf(files, values, choice);
const engineFor = (choice: Choice): (typeof engines)[number] => engines[choice['engine'] ?? 0]!;
/**
 * `spec --check` cannot know whether this machine multiplies in halves, which full fine-tuning needs, nor which engine
 * will train: wasm has no halves, and refuses them by name.
 */
const dependsOnMachine = (choice: Choice): boolean =>
  (choice['training.precision'] ?? 0) > 1 && (choice['adapter.kind'] === 1 || engineFor(choice) === 'wasm');
const isAllowed = (choice: Choice): boolean => !dependsOnMachine(choice) && checkRunSpec(specFor(choice)).ok;
const methods = methodCatalogue.map(({ id }) => at('method.id', id));
const full = at('adapter.kind', 'none');
const { factors, rows, refused } = inPairs();

/** Places of values stay those of `values`, so that a row reads the same everywhere. */
function inPairs(): {
  readonly factors: Readonly<Record<string, number>>;
  readonly rows: readonly Choice[];
  readonly refused: readonly Choice[];
} {
  const kept: Record<string, readonly number[]> = { engine: [0, 1] };
  for (const [name, all] of Object.entries(values))
    kept[name] = [...all.keys()].filter((i) => said[name]?.includes(i) !== true);
  const many = Object.fromEntries(
    Object.entries(kept)
      .filter(([, places]) => places.length > 1)
      .map(([name, places]) => [name, places.length]),
  );
  const back = (choice: Choice): Choice =>
    Object.fromEntries(Object.entries(choice).map(([name, i]) => [name, kept[name]![i]!]));
  const there = (choice: Choice): Choice =>
    Object.fromEntries(Object.entries(choice).map(([name, i]) => [name, kept[name]!.indexOf(i)]));
  const ways = [full, ...methods, ...methods.map((method) => ({ ...method, ...full }))].map(there);
  const made = coveringArray(many, { isAllowed: (choice) => isAllowed(back(choice)), ways, meet });
  return { factors: many, rows: made.rows.map(back), refused: made.refused.map(back) };
}

/** A choice in words: what differs from the default. */
const words = (choice: Choice): string =>
  [
    engineFor(choice),
    ...Object.entries(choice)
      .filter(([name, i]) => name !== 'engine' && (i > 0 || name === 'method.id'))
      .map(([name, i]) => `${name}=${JSON.stringify(values[name]![i])}`),
  ].join(' ');

interface Shown {
  readonly run: {
    readonly status: string;
    readonly progress: { readonly step: number; readonly totalSteps: number | null };
  };
  readonly metrics: Readonly<Record<string, readonly (readonly [number, number])[]>>;
  readonly probes: readonly { readonly step: number; readonly prompt: number; readonly text: string }[];
  readonly checkpoints: readonly { readonly step: number }[];
}
const show = async (home: string): Promise<Shown> => (await sampo(home, ['runs', 'show', 'last'])).json<Shown>();

/** What is wrong with a run, each in a sentence; none where all is well. */
function problemsOf(done: Finished, { run, metrics, probes, checkpoints }: Shown, spec: Spec): readonly string[] {
  const events = done.events() as readonly {
    event: string;
    step: number;
    values: Record<string, number>;
    text?: string;
    prompt?: number;
    status?: string;
  }[];
  const found: string[] = [];
  const expectThat = (holds: boolean, sentence: string): void => void (holds || found.push(sentence));
  expectThat(
    events.at(-1)?.status === 'finished' && run.status === 'finished',
    `ended as ${String(events.at(-1)?.status)}, stored as ${run.status}`,
  );
  const training = events.filter((e) => e.event === 'metrics' && e.values['loss'] !== undefined);
  const {
    rounds = 1,
    training: { maxSteps, earlyStopping = null },
  } = spec as { rounds?: number; training: { maxSteps: number | null; earlyStopping?: object | null } };
  if (earlyStopping === null)
    expectThat(
      training.length === run.progress.totalSteps,
      `${training.length} steps told of, ${run.progress.totalSteps} planned`,
    );
  expectThat(
    training.length > 0 && (maxSteps === null || training.length <= maxSteps * rounds),
    `${training.length} steps, at most ${maxSteps} in each of ${rounds} rounds wanted`,
  );
  for (const { step, values: measured } of events.filter((e) => e.event === 'metrics')) {
    for (const [name, value] of Object.entries(measured)) {
      expectThat(Number.isFinite(value), `${name} is ${value} at step ${step}`);
      expectThat(
        metrics[name]?.some(([s, v]) => s === step && v === value) === true,
        `${name} of step ${step} is not stored as told`,
      );
    }
  }
  const told = events.filter((e) => e.event === 'probe').map(({ step, prompt, text }) => `${step} ${prompt} ${text}`);
  expectThat(
    told.length > 0 &&
      told.join('\n') === probes.map(({ step, prompt, text }) => `${step} ${prompt} ${text}`).join('\n'),
    'the stored answers are not those told',
  );
  const saved = new Set(events.filter((e) => e.event === 'checkpoint').map((e) => e.step));
  expectThat(
    checkpoints.length > 0 && checkpoints.every(({ step }) => saved.has(step)),
    'the checkpoints are not those told',
  );
  return found;
}

type Wanted = readonly [what: string, spec: Spec, engine?: (typeof engines)[number]];

/** Works through a list, two at once, each in a folder of its lane, and gathers what is wrong. */
async function inTwoLanes<T>(
  list: readonly T[],
  work: (item: T, lane: string) => Promise<string | null>,
): Promise<readonly string[]> {
  const found: string[] = [];
  const waiting = [...list];
  const lane = async (name: string): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const wrong = await work(next, name);
      if (wrong !== null) found.push(wrong);
    }
  };
  await Promise.all([lane('1'), lane('2')]);
  return found;
}

const trainAll = (specs: readonly Wanted[]): Promise<readonly string[]> =>
  inTwoLanes(specs, async ([what, spec, engine = 'tensorflow'], lane) => {
    const home = path.join(work, `home ${lane}`);
    const done = await sampo(home, ['train', '--spec', writeSpec(work, spec)], undefined, {
      env: { SAMPO_ENGINE: engine },
    });
    const problems =
      done.code === 0
        ? problemsOf(done, await show(home), spec)
        : [`exit code ${done.code}: ${done.stdout.trim().split('\n').at(-1)}`];
    return problems.length === 0
      ? null
      : `${what}\n    ${problems.slice(0, 5).join('\n    ')}\n    ${JSON.stringify(spec)}`;
  });

const minutes = 60_000;
beforeAll(async () => {
  await tinyModel(files.model, 1);
  await tinyModel(files.otherModel, 2);
  const home = path.join(work, 'home of the adapter');
  const trained = await sampo(home, [
    'train',
    '--spec',
    writeSpec(work, { ...specFor({}), adapter: { rank: 3, targets: 'attention' } }),
  ]);
  expect(trained.code, trained.stdout + trained.stderr).toBe(0);
  const exported = await sampo(home, ['export', 'last', '--form', 'adapter', '--out', files.adapter]);
  expect(exported.code, exported.stdout + exported.stderr).toBe(0);
}, 5 * minutes);

describe('the fields', () => {
  it('of the run spec are all tried: a new one needs its values in support/option-values.ts', () => {
    type Node = {
      readonly properties?: Readonly<Record<string, Node>>;
      readonly anyOf?: readonly Node[];
      readonly oneOf?: readonly Node[];
    };
    const leaves = (node: Node, at: string): readonly string[] => {
      const branches = [node, ...(node.anyOf ?? []), ...(node.oneOf ?? [])].filter((branch) => branch.properties);
      if (branches.length === 0 || at === 'training.earlyStopping' || at === 'dataset.columns') return [at];
      return branches.flatMap(({ properties }) =>
        Object.entries(properties!).flatMap(([name, inner]) => leaves(inner, at === '' ? name : `${at}.${name}`)),
      );
    };
    const fields = new Set(leaves(z.toJSONSchema(runSpecSchema, { io: 'input' }) as Node, ''));
    for (const given of ['model.path', 'dataset.path', 'dataset.format', 'dataset.columns']) fields.delete(given);
    expect([...fields].filter((name) => values[name] === undefined)).toEqual([]);
    expect(datasetFormats.filter((format) => format !== 'auto' && files.data[format] === undefined)).toEqual([]);
  });

  it('pair up in every way that is not refused', () => {
    expect(rows.length).toBeGreaterThan(130);
    expect(rows.every(isAllowed)).toBe(true);
    const names = Object.keys(factors);
    const together = names.flatMap((a, i) =>
      names
        .slice(i + 1)
        .filter((b) => meet(a, b))
        .map((b) => [a, b] as const),
    );
    const total = together.reduce((sum, [a, b]) => sum + factors[a]! * factors[b]!, 0);
    const covered = new Set(rows.flatMap((row) => together.map(([a, b]) => `${a}=${row[a]} ${b}=${row[b]}`)));
    expect(covered.size + refused.length).toBe(total);
  });
});

describe('alone', () => {
  const nulls = Object.fromEntries(
    [
      'beta',
      'labelSmoothing',
      'sampling',
      'variant',
      'lambda',
      'alpha',
      'sftWeight',
      'tau',
      'version',
      'gamma',
      'ldAlpha',
      'wpo',
      'fDivergence',
      'referenceFree',
      'referenceSync',
      'mix',
    ].map((name) => [name, null]),
  );
  const formats = Object.entries(files.data).flatMap(([format, file]) =>
    [format, 'auto'].map((named): [string, Spec] => [
      `${format} named ${named}`,
      { ...specFor({}), dataset: { path: file, format: named } },
    ]),
  );
  const allSaid = Object.fromEntries(
    Object.entries(said).flatMap(([name, places]) => (places.length === 0 ? [] : [[name, places[0]!]])),
  );
  const everyMethod = methodCatalogue.map(({ id }): [string, Spec] => [
    `${id} as it comes`,
    { ...specFor({}), method: { id } },
  ]);
  const untouched: [string, Spec] = [
    'the whole of the defaults',
    { model: { path: files.model }, dataset: { path: files.data['pairs'] }, training: { maxSteps: 2 }, probes: {} },
  ];

  it('defaults, nulls, every format and every method train', { timeout: 10 * minutes }, async () => {
    const withNulls: [string, Spec] = ['every parameter null', { ...specFor({}), method: { id: 'dpo', ...nulls } }];
    const defaults: [string, Spec] = ['every default said', specFor(allSaid)];
    expect(await trainAll([untouched, withNulls, defaults, ...formats, ...everyMethod])).toEqual([]);
  });
});

describe('in pairs', () => {
  const size = 25;
  const parts = Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size));
  it.each(parts.map((part, i) => [i * size + 1, i * size + part.length, part] as const))(
    `runs %i to %i of ${rows.length} train`,
    { timeout: 15 * minutes },
    async (_first, _last, part) => {
      expect(await trainAll(part.map((row) => [words(row), specFor(row), engineFor(row)]))).toEqual([]);
    },
  );

  it('that are refused are refused with the field and what to do', () => {
    for (const pair of refused.filter((choice) => !dependsOnMachine(choice))) {
      const checked = checkRunSpec(specFor(pair));
      if (checked.ok) throw new Error(`${words(pair)} was said to be refused`);
      const { code, message, hint, details } = checked.error;
      expect([code, message.length > 20, hint.length > 20, typeof details?.['path']], words(pair)).toEqual([
        'bad-spec',
        true,
        true,
        'string',
      ]);
    }
  });

  it('are refused by the command line as well', { timeout: 5 * minutes }, async () => {
    const seen = new Set<string>();
    const oneOfEach = refused.filter((choice) => {
      const checked = checkRunSpec(specFor(choice));
      const kind = checked.ok
        ? ''
        : `${checked.error.details?.['path'] as string} ` +
          `${checked.error.message.replace(/\w+_?\w* has no parameter.*/, '').slice(0, 60)}`;
      if (checked.ok || seen.has(kind)) return false;
      seen.add(kind);
      return true;
    });
    expect(oneOfEach.length).toBeGreaterThan(10);
    const halves = writeSpec(work, specFor(at('training.precision', 'bfloat16')));
    const onWasm = await sampo(path.join(work, 'home 1'), ['train', '--spec', halves], undefined, {
      env: { SAMPO_ENGINE: 'wasm' },
    });
    expect(onWasm.code).toBe(2);
    expect(onWasm.stdout).toContain('The wasm engine computes in float32 only, not in bfloat16.');
    for (const choice of oneOfEach) {
      const done = await sampo(path.join(work, 'home 1'), ['spec', '--check', writeSpec(work, specFor(choice))]);
      expect([done.code, done.json<{ error: { code: string } }>().error.code], words(choice)).toEqual([2, 'bad-spec']);
    }
  });
});

describe('a sample of them', () => {
  const every = Math.floor(rows.length / 6);
  const sampled = rows.filter((row, i) => i % every === 0 && (row['training.earlyStopping'] ?? 0) < 3);

  it('stopped after two steps goes on as if it had not been', { timeout: 10 * minutes }, async () => {
    const found = await inTwoLanes(sampled, async (row, lane) => {
      const given = specFor(row) as { training?: object };
      const file = writeSpec(work, {
        ...given,
        training: { ...given.training, maxSteps: 6, epochs: 10, checkpointEvery: 1 },
      });
      const [whole, broken] = [path.join(work, `whole ${lane}`), path.join(work, `broken ${lane}`)];
      const env = { SAMPO_ENGINE: engineFor(row) };
      const untouched = await sampo(whole, ['train', '--spec', file], undefined, { env });
      let asked = false;
      const stopped = await sampo(
        broken,
        ['train', '--spec', file],
        (line, child) => {
          if (asked || !line.includes('"event":"metrics","step":2')) return;
          asked = true;
          child.kill('SIGINT');
        },
        { env },
      );
      const resumed =
        // it may have been faster than the signal
        stopped.code === 130 ? await sampo(broken, ['train', '--resume', 'last'], undefined, { env }) : stopped;
      const [a, b] = [await show(whole), await show(broken)];
      const clockless = (shown: Shown): string =>
        JSON.stringify([Object.entries(shown.metrics).filter(([name]) => !name.startsWith('perf/')), shown.probes]);
      if (untouched.code !== 0 || resumed.code !== 0 || !asked)
        return (
          `${words(row)}\n    exit codes ${untouched.code}, ${stopped.code}, ${resumed.code}: ` +
          `${resumed.stdout.trim().split('\n').at(-1)}`
        );
      return clockless(a) === clockless(b) ? null : `${words(row)}\n    differs from the run that was not stopped`;
    });
    expect(found).toEqual([]);
    expect(sampled.length).toBeGreaterThan(4);
  });
});
