import { readFileSync } from 'node:fs';
import ts from 'typescript';

/**
 * Of any number of arguments, and often given data: each ends in "Maximum call stack size exceeded" at about 125,000 of
 * them.
 */
const nativeTakers = /(^|\.)(max|min|hypot|push|unshift|splice|concat|of|fromCharCode|fromCodePoint|assign|Array)$/;

/**
 * Calls that put a collection on the stack: `f(...xs)`, `new F(...xs)`, `f.apply(o, xs)`. `all`: every one; otherwise
 * only those of the language's own functions, where nothing but the data bounds the number. A literal list (`f(...[a,
 * b])`) is no collection.
 */
export function spreadArguments(file: string, all: boolean, text = readFileSync(file, 'utf8')): readonly string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const isSpread = (node: ts.Node): boolean =>
    ts.isSpreadElement(node) && !ts.isArrayLiteralExpression(node.expression);
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const callee = node.expression.getText(source).replace(/\?\./g, '.');
      const isApply = ts.isCallExpression(node) && /\.apply$/.test(callee);
      if (isApply || (node.arguments?.some(isSpread) && (all || nativeTakers.test(callee)))) {
        found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${callee}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
