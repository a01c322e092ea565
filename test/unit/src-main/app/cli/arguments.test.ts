import { describe, expect, it } from 'vitest';
import { parseArguments, type Flag } from '../../../../../src-main/app/cli/arguments';
import { AppFailure, type AppError } from '../../../../../src-main/shared/result';

const flags: readonly Flag[] = [
  { name: 'spec', value: 'FILE' },
  { name: 'max-length', value: 'N' },
  { name: 'json', value: null },
];
const parse = (...input: string[]) => parseArguments(input, flags);
function refusal(work: () => unknown): AppError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof AppFailure) return thrown.error;
    throw thrown;
  }
  throw new Error('it was taken');
}
const positive = (n: number): boolean => Number.isInteger(n) && n > 0;

describe('a command line', () => {
  it('is words, flags with a value in both forms, and switches', () => {
    const args = parse('show', '--spec', 'a b.json', '--json', 'last', '--max-length=12');
    expect(args.words).toEqual(['show', 'last']);
    expect([args.flag('spec'), args.has('json'), args.number('max-length', 5, positive, 'x')]).toEqual([
      'a b.json',
      true,
      12,
    ]);
    const empty = parse();
    expect([empty.flag('spec'), empty.has('json'), empty.number('max-length', 5, positive, 'x')]).toEqual([
      null,
      false,
      5,
    ]);
  });

  it('takes what follows -- as words', () => {
    expect(parse('--', '--not-a-flag').words).toEqual(['--not-a-flag']);
  });

  it.each([
    [['--spce', 'x'], /--spce/, /Did you mean --spec/],
    [['--entirely-else'], /--entirely-else/, /Known: --spec, --max-length, --json/],
    [['--spec'], /^The command line is not right: Option /, /--help/],
    [['--json=yes'], /not right/, /--help/],
    [['-x'], /not right/, /--help/],
    [['show', ''], /^A word after the command is empty\.$/, /leave it out/],
  ] as const)('%j is refused', (input, message, hint) => {
    const error = refusal(() => parse(...input));
    expect(error).toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    });
  });

  it.each(['0', '-3', '1.5', 'many', ' ', '1e999', 'NaN'])('--max-length %j is refused by name', (value) => {
    expect(
      refusal(() => parse(`--max-length=${value}`).number('max-length', 5, positive, 'a whole number above 0')),
    ).toMatchObject({
      message: `--max-length ${value} is not a whole number above 0.`,
      details: { flag: 'max-length' },
    });
  });

  it('says which flag is missing and what it takes', () => {
    expect(refusal(() => parse().required('spec'))).toMatchObject({
      message: '--spec is missing.',
      hint: 'Give --spec FILE.',
    });
  });

  it.each([
    [['--spec', 'a', '--spec=b'], '--spec is given twice.', 'spec'],
    [['--json', '--json'], '--json is given twice.', 'json'],
    [['--nope=1'], 'There is no flag --nope here.', 'nope'],
    [['--spec='], '--spec has an empty value.', 'spec'],
    [['--spec', ''], '--spec has an empty value.', 'spec'],
  ] as const)('%j names its flag in the refusal', (input, message, flag) => {
    expect(refusal(() => parse(...input))).toMatchObject({ code: 'bad-input', message, details: { flag } });
  });

  it('takes an empty value where one may be empty, and a flag twice after --', () => {
    const args = parseArguments(
      ['--prompt', '', '--', '--prompt'],
      [{ name: 'prompt', value: 'TEXT', mayBeEmpty: true }],
    );
    expect([args.flag('prompt'), args.required('prompt'), args.words]).toEqual(['', '', ['--prompt']]);
  });

  it('has a value only for flags that take one', () => {
    const args = parse('--json', '--spec', 'x');
    expect([args.flag('json'), args.has('spec'), args.flag('max-length'), args.required('spec')]).toEqual([
      null,
      false,
      null,
      'x',
    ]);
    expect(refusal(() => args.required('max-length')).details).toEqual({ flag: 'max-length' });
  });
});
