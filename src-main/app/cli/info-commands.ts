import { z } from 'zod';
import { methodById, methodCatalogue } from '../../shared/catalogue/method-catalogue';
import { throwFailure } from '../../shared/result';
import { runSpecSchema } from '../../shared/spec/run-spec';
import { compareRuns } from '../runs/run-views';
import { doctorReport } from '../doctor';
import { startSample } from '../runs/sample';
import type { Command } from './context';
import { exitCodes, shown, table } from './output';
import { shownInterval } from './runs';
import { eventStream, follow, readSpec } from './train';

export const methods: Command = {
  usage: 'methods',
  help: 'What can be trained, with formulas, parameters and defaults.',
  flags: [],
  words: [0, 0],
  run: ({ output }) => {
    const rows = methodCatalogue.map(({ id, name, paper, formula, parameters, needsReference }) => ({
      id,
      name,
      paper,
      formula,
      parameters: parameters.map((p) => ({ name: p.name, default: p.default, range: p.range, help: p.help })),
      needsReference,
    }));
    output.result(rows, () =>
      methodCatalogue
        .map(
          (m) =>
            `${m.id}: ${m.name}. ${m.summary}\n  ${m.formula}\n  ` +
            `${m.paper}\n${m.parameters.map((p) => `  ${p.name} (default ${p.default}): ${p.help}`).join('\n')}`,
        )
        .join('\n\n'),
    );
    return Promise.resolve(exitCodes.done);
  },
};

export const spec: Command = {
  usage: 'spec --example [METHOD] | spec --check FILE | spec --schema',
  help: 'Run specs: a complete example, a check of a file, the JSON Schema.',
  flags: [
    { name: 'example', value: null },
    { name: 'check', value: 'FILE' },
    { name: 'schema', value: null },
  ],
  words: [0, 1],
  run: ({ args, output }) => {
    const file = args.flag('check');
    const asked = [file !== null, args.has('schema'), args.has('example')].filter(Boolean).length;
    if (asked > 1)
      throwFailure('bad-input', 'Specs: one thing at a time.', 'Give --example [METHOD], --check FILE or --schema.');
    if (args.words.length > 0 && !args.has('example'))
      throwFailure('bad-input', `${args.words[0]!} is not expected here.`, 'Only --example takes a word, a method.');
    if (file !== null) {
      readSpec(file);
      output.result({ ok: true }, () => `${file} is a valid run spec.`);
    } else if (args.has('schema')) {
      const schema = z.toJSONSchema(runSpecSchema, { io: 'input' });
      output.result(schema, () => JSON.stringify(schema, null, 2));
    } else if (args.has('example')) {
      const id = args.words[0] ?? 'sampo';
      const method =
        methodById(id) ??
        throwFailure(
          'unsupported',
          `Method ${id} is not available in this version.`,
          `Known: ${methodCatalogue.map((m) => m.id).join(', ')}.`,
        );
      const example = runSpecSchema.parse({
        name: `${method.name} on my pairs`,
        objective: method.objective,
        model: { path: 'path/to/model' },
        dataset: { path: 'path/to/pairs.jsonl' },
        method: { id },
      });
      output.result(example, () => JSON.stringify(example, null, 2));
    } else
      throwFailure('bad-input', 'Say what to do with specs.', 'Give --example [METHOD], --check FILE or --schema.');
    return Promise.resolve(exitCodes.done);
  },
};

export const doctor: Command = {
  usage: 'doctor',
  help: 'What this machine trains with, how fast it is, and what would make it faster.',
  flags: [],
  words: [0, 0],
  run: async ({ output, services }) => {
    const report = await doctorReport(services());
    output.result(report, () =>
      [
        `runtime  ${report.runtime}`,
        `engine   ${report.library} ` +
          `(${report.engine.backend})${report.engine.reason ? `, because ${report.engine.reason}` : ''}`,
        `devices  ${report.devices.join(', ')}`,
        ...report.cards.map(
          (card) =>
            `card ${card.index}   ${card.name}, ${gigabytes(card.freeBytes)} of ${gigabytes(card.totalBytes)} ` +
            `free, driver ${card.driver}`,
        ),
        table(
          ['matrix product', 'GFLOP/s'],
          Object.entries(report.sgemmGflops).map(([side, rate]) => [`${side} × ${side}`, shown(rate)]),
        ),
        ...report.advice.map((line) => `→ ${line}`),
      ].join('\n'),
    );
    return exitCodes.done;
  },
};

export const sample: Command = {
  usage: 'sample',
  help: 'Length bias in two minutes: trains DPO and SamPO on the bundled model and compares them.',
  flags: [],
  words: [0, 0],
  run: async ({ output, services }) => {
    const open = services(eventStream(output));
    const ids = startSample(open);
    output.note('Training DPO and then SamPO on the starter model, with the same pairs, steps and seed.');
    for (const runId of ids) output.event({ event: 'run', runId });
    const code = await follow(open, output, ids);
    if (code !== exitCodes.done) return code;
    const view = compareRuns(
      open.store,
      ids.map((id) => open.runs.get(id)),
    );
    const { runs } = view.length;
    const prompts = [...new Set(view.probes.flat().map((p) => p.promptText))].slice(0, 2);
    const newest = (run: number, prompt: string): string =>
      view.probes[run]!.filter((p) => p.promptText === prompt).at(-1)?.text ?? '–';
    output.result({ event: 'comparison', verdict: view.length.verdict, runs }, () =>
      [
        '',
        view.length.verdict.text,
        '',
        table(
          ['', ...view.runs.map((r) => r.name)],
          [
            ['probe tokens before', ...runs.map((r) => shown(r.probeTokensBefore))],
            ['probe tokens after', ...runs.map((r) => shown(r.probeTokensAfter))],
            ['held-out accuracy', ...runs.map((r) => shown(r.heldOutAccuracy, 2))],
            ['accuracy, chosen longer', ...runs.map((r) => shown(r.accuracyChosenLonger, 2))],
            ['accuracy, chosen shorter', ...runs.map((r) => shown(r.accuracyChosenShorter, 2))],
            ['margin–length correlation', ...runs.map((r) => shownInterval(r))],
          ],
        ),
        '',
        ...prompts.flatMap((prompt) => [
          `» ${prompt}`,
          ...view.runs.map((r, n) => `  ${r.name}: ${newest(n, prompt)}`),
        ]),
      ].join('\n'),
    );
    return exitCodes.done;
  },
};

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;
