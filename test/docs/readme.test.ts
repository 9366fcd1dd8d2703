/** What the documents say is true: their TypeScript compiles, their settings work, their links lead somewhere. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import * as limbeck from '../../src/index';
import { RUN_PAGES } from './run-page';
import { blocksOf } from './walk';

const root = path.resolve(__dirname, '../..');
const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs'].flatMap((name) =>
  name.endsWith('.md') ? [name] : markdownIn(name),
);
const read = (document: string): string => readFileSync(path.join(root, document), 'utf8');

function markdownIn(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return markdownIn(name);
    return name.endsWith('.md') ? [name] : [];
  });
}

interface Block {
  readonly name: string;
  readonly text: string;
}

const blocks: readonly Block[] = documents
  .filter((document) => !RUN_PAGES.includes(document))
  .flatMap((document) =>
    blocksOf(read(document))
      .filter(({ language }) => language === 'ts')
      .map(({ text }, i) => ({ name: `${document}, block ${i + 1}`, text: moduleOf(text, document) })),
  );

/** A block that imports is a module as it stands; any other gets the imports that its names ask for. */
function moduleOf(text: string, document: string): string {
  // A document in docs/ speaks of the files of an application, as the README does.
  if (/^import /m.test(text)) return text;
  const words = new Set(text.match(/\b[A-Z]\w+\b/g));
  const types = ['One', 'Many', 'Operations'].filter((name) => words.has(name));
  const values = Object.keys(limbeck).filter((name) => words.has(name) && !types.includes(name));
  const declares = (name: string): boolean => text.includes(`class ${name} `);
  if (words.has('Author') && declares('Book') && !declares('Author')) {
    return [
      `import { ${[...values, 'OneToMany'].join(', ')}, ${[...types, 'Many'].map((name) => `type ${name}`).join(', ')} } from 'limbeck';`,
      "@Entity('authors') class Author {",
      '  @PrimaryGeneratedColumn() id!: number;',
      '  @OneToMany(() => Book, (book) => book.author) books!: Many<Book>;',
      '}',
      text,
    ].join('\n');
  }
  throw new Error(`A block of ${document} imports nothing:\n${text}`);
}

test('every TypeScript block compiles', () => {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.test.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const texts = new Map(blocks.map(({ text }, i) => [path.join(root, `documented-${i}.ts`), text]));
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (file) => texts.has(file) || fileExists(file);
  host.readFile = (file) => texts.get(file) ?? readFile(file);
  host.getSourceFile = (file, target, ...rest) => {
    const text = texts.get(file);
    return text === undefined
      ? getSourceFile(file, target, ...rest)
      : ts.createSourceFile(file, text, target);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  const problems = [...texts.keys()].flatMap((file, i) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${blocks[i]?.name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
  expect(problems).toEqual([]);
  expect(blocks.length).toBeGreaterThan(8);
}, 120_000);

test('every JSON block is JSON, and every tsconfig in one states rootDir', () => {
  const settings = documents.flatMap((document) =>
    blocksOf(read(document)).filter(({ language }) => language === 'json'),
  );
  for (const { text } of settings) {
    const { compilerOptions } = JSON.parse(text) as { compilerOptions?: Record<string, unknown> };
    if (compilerOptions !== undefined) expect(compilerOptions).toHaveProperty('rootDir', '.');
  }
  expect(settings).toHaveLength(2);
});

test.each(documents)('links in %s lead somewhere', (document) => {
  const targets = [...read(document).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(
    ([, to = '']) => to,
  );
  const missing = targets.filter((to) => !existsSync(path.resolve(root, path.dirname(document), to)));
  expect(missing).toEqual([]);
});

/** As GitHub makes them of headings. */
const anchorsIn = (document: string): string[] =>
  [...read(document).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each(documents)('links in %s lead to headings', (document) => {
  const targets = [...read(document).matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)].map(
    ([, to = '', anchor = '']) => ({
      to: to === '' ? document : path.join(path.dirname(document), to),
      anchor,
    }),
  );
  expect(targets.filter(({ to, anchor }) => !anchorsIn(to).includes(anchor))).toEqual([]);
});

test('scripts that the documents name exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = documents.flatMap((document) =>
    [...read(document).matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name),
  );
  expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
});
