import { describe, expect, it } from 'vitest';
import { readTemplate } from '../../../../../src-main/engine/tokenizer/jinja/template';
import { Unsupported } from '../../../../../src-main/engine/tokenizer/jinja/values';

const render = (template: string): string => readTemplate(template).render([]);
const failureOf = (template: string): unknown => {
  try {
    return render(template);
  } catch (thrown) {
    return thrown;
  }
};

// a person sees these words as the reason why a row is refused; what a template makes is test/golden/jinja
describe('what a template refuses is said', () => {
  it.each([
    ['{{ [1].append(2) }}', "access to attribute 'append' of 'list' object is unsafe."],
    ["{{ {}.update({'a': 1}) }}", "access to attribute 'update' of 'dict' object is unsafe."],
    ["{{ 'a'.append(1) }}", 'an undefined value is called'],
    ['{{ (1, 2).append(1) }}', 'an undefined value is called'],
    ['{{ 5() }}', "'int' object is not callable"],
    ['{{ missing.x }}', "'x' of an undefined value"],
    ["{{ missing['x'] }}", 'item x of an undefined value'],
    ['{{ missing[0] }}', 'item  of an undefined value'],
    ['{{ missing[1:] }}', 'a slice of an undefined value'],
    ["{{ 'abc'[::0] }}", 'slice step cannot be zero'],
    ['{{ 1 < missing }}', "'<' not supported between instances of 'int' and 'Undefined'"],
    ['{{ none < 1.5 }}', "'<' not supported between instances of 'NoneType' and 'float'"],
    ['{{ (1, 2) < [1] }}', "'<' not supported between instances of 'tuple' and 'list'"],
    ['{{ range < {} }}', "'<' not supported between instances of 'function' and 'dict'"],
    ['{{ namespace() < true }}', "'<' not supported between instances of 'Namespace' and 'bool'"],
    ['{{ (1, 2) + [1] }}', "unsupported operand type(s) for +: 'tuple' and 'list'"],
    ['{{ [1] + (1, 2) }}', "unsupported operand type(s) for +: 'list' and 'tuple'"],
    ["{{ 'a' + 1 }}", "unsupported operand type(s) for +: 'str' and 'int'"],
    ["{{ -'a' }}", "bad operand type for unary -: 'str'"],
    ['{{ 1 / 0 }}', 'division by zero'],
    ["{{ 1 in 'abc' }}", "'in <string>' requires string as left operand, not int"],
    ['{{ 5 | length }}', "object of type 'int' has no len()"],
    ['{% for x in 5 %}{% endfor %}', "'int' object is not iterable"],
    ['{% set a, b = [1] %}', 'not enough values to unpack (expected 2)'],
    ['{% set a, b = [1, 2, 3] %}', 'too many values to unpack (expected 2)'],
    ['{% set x = {} %}{% set x.y = 1 %}', 'cannot assign attribute on non-namespace object'],
    ['{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}', "macro 'm' takes not more than 1 argument(s)"],
    ['{% macro m(a) %}{% endmacro %}{{ m(y=1, z=1) }}', "macro 'm' takes no keyword argument 'y'"],
    ['{% macro m() %}{{ caller(1) }}{% endmacro %}{% call m() %}{% endcall %}', "macro 'caller' takes not more than 0"],
    ['{{ range(**[1]) }}', 'an argument after ** must be a mapping'],
    ['{{ range() }}', 'range expected at least 1 argument'],
    ["{{ range('a') }}", 'range() takes integers'],
    ['{{ range(1, 5, 0) }}', 'range() arg 3 must not be zero'],
    ['{{ range(100001) }}', 'Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).'],
    ['{{ dict([1]) }}', 'a dict is made of pairs'],
    ["{{ raise_exception(message='no') }}", 'no'],
    ["{{ 'a'.split(',', 1, 2) }}", 'split() takes at most 2 arguments (3 given)'],
    ["{{ 'a'.split(by=1) }}", "split() got an unexpected keyword argument 'by'"],
    ["{{ 'a'.split('') }}", 'empty separator'],
    ["{{ 'a'.strip(1) }}", 'strip arg must be None or str'],
    ["{{ 'a'.replace('a', 'b', 'c') }}", "'str' object cannot be interpreted as an integer"],
    ["{{ 'a'.index('z') }}", 'substring not found'],
    ["{{ 'x'.join([1]) }}", 'must be str, not int'],
    ['{{ [1].index(2) }}', 'is not in list'],
    ["{{ '%d' % 'a' }}", '%d format: a real number is required'],
    ["{{ '%s %s' % 'a' }}", 'not enough arguments for format string'],
    ["{{ '%s' % ('a', 'b') }}", 'not all arguments converted during string formatting'],
    ['{{ 5 | dictsort }}', 'dictsort: not a dict'],
    ['{{ [1] | items }}', 'items: not a dict'],
    ["{{ 'a' | abs }}", 'bad operand type for abs()'],
    ["{{ 'a' is odd }}", 'not a number'],
    ["{{ [{'a': 1}] | map(attribute='x.y') | list }}", 'x.y is undefined'],
    ['{{ namespace(a=1) | tojson }}', 'Object of type Namespace is not JSON serializable'],
    ['{{ range | tojson }}', 'Object of type function is not JSON serializable'],
    ['{{ {(1, 2): 3} | tojson }}', 'keys must be str, int, float, bool or None, not tuple'],
    ['{{ range }}', 'a function has no text'],
  ])('%s', (template, words) => {
    const thrown = failureOf(template);
    expect(thrown).toBeInstanceOf(Error);
    expect(thrown).not.toBeInstanceOf(Unsupported);
    expect((thrown as Error).message).toContain(words);
  });
});

describe('what Python has and this app has not is the model’s fault, by name', () => {
  it.each(
    [
      ['center', 'encode', 'expandtabs', 'format', 'format_map', 'isascii', 'isdecimal', 'isidentifier', 'isnumeric'],
      ['isprintable', 'istitle', 'ljust', 'maketrans', 'rindex', 'rjust', 'swapcase', 'translate', 'zfill'],
    ].flat(),
  )('the string method %s', (name) => {
    const thrown = failureOf(`{{ 'a'.${name}() }}`);
    expect(thrown).toBeInstanceOf(Unsupported);
    expect((thrown as Error).message).toBe(`the string method ${name}()`);
  });
  it.each([
    ["{{ '%x' % 5 }}", 'the format %x'],
    ["{{ '%5d' % 5 }}", 'the format %5'],
    ["{{ '100%' % 5 }}", 'the format %'],
    ["{{ 'a b'.rsplit(none, 1) }}", 'rsplit() without a separator and with a limit'],
    ["{{ strftime_now('%G') }}", 'strftime_now("%G")'],
    ["{{ strftime_now('%-y') }}", 'strftime_now("%-y")'],
    ["{{ [1] | map('wordwrap') | list }}", 'the filter "wordwrap"'],
    ["{{ [1] | select('escaped') | list }}", 'the test "escaped"'],
  ])('%s', (template, words) => {
    const thrown = failureOf(template);
    expect(thrown).toBeInstanceOf(Unsupported);
    expect((thrown as Error).message).toBe(words);
  });
});

it('a text or a list may grow to 2^24 characters', () => {
  expect(render("{{ ('ab' * 8388608) | length }}")).toBe('16777216');
  expect((failureOf("{{ 'ab' * 8388609 }}") as Error).message).toBe('a value grows too large');
  expect((failureOf('{{ [1] * 16777217 }}') as Error).message).toBe('a value grows too large');
  expect((failureOf("{{ 'a' * 16777216 ~ 'b' }}") as Error).message).toBe('a value grows too large');
});
