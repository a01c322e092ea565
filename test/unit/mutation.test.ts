import ts from 'typescript';
import { describe, expect, it } from 'vitest';

interface Mutant {
  readonly number: number;
  readonly key: string;
  readonly kind: string;
  readonly was: string;
  readonly becomes: string;
  readonly line: number;
}
type Instrument = (
  file: string,
  text: string,
  options?: { readonly first?: number; readonly words?: boolean },
) => { readonly mutants: readonly Mutant[]; readonly text: string };
const tool = '../mutation/mutants.mjs';
const { instrument } = (await import(tool)) as { readonly instrument: Instrument };

const source = `
export function sum(values: readonly number[], options: { readonly from?: number } | null): number {
  let total = options?.from ?? 0;
  for (const value of values) {
    if (value > 2 && value < 10) total += value;
  }
  const { length } = values.filter((v) => v !== 3);
  return total * length;
}
export const table = { a: [1, 2], b: 'x', c: !false };
`;

/** What a call gives with a mutant on; −1: none. */
function run(text: string, active: number, call: string): unknown {
  const js = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  }).outputText;
  const body = `const exports = {}; const globalThis = { __mut: (n) => n === active };\n${js}\nreturn JSON.stringify(${call});`;
  return (new Function('active', body) as (active: number) => unknown)(active);
}

describe('mutants', () => {
  const { mutants, text } = instrument('a.ts', source, { first: 5 });
  const call = '[exports.sum([1, 3, 5, 12], { from: 1 }), exports.sum([4], null), exports.table]';

  it('leave the code as it is where none is on', () => {
    const untouched = run(source, -1, call);
    expect(untouched).toBe('[27,4,{"a":[1,2],"b":"x","c":true}]');
    expect(run(text, -1, call)).toBe(untouched);
    expect(text.split('\n')).toHaveLength(source.split('\n').length); // lines stay where they are
  });

  it('change what it does, nearly all of them, one at a time', () => {
    const outcomes = mutants.map(({ number, kind, was, becomes }) => {
      try {
        return { what: `${kind}: ${was} → ${becomes}`, same: run(text, number, call) === run(source, -1, call) };
      } catch {
        return { what: `${kind}: ${was} → ${becomes}`, same: false };
      }
    });
    expect(outcomes.filter(({ same }) => same).map(({ what }) => what)).toEqual([
      'operator: value > 2 → (value) >= (2)',
      'operator: value < 10 → (value) <= (10)',
      'literal: 10 → 10 + 1',
    ]);
  });

  it('are of every kind, numbered on from the first, and keep their names when lines move', () => {
    expect(new Set(mutants.map(({ kind }) => kind))).toEqual(
      new Set([
        'return early',
        'operator',
        'drop optional',
        'literal',
        'negate condition',
        'drop statement',
        'drop call',
        'drop property',
        'drop element',
        'drop prefix',
      ]),
    );
    expect(mutants.map(({ number }) => number)).toEqual(mutants.map((_, i) => 5 + i));
    const moved = instrument('a.ts', `// a line more\n${source}`);
    expect(moved.mutants.map(({ key }) => key)).toEqual(mutants.map(({ key }) => key));
    expect(moved.mutants[0]!.line).toBe(mutants[0]!.line + 1);
  });

  it('leave sentences alone unless they are asked for', () => {
    const prose = "throw new Error('This is a sentence.');";
    expect(instrument('a.ts', prose).mutants.map(({ kind }) => kind)).toEqual(['drop throw']);
    expect(instrument('a.ts', prose, { words: true }).mutants.map(({ kind }) => kind)).toEqual([
      'drop throw',
      'literal',
    ]);
  });

  it.each([
    'a?.b.c',
    'a?.b()',
    'f(a?.b?.[0])',
    'x = a ?? b ?? c',
    '[a, b] = [b, a]',
    'for (const x of [1, 2]) f(x);',
    'if (a) b(); else c();',
    'class A extends B { constructor() { super(1); this.x = 2; } }',
    'const f = async () => ({ a: await b() });',
    'label: for (;;) { if (a && b) continue label; }',
    'a.b ||= c > d',
    'const { a = 1, ...rest } = b;',
    'switch (a) { case "x": { b(); c(); break; } default: }',
    'function* g() { yield a + b; }',
  ])('of %s are code that compiles', (code) => {
    const { diagnostics } = ts.transpileModule(instrument('a.ts', code).text, { reportDiagnostics: true });
    expect(diagnostics).toEqual([]);
  });
});
