/** Each line of `finding-mistakes.ts` fails with the error that it says, and with no other. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const FILE = path.join(__dirname, 'finding-mistakes.ts');
const ROOT = path.join(__dirname, '../..');

/** The codes that the compiler reports, by line from 0, when nobody tells it to expect them. */
function codesByLine(): Map<number, Set<string>> {
  const config = ts.readConfigFile(path.join(ROOT, 'tsconfig.test.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  const { readFile } = host;
  host.readFile = (name) =>
    path.resolve(name) === FILE
      ? readFile(name)?.replaceAll('@ts-expect-error', 'expected:')
      : readFile(name);
  const program = ts.createProgram([FILE], { ...options, noEmit: true, incremental: false }, host);
  const codes = new Map<number, Set<string>>();
  const source = program.getSourceFile(FILE) as ts.SourceFile;
  for (const { start = 0, code } of program.getSemanticDiagnostics(source)) {
    const { line } = source.getLineAndCharacterOfPosition(start);
    codes.set(line, (codes.get(line) ?? new Set()).add(`TS${code}`));
  }
  return codes;
}

test('every mistake fails for the reason that it says', () => {
  const codes = codesByLine();
  const lines = readFileSync(FILE, 'utf8').split('\n');
  const found = lines.flatMap((text, line) => {
    const said = /@ts-expect-error (TS\d+)/.exec(text)?.[1];
    return said === undefined ? [] : [{ line: line + 2, said, is: [...(codes.get(line + 1) ?? [])] }];
  });
  expect(found.length).toBeGreaterThanOrEqual(100);
  expect(found.filter(({ said, is }) => is.length !== 1 || is[0] !== said)).toEqual([]);
}, 120_000);
