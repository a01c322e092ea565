// Breaks one thing at a time. All mutants of a file are compiled in, each behind a switch `__mut(n)`, so that one
// compile serves every run.
import { createHash } from 'node:crypto';
import ts from 'typescript';

const K = ts.SyntaxKind;

/** What an operator becomes. */
const swaps = new Map([
  [K.LessThanToken, ['<=', '>=']],
  [K.LessThanEqualsToken, ['<', '>']],
  [K.GreaterThanToken, ['>=', '<=']],
  [K.GreaterThanEqualsToken, ['>', '<']],
  [K.EqualsEqualsEqualsToken, ['!==']],
  [K.ExclamationEqualsEqualsToken, ['===']],
  [K.PlusToken, ['-']],
  [K.MinusToken, ['+']],
  [K.AsteriskToken, ['/']],
  [K.SlashToken, ['*']],
  [K.PercentToken, ['*']],
  [K.AsteriskAsteriskToken, ['*']],
  [K.AmpersandAmpersandToken, ['||']],
  [K.BarBarToken, ['&&']],
  [K.QuestionQuestionToken, ['&&']],
  [K.AmpersandToken, ['|']],
  [K.BarToken, ['&']],
  [K.CaretToken, ['&']],
  [K.LessThanLessThanToken, ['>>']],
  [K.GreaterThanGreaterThanToken, ['<<']],
  [K.GreaterThanGreaterThanGreaterThanToken, ['<<']],
  [K.PlusEqualsToken, ['-=']],
  [K.MinusEqualsToken, ['+=']],
  [K.AsteriskEqualsToken, ['/=']],
  [K.SlashEqualsToken, ['*=']],
]);
const isAssignment = (kind) => kind >= K.FirstAssignment && kind <= K.LastAssignment;

/** Calls that can be left out, or turned into their counterpart. */
const dropped = new Set([
  'sort',
  'filter',
  'slice',
  'reverse',
  'trim',
  'toLowerCase',
  'toUpperCase',
  'toSorted',
  'toReversed',
]);
const counterparts = {
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
};

/**
 * The mutants of one source text, and that text with all of them behind switches numbered from `first`.
 * `words`: prose too (a string with a blank in it: messages, hints, help), which says nothing about logic.
 */
export function instrument(file, text, { first = 0, words = false } = {}) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const mutants = [];
  const seen = new Map();
  const raw = (node) => text.slice(node.getStart(source), node.end);
  const add = (node, kind, was, becomes) => {
    const name = `${file}|${kind}|${was}|${becomes}`;
    const nth = seen.get(name) ?? 0;
    seen.set(name, nth + 1);
    const number = first + mutants.length;
    const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
    // the name does not hold the line: a mutant stays itself when lines above it change
    const key = createHash('sha256').update(`${name}|${nth}`).digest('hex').slice(0, 16);
    mutants.push({
      number,
      key,
      file,
      line: line + 1,
      column: character + 1,
      kind,
      was: short(was),
      becomes: short(becomes),
    });
    return number;
  };

  /** The text of a node with every mutant inside it. */
  function emit(node) {
    if (
      ts.isTypeNode(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isImportDeclaration(node) ||
      ts.isExportDeclaration(node)
    )
      return raw(node);
    if (ts.isEnumDeclaration(node) || ts.isTaggedTemplateExpression(node) || isTarget(node)) return raw(node);
    const choices = ts.isExpression(node) && canWrap(node) ? changes(node) : [];
    const numbered = choices.map(([kind, was, becomes]) => [add(node, kind, was, becomes), becomes]);
    const inner = statement(node) ?? pieces(node);
    return numbered.length === 0
      ? inner
      : `(${numbered.map(([n, becomes]) => `__mut(${n}) ? (${becomes}) : `).join('')}(${inner}))`;
  }

  /** The node's own text between its children, and theirs with their mutants. */
  function pieces(node) {
    let out = '';
    let at = node.getStart(source);
    ts.forEachChild(node, (child) => {
      const from = child.getStart(source);
      out += text.slice(at, from) + (isName(child) ? raw(child) : emit(child));
      at = child.end;
    });
    return out + text.slice(at, node.end);
  }

  /** Statements and blocks: what is left out is left out by an `if`. */
  function statement(node) {
    if (ts.isExpressionStatement(node) && !ts.isStringLiteral(node.expression) && !raw(node).startsWith('super(')) {
      const n = add(node, 'drop statement', raw(node), '');
      return `{ if (!__mut(${n})) ${emit(node.expression)}; }`;
    }
    if (ts.isThrowStatement(node)) {
      const n = add(node, 'drop throw', raw(node), '');
      return `{ if (!__mut(${n})) ${pieces(node)} }`;
    }
    if (ts.isBlock(node) && node.statements.length > 0) {
      const body = pieces(node);
      if (ts.isConstructorDeclaration(node.parent) && /\bsuper\(/.test(raw(node))) return body;
      const isFunction = ts.isFunctionLike(node.parent);
      // the same as dropping that statement, or never true
      if (!isFunction && node.statements.length === 1) return body;
      const n = add(node, isFunction ? 'return early' : 'empty block', '{ … }', isFunction ? '{ return; }' : '{}');
      return isFunction ? `{ if (__mut(${n})) return; ${body.slice(1)}` : `{ if (!__mut(${n})) ${body} }`;
    }
    return null;
  }

  /** [kind, what was, what it becomes] of an expression. */
  function changes(node) {
    const found = [];
    const whole = raw(node);
    const put = (kind, becomes, was = whole) => void found.push([kind, was, becomes]);
    if (ts.isBinaryExpression(node)) {
      const { left, operatorToken, right } = node;
      for (const operator of swaps.get(operatorToken.kind) ?? [])
        put('operator', `(${raw(left)}) ${operator} (${raw(right)})`);
    }
    if (isCondition(node)) put('negate condition', `!(${whole})`);
    if (ts.isPrefixUnaryExpression(node)) {
      if (node.operator === K.ExclamationToken || node.operator === K.MinusToken) put('drop prefix', raw(node.operand));
      if (node.operator === K.PlusPlusToken) put('operator', `--${raw(node.operand)}`);
      if (node.operator === K.MinusMinusToken) put('operator', `++${raw(node.operand)}`);
    }
    if (ts.isPostfixUnaryExpression(node))
      put('operator', `${raw(node.operand)}${node.operator === K.PlusPlusToken ? '--' : '++'}`);
    if (node.kind === K.TrueKeyword) put('literal', 'false');
    if (node.kind === K.FalseKeyword) put('literal', 'true');
    if (ts.isNumericLiteral(node)) put('literal', `${whole} + 1`);
    if ((ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) && (words || !/\S\s+\S/.test(node.text)))
      put('literal', node.text === '' ? "'mutant'" : "''");
    if (ts.isTemplateExpression(node) && (words || !/[a-z] [a-z]/i.test(whole))) put('literal', "''");
    if (ts.isArrayLiteralExpression(node) && node.elements.length > 0) {
      put('drop element', `[${node.elements.slice(0, -1).map(raw).join(', ')}]`);
      if (node.elements.length > 1) put('drop element', `[${node.elements.slice(1).map(raw).join(', ')}]`);
    }
    if (ts.isObjectLiteralExpression(node)) {
      node.properties.forEach((property, i) => {
        if (
          ts.isMethodDeclaration(property) ||
          (ts.isPropertyAssignment(property) && isProse(property.initializer) && !words)
        )
          return;
        put(
          'drop property',
          `{ ${node.properties
            .filter((_, other) => other !== i)
            .map(raw)
            .join(', ')} }`,
          raw(property),
        );
      });
    }
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      !node.expression.questionDotToken
    ) {
      const { expression, name } = node.expression;
      const args = `(${node.arguments.map(raw).join(', ')})`;
      if (dropped.has(name.text)) put('drop call', raw(expression));
      if (Object.hasOwn(counterparts, name.text))
        put('counterpart', `${raw(expression)}.${counterparts[name.text]}${args}`);
    }
    if (ts.isOptionalChain(node) && !continuesChain(node))
      put('drop optional', whole.replaceAll('?.[', '[').replaceAll('?.(', '(').replaceAll('?.', '.'));
    if (ts.isArrowFunction(node.parent) && node.parent.body === node && !isPlain(node))
      put('return early', 'undefined');
    return found;
  }

  const isProse = (node) => ts.isStringLiteralLike(node) && /\S\s+\S/.test(node.text);
  const isPlain = (node) =>
    node.kind === K.NullKeyword ||
    (ts.isIdentifier(node) && node.text === 'undefined') ||
    raw(node).startsWith('void ');

  const body = pieces(source);
  const head = 'const __mut = (globalThis as unknown as { __mut?: (n: number) => boolean }).__mut ?? (() => false);';
  return { mutants, text: `${head} ${text.slice(0, source.getStart(source))}${body}${text.slice(source.end)}` };
}

const short = (code) => {
  const line = code.replace(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 97)}…` : line;
};

const isCondition = (node) => {
  const { parent } = node;
  const isTest =
    (ts.isIfStatement(parent) && parent.expression === node) ||
    (ts.isConditionalExpression(parent) && parent.condition === node) ||
    (ts.isWhileStatement(parent) && parent.expression === node);
  // a comparison is swapped as well, but its negation is another mutant; `!x` has one already
  return isTest && !(ts.isPrefixUnaryExpression(node) && node.operator === K.ExclamationToken);
};

/** Names are no values: of properties, parameters, declarations. */
const isName = (node) =>
  ts.isIdentifier(node) ||
  ts.isPrivateIdentifier(node) ||
  ts.isComputedPropertyName(node) ||
  ('name' in node.parent && node.parent.name === node && !ts.isArrayLiteralExpression(node)) ||
  ts.isBindingName(node);

/** What is written to, deleted or called `super`: changing the expression would not be the same place any more. */
function isTarget(node) {
  const { parent } = node;
  if (ts.isBinaryExpression(parent) && parent.left === node && isAssignment(parent.operatorToken.kind)) return true;
  if (
    (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) &&
    (parent.operator === K.PlusPlusToken || parent.operator === K.MinusMinusToken)
  )
    return true;
  if ((ts.isForOfStatement(parent) || ts.isForInStatement(parent)) && parent.initializer === node)
    return !ts.isVariableDeclarationList(node);
  return ts.isDeleteExpression(parent) || node.kind === K.SuperKeyword;
}

const continuesChain = ({ parent, end, pos }) =>
  (ts.isOptionalChain(parent) || ts.isNonNullExpression(parent)) &&
  parent.expression?.pos === pos &&
  parent.expression.end === end;

/** Where parentheses around an expression change what it means: callees (`this`), links of a chain, keys of a class. */
function canWrap(node) {
  const { parent } = node;
  if ((ts.isCallExpression(parent) || ts.isNewExpression(parent)) && parent.expression === node) return false;
  if (ts.isOptionalChain(parent) && parent.expression === node) return false;
  if (ts.isNonNullExpression(parent) && ts.isOptionalChain(node)) return false;
  return (
    !ts.isExpressionWithTypeArguments(node) &&
    !ts.isOmittedExpression(node) &&
    !ts.isSpreadElement(node) &&
    !ts.isExpressionWithTypeArguments(parent) &&
    node.kind !== K.SuperKeyword
  );
}
