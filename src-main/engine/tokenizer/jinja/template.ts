import { parse, tokenize } from '@huggingface/jinja';
import { walk, type Call, type For, type Identifier, type Macro, type Node } from './ast';
import { applyFilter, isFilter } from './filters';
import { globals } from './globals';
import { attributeOf, itemOf, slice } from './members';
import { operate, sign } from './operators';
import { Scope } from './scope';
import { str } from './text';
import { isTest, knowsTest } from './tests';
import {
  Attributes,
  Tuple,
  Unsupported,
  equal,
  float,
  items,
  raise,
  truth,
  typeName,
  type Callable,
  type Keywords,
  type Value,
} from './values';

/** A template, read: `render` gives it names and values. */
export interface JinjaTemplate {
  render(names: Iterable<readonly [string, Value]>): string;
}

/**
 * Chat templates as transformers renders them: Jinja2 with trim_blocks and lstrip_blocks. @huggingface/jinja reads the
 * template; what it means is evaluated here, with Python's rules: that library's own evaluation differs from Python's
 * without a word (strip(chars), `x != none`, `{{ true }}`, text before `continue`, names set in a loop, lengths of
 * text beyond 16 bits: test/golden/jinja).
 */
export function readTemplate(source: string): JinjaTemplate {
  const program = parse(
    tokenize(source.replace(/\r\n?/g, '\n'), { lstrip_blocks: true, trim_blocks: true }),
  ) as unknown as Node;
  walk(program, (node) => {
    if (node.type === 'FilterExpression' || node.type === 'FilterStatement') {
      const name = filterName(node.filter);
      if (!isFilter(name)) throw new Unsupported(`the filter "${name}"`);
    }
    if (node.type === 'TestExpression' && !knowsTest(node.test.value))
      throw new Unsupported(`the test "${node.test.value}"`);
  });
  return {
    render: (names) => {
      const out: string[] = [];
      if (program.type === 'Program') runAll(program.body, new Scope(new Scope(null, globals), names), out);
      return out.join('');
    },
  };
}

type Ended = 'break' | 'continue' | null;
const constants: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);
const filterName = (filter: Identifier | Call): string =>
  str(filter.type === 'Identifier' ? filter.value : filter.callee.type === 'Identifier' ? filter.callee.value : '');

/** Runs statements; `out` gets their text. */
function runAll(nodes: readonly Node[], scope: Scope, out: string[]): Ended {
  for (const node of nodes) {
    const ended = run(node, scope, out);
    if (ended !== null) return ended;
  }
  return null;
}

function run(node: Node, scope: Scope, out: string[]): Ended {
  switch (node.type) {
    case 'Comment':
      return null;
    case 'Break':
      return 'break';
    case 'Continue':
      return 'continue';
    case 'If':
      return runAll(truth(value(node.test, scope)) ? node.body : node.alternate, scope, out);
    case 'For':
      return runFor(node, scope, out);
    case 'Set':
      assign(node.assignee, node.value === null ? text(node.body, scope) : value(node.value, scope), scope);
      return null;
    case 'Macro':
      scope.set(node.name.value, macro(node, scope));
      return null;
    case 'CallStatement': {
      const caller = macro(
        { type: 'Macro', name: { type: 'Identifier', value: 'caller' }, args: node.callerArgs ?? [], body: node.body },
        scope,
      );
      const [args, keywords] = given(node.call.args, scope);
      out.push(str(callable(value(node.call.callee, scope))(args, new Map([...keywords, ['caller', caller]]))));
      return null;
    }
    case 'FilterStatement':
      out.push(str(filtered(node.filter, text(node.body, scope), scope)));
      return null;
    default:
      out.push(str(value(node, scope)));
      return null;
  }
}

const text = (nodes: readonly Node[], outer: Scope): string => {
  const out: string[] = [];
  runAll(nodes, new Scope(outer), out);
  return out.join('');
};

/** Names that a body sets live for one iteration, as in Jinja2. */
function runFor({ loopvar, iterable, body, defaultBlock }: For, outer: Scope, out: string[]): Ended {
  const filter = iterable.type === 'SelectExpression' ? iterable.test : null;
  const all = items(value(iterable.type === 'SelectExpression' ? iterable.lhs : iterable, outer));
  const bound = (item: Value): Scope => {
    const scope = new Scope(outer);
    assign(loopvar, item, scope);
    return scope;
  };
  const chosen = filter === null ? all : all.filter((item) => truth(value(filter, bound(item))));
  const changed: { last: Value } = { last: undefined };
  let completed = false; // Jinja2 takes `else` where no turn came to its end, for `break` and `continue` too
  for (const [i, item] of chosen.entries()) {
    const scope = bound(item);
    scope.set('loop', loopAt(chosen, i, changed));
    const ended = runAll(body, scope, out);
    if (ended === 'break') break;
    if (ended === null) completed = true;
  }
  return completed ? null : runAll(defaultBlock, new Scope(outer), out);
}

const loopAt = (all: readonly Value[], i: number, changed: { last: Value }): Attributes =>
  new Attributes(
    new Map<string, Value>([
      ['index', i + 1],
      ['index0', i],
      ['revindex', all.length - i],
      ['revindex0', all.length - i - 1],
      ['first', i === 0],
      ['last', i === all.length - 1],
      ['length', all.length],
      ['previtem', i > 0 ? all[i - 1] : undefined],
      ['nextitem', all[i + 1]],
      ['depth', 1],
      ['depth0', 0],
      ['cycle', (args) => args[i % args.length]],
      [
        'changed',
        (args) => {
          const now = new Tuple(args);
          const differs = !equal(now, changed.last);
          changed.last = now;
          return differs;
        },
      ],
    ]),
  );

function assign(target: Node, given: Value, scope: Scope): void {
  if (target.type === 'Identifier') scope.set(target.value, given);
  else if (target.type === 'TupleLiteral') {
    const parts = items(given);
    if (parts.length !== target.value.length)
      raise(
        `${parts.length < target.value.length ? 'not enough' : 'too many'} values to unpack (expected ` +
          `${target.value.length})`,
      );
    target.value.forEach((part, i) => assign(part, parts[i], scope));
  } else if (target.type === 'MemberExpression' && target.property.type === 'Identifier') {
    const object = value(target.object, scope);
    if (!(object instanceof Attributes)) raise('cannot assign attribute on non-namespace object');
    else object.values.set(target.property.value, given);
  } else throw new Unsupported(`an assignment to a ${target.type}`);
}

/** A macro sees what is around its definition, and its arguments. */
function macro({ name, args: parameters, body }: Macro, outer: Scope): Callable {
  const used = new Set<string>();
  walk(body, (node) => node.type === 'Identifier' && used.add(node.value));
  const names = parameters.map((parameter) =>
    parameter.type === 'KeywordArgumentExpression'
      ? parameter.key.value
      : parameter.type === 'Identifier'
        ? parameter.value
        : raise('a parameter is a name'),
  );
  return (args, keywords) => {
    const scope = new Scope(outer);
    const rest = new Map(keywords);
    if (args.length > names.length && !used.has('varargs'))
      raise(`macro '${name.value}' takes not more than ${names.length} argument(s)`);
    parameters.forEach((parameter, i) => {
      const key = names[i]!;
      const named = rest.has(key);
      const own =
        i < args.length
          ? args[i]
          : named
            ? rest.get(key)
            : parameter.type === 'KeywordArgumentExpression'
              ? value(parameter.value, scope)
              : undefined;
      rest.delete(key);
      scope.set(key, own);
    });
    if (rest.has('caller')) scope.set('caller', rest.get('caller'));
    rest.delete('caller');
    if (rest.size > 0 && !used.has('kwargs'))
      raise(`macro '${name.value}' takes no keyword argument '${[...rest.keys()][0]}'`);
    scope.set('varargs', new Tuple(args.slice(names.length)));
    scope.set('kwargs', new Map(rest));
    return text(body, scope);
  };
}

const callable = (callee: Value): Callable =>
  typeof callee === 'function'
    ? callee
    : raise(callee === undefined ? 'an undefined value is called' : `'${typeName(callee)}' object is not callable`);

function given(args: readonly Node[], scope: Scope): readonly [readonly Value[], Keywords] {
  const places: Value[] = [];
  const keywords = new Map<string, Value>();
  for (const arg of args)
    if (arg.type === 'SpreadExpression') {
      for (const item of items(value(arg.argument, scope))) places.push(item);
    } else if (arg.type === 'KeywordArgumentExpression') keywords.set(arg.key.value, value(arg.value, scope));
    else if (arg.type === 'KeywordSpreadExpression') {
      const more = value(arg.argument, scope);
      if (!(more instanceof Map)) raise('an argument after ** must be a mapping');
      else for (const [key, item] of more) keywords.set(str(key), item);
    } else places.push(value(arg, scope));
  return [places, keywords];
}

const filtered = (filter: Identifier | Call, operand: Value, scope: Scope): Value => {
  const [args, keywords] = filter.type === 'Identifier' ? [[], new Map<string, Value>()] : given(filter.args, scope);
  return applyFilter(filterName(filter), operand, args, keywords);
};

function value(node: Node, scope: Scope): Value {
  switch (node.type) {
    case 'StringLiteral':
    case 'IntegerLiteral':
      return node.value;
    case 'FloatLiteral':
      return float(node.value);
    case 'ArrayLiteral':
      return node.value.map((item) => value(item, scope));
    case 'TupleLiteral':
      return new Tuple(node.value.map((item) => value(item, scope)));
    case 'ObjectLiteral':
      return new Map([...node.value].map(([key, item]) => [value(key, scope), value(item, scope)]));
    case 'Identifier':
      return constants.has(node.value) ? constants.get(node.value) : scope.get(node.value);
    case 'CallExpression': {
      const callee = callable(value(node.callee, scope));
      const [args, keywords] = given(node.args, scope);
      return callee(args, keywords);
    }
    case 'MemberExpression': {
      const object = value(node.object, scope);
      const { property } = node;
      if (!node.computed)
        return property.type === 'IntegerLiteral'
          ? itemOf(object, property.value)
          : attributeOf(object, property.type === 'Identifier' ? property.value : raise('an attribute is a name'));
      if (property.type !== 'SliceExpression') return itemOf(object, value(property, scope));
      const [from, to, by] = [property.start, property.stop, property.step].map((part) => {
        const end = part ? value(part, scope) : null;
        return end === undefined ? raise('an end of a slice is undefined') : end;
      });
      return slice(object, from, to, by);
    }
    case 'BinaryExpression': {
      const left = value(node.left, scope);
      const operator = node.operator.value;
      if (operator === 'and') return truth(left) ? value(node.right, scope) : left;
      if (operator === 'or') return truth(left) ? left : value(node.right, scope);
      return operate(operator, left, value(node.right, scope));
    }
    case 'UnaryExpression':
      return node.operator.value === 'not'
        ? !truth(value(node.argument, scope))
        : sign(node.operator.value, value(node.argument, scope));
    case 'FilterExpression':
      return filtered(node.filter, value(node.operand, scope), scope);
    case 'TestExpression':
      return isTest(node.test.value, value(node.operand, scope), []) !== node.negate;
    case 'SelectExpression':
      return truth(value(node.test, scope)) ? value(node.lhs, scope) : undefined;
    case 'Ternary':
      return value(truth(value(node.condition, scope)) ? node.trueExpr : node.falseExpr, scope);
    default:
      throw new Unsupported(`a ${node.type} in this place`);
  }
}
