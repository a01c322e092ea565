import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { plural } from '../../shared/length/length-words';
import { throwFailure, messageOf } from '../../shared/result';
import { rowWords, warningSentence } from '../../shared/data/row-problems';
import { checkDatasetColumns } from '../../shared/spec/run-spec-check';
import { datasetFormats, type DatasetFormat } from '../../shared/spec/run-spec';
import { exportDtypes } from '../../shared/views/export';
import type { DataSource } from '../../engine/protocol';
import { exportRun } from '../runs/export-run';
import { findRun, type Command } from './context';
import type { Arguments } from './arguments';
import { exitCodes, shown, table } from './output';

function formatOf(args: Arguments): DatasetFormat {
  const given = args.flag('format') ?? 'auto';
  return (
    datasetFormats.find((f) => f === given) ??
    throwFailure('bad-input', `--format ${given} is not known.`, `Known: ${datasetFormats.join(', ')}.`, {
      flag: 'format',
    })
  );
}

/** How a preference file is to be read: `--format` and `--columns`. */
function dataSource(file: string, args: Arguments): DataSource {
  const columns = args.flag('columns');
  if (columns === null) return { path: file, format: formatOf(args), columns: null };
  const given = ((): unknown => {
    try {
      return JSON.parse(columns);
    } catch (thrown) {
      return throwFailure('bad-input', `--columns is not JSON: ${messageOf(thrown)}`, columnsExample, {
        flag: 'columns',
      });
    }
  })();
  const checked = checkDatasetColumns(given);
  if (!checked.ok)
    return throwFailure('bad-input', checked.error.message, checked.error.hint, {
      ...checked.error.details,
      flag: 'columns',
    });
  return { path: file, format: formatOf(args), columns: checked.value };
}
const columnsExample = `Write it as --columns '{"prompt": "question", "chosen": "better", "rejected": "worse"}'.`;
const whole = (n: number): boolean => Number.isInteger(n) && n > 0;

export const data: Command = {
  usage: 'data inspect FILE [--model M] [--format F] [--columns JSON]',
  help:
    'What a preference file holds: its format, bad rows with their reasons, and the lengths of both sides (in ' +
    'tokens with --model).',
  flags: [
    { name: 'model', value: 'M' },
    { name: 'format', value: 'F' },
    { name: 'columns', value: 'JSON' },
  ],
  words: [2, 2],
  run: async ({ args, output, services }) => {
    const [what, file] = args.words as readonly [string, string];
    if (what !== 'inspect') throwFailure('bad-input', `There is no command data ${what}.`, 'Known: data inspect FILE.');
    const inspection = await services().runJob(
      'inspect-dataset',
      { ...dataSource(file, args), modelPath: args.flag('model'), maxLength: null },
      (event) => {
        if (event.kind === 'progress') output.progress(`${event.what}: ${event.done} of about ${event.total}`);
      },
    );
    if (inspection.usable === 0)
      throwFailure(
        'bad-data',
        `${path.basename(file)} has no usable pair: ${inspection.problems[0]?.message ?? 'it is empty'}`,
        'Mend the rows, or give another --format.',
        { file, problems: inspection.problems.slice(0, 20), problemGroups: inspection.problemGroups },
      );
    output.result(inspection, () => {
      const p = inspection.profile!;
      return [
        inspection.verdict,
        `${inspection.rows} rows as ${inspection.format}, ${inspection.usable} usable`,
        table(
          ['', 'mean', 'median', 'min', 'max'],
          (['prompt', 'chosen', 'rejected'] as const).map((side) => [
            `${side} (${p.unit})`,
            shown(p[side].mean),
            shown(p[side].median),
            `${p[side].min}`,
            `${p[side].max}`,
          ]),
        ),
        ...inspection.problemGroups.map(
          (group) =>
            `${group.count} × ${group.code}${group.field ? ` in ${group.field}` : ''} ` +
            `(${rowWords(group.rows, group.count)}): ${group.message}`,
        ),
        ...inspection.warnings.map(warningSentence),
        ...inspection.notes,
      ].join('\n');
    });
    return exitCodes.done;
  },
};

export const logprobs: Command = {
  usage: 'logprobs --model M --data F [--adapter DIR] [--max-length N] [--format F] [--columns JSON]',
  help: 'Log-probability of every completion token of every pair.',
  flags: [
    { name: 'model', value: 'M' },
    { name: 'data', value: 'F' },
    { name: 'adapter', value: 'DIR' },
    { name: 'max-length', value: 'N' },
    { name: 'format', value: 'F' },
    { name: 'columns', value: 'JSON' },
  ],
  words: [0, 0],
  run: async ({ args, output, services }) => {
    const maxLength = args.number('max-length', 512, whole, 'a whole number above 0');
    const list = output.list('pairs');
    const lines: string[][] = [];
    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
    await services().runJob(
      'logprobs',
      {
        modelPath: args.required('model'),
        adapterPath: args.flag('adapter'),
        data: dataSource(args.required('data'), args),
        maxLength,
      },
      (event) => {
        if (event.kind === 'progress') output.progress(`${event.what} ${event.done} of ${event.total}`);
        if (event.kind === 'problem') output.note(event.message);
        if (event.kind !== 'logprobs') return;
        list.add(event.pairs);
        if (output.json) return;
        for (const p of event.pairs)
          lines.push([
            `${p.row}`,
            plural(p.chosenIds.length, 'token'),
            shown(sum(p.chosenLogprobs), 5),
            plural(p.rejectedIds.length, 'token'),
            shown(sum(p.rejectedLogprobs), 5),
          ]);
      },
    );
    list.end(() => table(['row', 'chosen', 'log-prob', 'rejected', 'log-prob'], lines));
    return exitCodes.done;
  },
};

const messageList = z
  .array(z.object({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() }))
  .min(1);

export const generate: Command = {
  usage:
    'generate --model M [--adapter DIR] --prompt TEXT | --messages FILE [--max-new-tokens N] [--temperature T] ' +
    '[--seed S]',
  help: 'Answers a prompt; with a chat template, --prompt is the message of a user. Greedy at temperature 0.',
  flags: [
    { name: 'model', value: 'M' },
    { name: 'adapter', value: 'DIR' },
    { name: 'prompt', value: 'TEXT', mayBeEmpty: true },
    { name: 'messages', value: 'FILE' },
    { name: 'max-new-tokens', value: 'N' },
    { name: 'temperature', value: 'T' },
    { name: 'seed', value: 'S' },
  ],
  words: [0, 0],
  run: async ({ args, output, services }) => {
    const [text, file] = [args.flag('prompt'), args.flag('messages')];
    if ((text === null) === (file === null))
      throwFailure(
        'bad-input',
        'Give either --prompt TEXT or --messages FILE.',
        'A messages file is a JSON list of {role, content}.',
      );
    const prompt =
      text === null
        ? ({ kind: 'messages', messages: readMessages(file!) } as const)
        : ({ kind: 'text', text } as const);
    const outcome = await services().runJob(
      'generate',
      {
        modelPath: args.required('model'),
        adapterPath: args.flag('adapter'),
        prompt,
        maxNewTokens: args.number('max-new-tokens', 128, whole, 'a whole number above 0'),
        temperature: args.number('temperature', 0, (n) => n >= 0, 'a number from 0 up'),
        seed: args.number('seed', 42, (n) => Number.isInteger(n) && n >= 0, 'a whole number from 0 up'),
      },
      (event) => {
        if (event.kind === 'problem') output.note(event.message);
      },
    );
    output.result(outcome, () => outcome.text);
    return exitCodes.done;
  },
};

function readMessages(file: string): z.infer<typeof messageList> {
  if (!existsSync(file)) return throwFailure('bad-input', `There is no file ${file}.`, 'Check the path.', { file });
  try {
    return messageList.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return throwFailure(
      'bad-input',
      `${file} is not a list of messages.`,
      'Write a JSON list of {"role": "user", "content": "…"}.',
      { file },
    );
  }
}

export const exportModel: Command = {
  usage: 'export RUN --form merged|adapter [--dtype f32|f16|bf16] --out DIR',
  help: 'Writes a trained model: merged weights as a Hugging Face folder, or the LoRA adapter for peft.',
  flags: [
    { name: 'form', value: 'merged|adapter' },
    { name: 'dtype', value: 'f32|f16|bf16' },
    { name: 'out', value: 'DIR' },
  ],
  words: [1, 1],
  run: async ({ args, output, services }) => {
    const form = args.required('form');
    if (form === 'gguf')
      throwFailure(
        'unsupported',
        'Export as GGUF is not available in this version.',
        'Use --form merged; llama.cpp converts such a folder.',
      );
    if (form !== 'merged' && form !== 'adapter')
      return throwFailure('bad-input', `--form ${form} is not known.`, 'Known: merged, adapter.', { flag: 'form' });
    const given = args.flag('dtype') ?? 'f32';
    const dtype =
      exportDtypes.find((d) => d === given) ??
      throwFailure('bad-input', `--dtype ${given} is not known.`, `Known: ${exportDtypes.join(', ')}.`, {
        flag: 'dtype',
      });
    const open = services();
    const outcome = await exportRun(
      open,
      findRun(open, args.words[0]!),
      form,
      dtype,
      path.resolve(args.required('out')),
      (done, total) => output.progress(`writing ${done} of ${total} tensors`),
    );
    output.result(outcome, () =>
      [`Wrote ${outcome.path}`, ...outcome.files.map((f) => `${f.name}  ${f.bytes} bytes`)].join('\n'),
    );
    return exitCodes.done;
  },
};
