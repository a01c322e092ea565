import { describe, expect, it } from 'vitest';
import { commands } from '../../src-main/app/cli/main';
import { exitCodes } from '../../src-main/app/cli/output';
import { levels } from '../../src-main/shared/log';
import { datasetFormats, runSpecSchema } from '../../src-main/shared/spec/run-spec';
import type { ErrorCode } from '../../src-main/shared/result';
import { files, read, section, tableRows } from './support/repository';

const page = read('docs/contract.md');
const ticked = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);

describe('the contract’s page', () => {
  const commandLine = section(page, 'Command line');
  const shown = tableRows(commandLine).flatMap(([first = '']) => ticked(first));

  it('has every command, with each of its forms', () => {
    const forms = Object.entries(commands).flatMap(([name, { usage }]) => {
      const subs = usage.split(' | ').flatMap((form) => (form.startsWith(`${name} `) ? [form.split(' ')[1]!] : []));
      const words = subs.filter((word) => /^[a-z]+$/.test(word));
      return words.length > 0 ? words.map((word) => `${name} ${word}`) : [name];
    });
    const missing = forms.filter((form) => !shown.some((text) => text === form || text.startsWith(`${form} `)));
    expect(missing).toEqual([]);
    const names = new Set([...Object.keys(commands), 'engine']);
    const unknown = shown.filter((text) => !text.startsWith('--') && !names.has(text.split(' ')[0]!));
    expect(unknown).toEqual([]);
  });

  it('has every flag of every command, and no other', () => {
    const rows = tableRows(commandLine).filter(([first = '']) => first.startsWith('`--'));
    const told = rows.flatMap(([first = '', of = '']) =>
      ticked(first).flatMap((flag) => ticked(of).map((command) => `${command.split(' ')[0]} ${flag}`)),
    );
    const real = Object.entries(commands).flatMap(([name, { flags }]) =>
      flags.map((flag) => `${name} --${flag.name}${flag.value === null ? '' : ` ${flag.value}`}`),
    );
    expect(told.toSorted()).toEqual([...real, 'engine --wheels DIR'].toSorted());
  });

  it('has the exit codes and the codes of errors', () => {
    const codes: Readonly<Record<ErrorCode, true>> = {
      'bad-input': true,
      'bad-spec': true,
      'bad-data': true,
      'bad-model': true,
      unsupported: true,
      'not-found': true,
      'no-space': true,
      'no-permission': true,
      'missing-on-machine': true,
      'engine-failed': true,
      database: true,
      stopped: true,
      internal: true,
    };
    const text = section(page, 'Exit codes and errors');
    expect(Object.keys(codes).filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
    expect(Object.values(exitCodes).filter((code) => !new RegExp(`(^|· )${code} `, 'm').test(text))).toEqual([]);
  });

  it('has every field of the run spec with its default, and no other', () => {
    const spec = runSpecSchema.parse({ model: { path: 'm' }, dataset: { path: 'd' } });
    const leaves = (value: unknown, path: string): readonly (readonly [string, unknown])[] =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && path !== 'method'
        ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`))
        : [[path, value]];
    const fields = new Map(leaves(spec, ''));
    const rows = tableRows(section(page, 'Run spec, version 1')).slice(1);
    expect(rows.map(([name = '']) => name.replaceAll('`', '')).toSorted()).toEqual([...fields.keys()].toSorted());
    const given = new Set(['model.path', 'dataset.path', 'name', 'method']);
    for (const [name = '', byDefault = ''] of rows) {
      const field = name.replaceAll('`', '');
      if (!given.has(field)) expect(JSON.parse(byDefault.replaceAll('`', '')), field).toEqual(fields.get(field));
    }
    expect(section(page, 'Run spec, version 1')).toContain(`{"id": "${spec.method.id}"}`);
  });

  it('has the formats of datasets and the levels of the log', () => {
    const formats = tableRows(section(page, 'Datasets')).slice(1);
    expect(formats.map(([name = '']) => name.replaceAll('`', '')).toSorted()).toEqual(
      datasetFormats.filter((format) => format !== 'auto').toSorted(),
    );
    const variables = section(page, 'Variables');
    expect(levels.filter((level) => !variables.includes(`\`${level}\``))).toEqual([]);
  });
});

describe('variables', () => {
  it('that pages tell of are read somewhere', () => {
    const code = files
      .filter((file) => /^(src-main|scripts|test)\/.*\.(ts|mjs|cc)$/.test(file))
      .map(read)
      .join('\n');
    const told = ['docs/setup.md', 'docs/contract.md', 'README.md', 'CONTRIBUTING.md'].flatMap((file) =>
      [...read(file).matchAll(/\bSAMPO_[A-Z_0-9]+/g)].map(([name]) => name),
    );
    expect(told.length).toBeGreaterThan(10);
    expect([...new Set(told)].filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
  });
});
