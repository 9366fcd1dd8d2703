/**
 * A page of the documentation as one program: all its `ts` blocks, joined, compiled with the library's types and
 * run, each in turn against what the ones before it have done.
 *
 * - `// => value` behind a statement says what it gives: of an expression (awaited) or of the constants that it
 *   declares. A long value goes on in comment lines that begin with four blanks or more.
 * - `// => throws CODE` says that it fails with that error.
 * - What is needed and not worth reading stands in a comment of the page: `<!-- run`, a line each, `-->`.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.resolve(__dirname, '../..');

/** Pages whose blocks make one program; those of all others compile one by one. */
export const RUN_PAGES: readonly string[] = [
  'docs/finding.md',
  'docs/free-form-sql.md',
  'docs/hooks-and-validation.md',
  'docs/inheritance.md',
  'docs/logging.md',
  'docs/relations.md',
  'docs/saving.md',
  'docs/security.md',
  'docs/session.md',
  'docs/transactions.md',
  'docs/trees.md',
  'docs/views.md',
];

interface Block {
  readonly text: string;
  /** Its first line in the page, from 1. */
  readonly line: number;
}

/** Compiles and runs a page. @throws with the line of the page where it is not as the page says */
export async function runPage(page: string): Promise<void> {
  const blocks = programBlocks(readFileSync(path.join(root, page), 'utf8'));
  const program = joined(blocks);
  const problems = compileErrors(program);
  expect(problems.map(({ line, message }) => `${page}:${line}: ${message}`)).toEqual([]);
  await run(page, program);
}

/** The blocks of a page that are run, those in comments included. */
export function programBlocks(page: string): Block[] {
  const matches = page.matchAll(/^(?:```ts\n([\s\S]*?)^```|<!-- run\n([\s\S]*?)^-->)$/gm);
  return [...matches].map(({ 1: shown, 2: hidden, index }) => ({
    text: shown ?? hidden ?? '',
    line: page.slice(0, index).split('\n').length + 1,
  }));
}

interface Program {
  readonly imports: string;
  /** Without imports; of as many lines as `lines` has numbers. */
  readonly body: string;
  /** Line of the page by line of the body. */
  readonly lines: readonly number[];
}

/** Blocks as one module: what several of them import is imported once. */
function joined(blocks: readonly Block[]): Program {
  const imports = new Map<string, Set<string>>();
  const body: string[] = [];
  const lines: number[] = [];
  for (const { text, line } of blocks) {
    const source = parse(text);
    let rest = text;
    for (const statement of source.statements.filter(ts.isImportDeclaration)) {
      const from = (statement.moduleSpecifier as ts.StringLiteral).text;
      const named = statement.importClause?.namedBindings;
      const names = imports.get(from) ?? new Set();
      imports.set(from, names);
      for (const each of named && ts.isNamedImports(named) ? named.elements : []) {
        names.add(statement.importClause?.isTypeOnly ? `type ${each.getText(source)}` : each.getText(source));
      }
      const whole = statement.getText(source);
      rest = rest.replace(whole, () => whole.replace(/[^\n]/g, ' '));
    }
    for (const [i, each] of rest
      .replace(/^export /gm, '')
      .trimEnd()
      .split('\n')
      .entries()) {
      body.push(each);
      lines.push(line + i);
    }
  }
  const texts = [...imports].map(([from, names]) => `import { ${[...names].join(', ')} } from '${from}';`);
  return { imports: texts.join(' '), body: body.join('\n'), lines };
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('page.ts', text, ts.ScriptTarget.ES2022, true);
}

function compileErrors({ imports, body, lines }: Program): { line: number; message: string }[] {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.test.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  // A page awaits at its top, which CommonJS does not allow.
  options.module = ts.ModuleKind.ESNext;
  options.moduleResolution = ts.ModuleResolutionKind.Bundler;
  const file = path.join(root, 'documented-page.ts');
  const text = `${imports}\n${body}\nexport {};\n`;
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? text : readFile(name));
  host.getSourceFile = (name, target, ...rest) =>
    name === file ? ts.createSourceFile(name, text, target) : getSourceFile(name, target, ...rest);
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file) as ts.SourceFile;
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
    ({ start = 0, messageText }) => ({
      line: lines[source.getLineAndCharacterOfPosition(start).line - 1] ?? 0,
      message: ts.flattenDiagnosticMessageText(messageText, '\n'),
    }),
  );
}

type Check = (
  line: number,
  actual: () => unknown,
  expected: () => unknown,
  code?: string,
) => Promise<unknown>;

async function run(page: string, program: Program): Promise<void> {
  const text = `${program.imports}\nexport default async function page(__check) {\n${withChecks(program)}\n}`;
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      esModuleInterop: true,
    },
  });
  const exports: { default?: (check: Check) => Promise<void> } = {};
  new Function('require', 'exports', outputText)(require, exports);
  await exports.default?.(async (line, actual, expected, code) => {
    const at = `${page}:${line}`;
    if (code !== undefined) {
      const cause = await Promise.resolve()
        .then(actual)
        .then(
          () => undefined,
          (each: { code?: string }) => each,
        );
      expect({ at, code: cause?.code }).toEqual({ at, code });
      return undefined;
    }
    const value = await actual();
    expect({ at, value }).toEqual({ at, value: expected() });
    return value;
  });
}

/** The body with a check in the place of each statement that says what it gives. */
function withChecks({ body, lines }: Program): string {
  const source = parse(body);
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  const visit = (node: ts.Node): void => {
    const claim = ts.isStatement(node) ? claimBehind(body, node.end) : undefined;
    if (claim === undefined) return ts.forEachChild(node, visit);
    const start = node.getStart(source);
    const line = lines[source.getLineAndCharacterOfPosition(node.end).line] ?? 0;
    const code = /^throws (\w+)$/.exec(claim)?.[1];
    const tail = code === undefined ? `() => (${claim})` : `undefined, '${code}'`;
    if (ts.isExpressionStatement(node)) {
      const text = `await __check(${line}, async () => (${node.expression.getText(source)}), ${tail});`;
      edits.push({ start, end: node.end, text });
    } else if (ts.isVariableStatement(node) && code === undefined) {
      const name = node.declarationList.declarations[0]?.name.getText(source) ?? '';
      edits.push({
        start: node.end,
        end: node.end,
        text: ` await __check(${line}, () => (${name}), ${tail});`,
      });
    } else throw new Error(`line ${line}: nothing can be said of this statement`);
  };
  ts.forEachChild(source, visit);
  const claims = body.split('// => ').length - 1;
  if (claims !== edits.length) throw new Error(`${claims - edits.length} claims stand behind no statement`);
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: change }) => text.slice(0, start) + change + text.slice(end), body);
}

/** What the comment behind a statement says that it gives. */
function claimBehind(text: string, end: number): string | undefined {
  const [, first, rest = ''] =
    /^[ \t]*\/\/ => ([^\n]*)((?:\n[ \t]*\/\/ {4,}[^\n]*)*)/.exec(text.slice(end)) ?? [];
  if (first === undefined) return undefined;
  return [
    first,
    ...rest
      .split('\n')
      .slice(1)
      .map((line) => line.replace(/^[ \t]*\/\//, '')),
  ]
    .join('\n')
    .trim();
}
