import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../../src-main/shared/spec/method-spec';
import { methodCatalogue, samplingModes } from '../../src-main/shared/catalogue/method-catalogue';
import { metricOf, stepMetrics } from '../../src-main/shared/metrics/registry';
import { read, section, tableRows } from './support/repository';

const page = read('docs/methods.md');
const plain = (text: string): string => text.replace(/\s+/g, ' ');
const shown = (value: unknown): string => (typeof value === 'string' ? `\`${value}\`` : String(value));

describe('the page of methods', () => {
  const rows = new Map(tableRows(section(page, 'The methods')).map((cells) => [cells[0]!, cells]));

  it.each(methodCatalogue.map((entry) => [entry.id, entry] as const))(
    'tells of %s what the catalogue does',
    (id, entry) => {
      const own = entry.parameters.filter((parameter) => parameter.group === 'own');
      const defaults = own.map((parameter) => `\`${parameter.name}\` ${shown(parameter.default)}`).join(', ') || '–';
      const reference = entry.needsReference ? 'yes' : 'no';
      expect(rows.get(`\`${id}\``)).toEqual([`\`${id}\``, entry.name, entry.followsLength, reference, defaults]);

      const text = plain(section(page, `\`${id}\`: ${entry.name}`));
      const wanted = [
        entry.summary,
        entry.whenToUse,
        entry.formula,
        entry.paper,
        ...own.map(({ name, default: byDefault, help }) => `\`${name}\`, default ${shown(byDefault)}: ${help}`),
      ];
      expect(wanted.filter((part) => !text.includes(plain(part)))).toEqual([]);
    },
  );

  it('tells of no other method', () => {
    const told = [...page.matchAll(/^### `(\w+)`: /gm)].map(([, id]) => id!);
    expect(told).toEqual(methodCatalogue.map(({ id }) => id));
  });

  it('has every way to draw and every option that losses share, with its default', () => {
    const ways = tableRows(section(page, "SamPO's draw")).slice(1);
    expect(ways.map(([name = '']) => name.replaceAll('`', ''))).toEqual([...samplingModes]);
    const shared = methodCatalogue.flatMap(({ parameters }) => parameters.filter(({ group }) => group !== 'own'));
    const names = [...new Set(shared.map(({ name }) => name.split('.')[0]!))];
    const options = tableRows(section(page, 'Options of every loss with a reference')).slice(1);
    expect(options.map(([name = '']) => name.replaceAll('`', '')).toSorted()).toEqual(names.toSorted());
    for (const [name = '', byDefault = ''] of options) {
      const field = name.replaceAll('`', '') as keyof ReturnType<typeof defaultsOf>;
      if (field === 'sampling') continue; // in words
      const told = byDefault.replaceAll('`', '').replace(/(\w+):/g, '"$1":');
      expect(JSON.parse(told), field).toEqual(defaultsOf('dpo')[field]);
    }
  });

  it('has the meaning of every metric as the app shows it', () => {
    const metrics = tableRows(section(page, 'Metrics of a step')).slice(1);
    expect(metrics.map(([name]) => name)).toEqual(Object.keys(stepMetrics).map((name) => `\`${name}\``));
    for (const [name = '', unit, sentence] of metrics) {
      const metric = metricOf(name.replaceAll('`', ''));
      expect([unit === '–' ? '' : unit, sentence], name).toEqual([metric?.unit, metric?.meaning]);
    }
  });
});
