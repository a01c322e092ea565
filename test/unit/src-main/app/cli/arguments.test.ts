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
    [['--spec'], /not right/, /--help/],
    [['--json=yes'], /not right/, /--help/],
    [['-x'], /not right/, /--help/],
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
});
