import { describe, expect, it } from 'vitest';
import { fromJson, type Value } from '../../../src-main/engine/tokenizer/jinja/values';
import { globals } from '../../../src-main/engine/tokenizer/jinja/globals';
import { readTemplate } from '../../../src-main/engine/tokenizer/jinja/template';
import golden from './cases.json';

interface Case {
  readonly template: string;
  readonly names: string;
  readonly text?: string;
  readonly error?: string;
}
const namesOf = (chat: string): readonly (readonly [string, Value])[] =>
  Object.entries({ ...golden.names, ...(golden.chats as Readonly<Record<string, object>>)[chat] }).map(
    ([key, value]) => [key, fromJson(key === 'f' ? 2 : value)] as const,
  );
const render = ({ template, names }: Case): string =>
  readTemplate(template).render([...namesOf(names), ['f', readTemplateFloat()]]);
const readTemplateFloat = (): Value => {
  let found: Value;
  readTemplate('{{ take(2.0) }}').render([['take', ([x]) => ((found = x), '')]]);
  return found;
};

describe('templates as transformers renders them', () => {
  it.each(golden.cases as readonly Case[])('$names: $template', (one) => {
    if (one.text !== undefined) expect(render(one)).toBe(one.text);
    else expect(() => render(one)).toThrow();
  });

  it('keeps the words of a refusal', () => {
    const one = (golden.cases as readonly Case[]).find(({ error }) => error?.startsWith('Only user'))!;
    expect(() => render(one)).toThrow(one.error);
  });

  it('has no globals but those', () => {
    expect([...globals.keys()]).toEqual(['range', 'dict', 'namespace', 'strftime_now', 'raise_exception']);
  });
});
