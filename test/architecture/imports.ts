/**
 * Reads what a source file imports, with the TypeScript parser: every form counts, types included.
 *
 * Pure: text in, data out. `floors.ts` judges what is found here.
 */

import ts from 'typescript';

export interface Import {
  readonly specifier: string;
  /** 1-based. */
  readonly line: number;
  /** Erased by every compiler: `import type`, `export type … from`, `import('x')` in a type. */
  readonly typeOnly: boolean;
  /** Runs only when a function is called: `require()` or `import()` inside a function body. */
  readonly lazy: boolean;
  /** A `require()` that is not the whole of what `lazy()` of src/base/lazy.ts makes. */
  readonly bareRequire: boolean;
}

export interface SourceFacts {
  readonly imports: readonly Import[];
  /** Lines that ask a dialect's name: a comparison, a `case`, an `includes` of a list of names. */
  readonly dialectNameTests: readonly { readonly line: number; readonly name: string }[];
  readonly lineCount: number;
}

const DIALECT_NAMES = new Set(['sqlite', 'postgres', 'postgresql', 'mysql', 'mariadb']);

const EQUALITY = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
]);

export function readSource(path: string, text: string): SourceFacts {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
  const imports: Import[] = [];
  const dialectNameTests: { line: number; name: string }[] = [];

  const lineOf = (node: ts.Node): number => source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const add = (specifier: ts.Node | undefined, node: ts.Node, typeOnly: boolean, lazy: boolean): void => {
    if (specifier && ts.isStringLiteralLike(specifier)) {
      const bareRequire = ts.isCallExpression(node) && isRequire(node) && !isMadeLazily(node);
      imports.push({ specifier: specifier.text, line: lineOf(node), typeOnly, lazy, bareRequire });
    }
  };
  const noteDialectName = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && DIALECT_NAMES.has(node.text)) {
      dialectNameTests.push({ line: lineOf(node), name: node.text });
    }
  };

  const visit = (node: ts.Node, inFunction: boolean): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword, false);
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node, node.isTypeOnly, false);
    } else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      add(node.moduleReference.expression, node, node.isTypeOnly, false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, node, true, false);
    } else if (ts.isCallExpression(node) && isModuleCall(node)) {
      add(node.arguments[0], node, false, inFunction);
    } else if (ts.isBinaryExpression(node) && EQUALITY.has(node.operatorToken.kind)) {
      noteDialectName(node.left);
      noteDialectName(node.right);
    } else if (ts.isCaseClause(node)) {
      noteDialectName(node.expression);
    } else if (isIncludesOnList(node)) {
      node.expression.expression.elements.forEach(noteDialectName);
    }
    const entersFunction = ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
    ts.forEachChild(node, (child) => visit(child, inFunction || entersFunction));
  };
  visit(source, false);

  const lineCount = text === '' ? 0 : text.replace(/\n$/, '').split('\n').length;
  return { imports, dialectNameTests, lineCount };
}

/** `import(x)`, `require(x)`, and `createRequire(…)(x)`, which is the same by another name. */
function isModuleCall(node: ts.CallExpression): boolean {
  const callee = node.expression;
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (ts.isIdentifier(callee)) return isRequire(node);
  if (ts.isCallExpression(callee)) {
    return ts.isIdentifier(callee.expression) && callee.expression.text === 'createRequire';
  }
  return false;
}

function isRequire({ expression }: ts.CallExpression): boolean {
  return ts.isIdentifier(expression) && expression.text === 'require';
}

/** `lazy(() => require('./x.js') as typeof import('./x.js'))` */
function isMadeLazily(node: ts.CallExpression): boolean {
  const made = ts.isAsExpression(node.parent) ? node.parent : node;
  const { parent } = made;
  if (!ts.isArrowFunction(parent) || parent.body !== made || !ts.isCallExpression(parent.parent))
    return false;
  const callee = parent.parent.expression;
  return ts.isIdentifier(callee) && callee.text === 'lazy';
}

type IncludesOnList = ts.CallExpression & {
  readonly expression: ts.PropertyAccessExpression & { readonly expression: ts.ArrayLiteralExpression };
};

function isIncludesOnList(node: ts.Node): node is IncludesOnList {
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.name.text === 'includes' &&
    ts.isArrayLiteralExpression(node.expression.expression)
  );
}
