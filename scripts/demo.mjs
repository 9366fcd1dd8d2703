// The whole main job on a scratch copy of the example, step by step: `npm start`, on SQLite, or on an empty database
// of yours: `npm start -- --url postgres://user:password@localhost/empty`.
//
// Tables, books, a change of the model, the migration that is written for it, upgrade, the new column, downgrade.
// Every command is the real one, in a process of its own, and what a step should have done is asked of the
// database itself. The copy is gone afterwards; the first thing that is not as it should be ends the demo.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import picocolors from 'picocolors';
import { DEMO_TABLES, openByDriver } from './demo-database.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const isTerminal = process.stdout.isTTY === true;
const { bold, cyan, dim, green, red, yellow } = picocolors.createColors(
  isTerminal && picocolors.isColorSupported,
);
const startedAt = Date.now();
let scratch;
let database;
let isOurs = false;
let step = 0;

process.on('exit', removeScratch);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

try {
  run([path.join(root, 'scripts/build.mjs'), '--if-stale'], root);
  const { values } = parseArgs({ options: { url: { type: 'string' } } });
  scratch = makeScratch(values.url);
  database = await openByDriver(values.url ?? `sqlite:${path.join(scratch, 'library.db')}`);
  await requireEmpty();
  await demo();
  await cleanUp();
  console.log(
    `\n${green('Done')} in ${((Date.now() - startedAt) / 1000).toFixed(1)} s; the scratch copy is gone.`,
  );
  console.log('Now by hand: the tutorial in README.md begins with npm run library');
} catch (cause) {
  console.error(`\n${red('FAILED:')} ${cause instanceof Error ? cause.message : cause}`);
  process.exitCode = 1;
  await cleanUp();
}

/** What the demo makes it takes away again, so it must not meet anything of anybody's. */
async function requireEmpty() {
  const taken = (await database.tables()).filter((name) => DEMO_TABLES.includes(name));
  if (taken.length > 0) {
    throw new Error(
      `The database has ${taken.join(', ')} already. Name an empty one: npm start -- --url URL`,
    );
  }
  isOurs = true;
}

async function cleanUp() {
  if (isOurs) {
    isOurs = false;
    const tables = await database.tables();
    for (const name of DEMO_TABLES.filter((each) => tables.includes(each))) {
      await database.rows(`DROP TABLE ${name}`);
    }
  }
  await database?.close();
  database = undefined;
  removeScratch();
}

async function demo() {
  heading(
    'Tables and books',
    'createSchema() makes the tables from entities/; the application inserts three books.',
  );
  npmRun('library', ['-r', 'ts-node/register/transpile-only', 'scripts/library.ts']);
  const before = await columnsOfBooks();

  heading('The model changes', 'One line of entities/book.ts is uncommented.');
  showChange(changeModel());

  heading('The entities write the migration', 'The database is compared with them.');
  const { stdout } = limbeck('revision', '--autogenerate', '-m', 'add genre column to books');
  const file = /Generating (\S+) \.\.\. done/.exec(stdout)?.[1];
  expect(file !== undefined, 'the command says which file it wrote');

  heading('What it wrote', file);
  showCode(readFileSync(path.join(scratch, file), 'utf8'));

  heading('Upgrade', 'The migration is applied, in one transaction with its row of the version table.');
  limbeck('upgrade', 'head');

  heading('The new column, and the rows', 'As the database has them.');
  await showBooks();
  await expectColumns([...before, 'genre']);
  limbeck('check');

  heading('Downgrade', 'And back: the column goes, the rows stay.');
  limbeck('downgrade', '-1');
  await showBooks();
  await expectColumns(before);
}

/**
 * What the demo works on: the example's own files, with the repository's build and packages behind them. Where
 * somebody is in the middle of the tutorial it begins without the new column and without revisions all the same.
 */
function makeScratch(url) {
  const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-demo-'));
  const copied = ['entities', 'ormconfig.ts', 'scripts/library.ts', 'tsconfig.json', 'package.json'];
  for (const name of copied) cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  for (const name of ['dist', 'node_modules']) {
    symlinkSync(path.join(root, name), path.join(folder, name), 'junction');
  }
  mkdirSync(path.join(folder, 'migrations'));
  if (url !== undefined) {
    const config = path.join(folder, 'ormconfig.ts');
    writeFileSync(config, readFileSync(config, 'utf8').replace(/url: .*,/, `url: ${JSON.stringify(url)},`));
  }
  const book = path.join(folder, 'entities/book.ts');
  writeFileSync(book, readFileSync(book, 'utf8').replace(/^(\s*)(@Column\(.*\bgenre!.*)$/m, '$1// $2'));
  return folder;
}

function removeScratch() {
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  scratch = undefined;
}

/** Takes the marked line out of its comment. @returns the line before and after */
function changeModel() {
  const file = path.join(scratch, 'entities/book.ts');
  const text = readFileSync(file, 'utf8');
  const marked = text.split('\n').find((line) => /^\s*\/\/ @Column\(.*\bgenre!/.test(line));
  if (marked === undefined) throw new Error('entities/book.ts has lost its marked line for genre.');
  const changed = marked.replace('// ', '');
  writeFileSync(file, text.replace(marked, changed));
  return [marked, changed];
}

function npmRun(name, words) {
  console.log(`${dim('$')} ${bold(`npm run ${name}`)}`);
  show(run(words, scratch));
}

function limbeck(...words) {
  const shown = words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' ');
  console.log(`${dim('$')} ${bold(`npx limbeck ${shown}`)}`);
  return show(run([path.join(root, 'dist/cli/main.js'), ...words], scratch));
}

/** Runs a script under this Node. @throws with all it said when it fails */
function run(words, cwd) {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, words, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    // A configuration of the caller's own must not take the place of the example's.
    env: { ...process.env, LIMBECK_CONFIG: undefined, NO_COLOR: '1' },
  });
  if (error || status !== 0) {
    throw new Error(
      `'${words.join(' ')}' ended with ${error?.message ?? `status ${status}`}\n${stdout}${stderr}`,
    );
  }
  return { stdout, stderr };
}

/** What happened meanwhile (standard error), then what was asked for. */
function show(said) {
  for (const line of said.stderr.split('\n').filter(Boolean)) {
    console.log(
      `  ${line.replace(/^(Detected|Running|Warning:)/, (word) => (word === 'Warning:' ? yellow : green)(word))}`,
    );
  }
  for (const line of said.stdout.split('\n').filter(Boolean)) console.log(`  ${line}`);
  return said;
}

function showChange([before, after]) {
  console.log(red(`- ${before}`));
  console.log(green(`+ ${after}`));
}

function showCode(text) {
  const colour = (line) =>
    /^(\/\*\*| \*)/.test(line) ? dim(line) : /^ +op\./.test(line) ? cyan(line) : line;
  for (const line of text.trimEnd().split('\n')) console.log(`  ${colour(line)}`.trimEnd());
}

function heading(title, words) {
  step += 1;
  console.log(`\n${bold(`${step}. ${title}`)}\n${dim(words)}\n`);
}

async function showBooks() {
  const rows = await database.rows('SELECT * FROM books ORDER BY id');
  expect(rows.length === 3, `the three books are there (${rows.length} are)`);
  const names = Object.keys(rows[0]);
  const cells = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? 'NULL')))];
  const widths = names.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const [index, row] of cells.entries()) {
    const line = row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join(' | ')
      .trimEnd();
    console.log(`  ${index === 0 ? bold(line) : line}`);
  }
}

function columnsOfBooks() {
  return database.columns('books');
}

async function expectColumns(wanted) {
  const found = await columnsOfBooks();
  const names = (columns) => [...columns].sort().join(', ');
  expect(names(found) === names(wanted), `'books' has the columns ${names(wanted)}, not ${names(found)}`);
}

function expect(holds, claim) {
  if (!holds) throw new Error(`It does not hold that ${claim}.`);
}
