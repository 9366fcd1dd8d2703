// Installs the packed tarball into empty projects and uses it there as a person would.
//
//   npm run smoke                 everything
//   npm run smoke -- esm types    only some: tarball, types, cjs, esm, ts-node, tsx, tsc, jest
//   npm run smoke -- --keep       leaves the projects standing, and says where
//
// The projects stand in test/package/projects/, one CommonJS and one ESM; each is used with the command line's own
// loader, under ts-node, under tsx, and compiled with tsc; the CommonJS one under jest as well. Peers (the driver, TypeScript, ts-node) are links into
// this repository's node_modules: nothing is compiled again. Run-time dependencies come from npm.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => path.join(root, 'node_modules/.bin', name);
const formats = ['cjs', 'esm'];
const parts = {
  tarball: () => checkTarball(),
  types: () => checkTypes(),
  cjs: () => walkCommands(projectOf('cjs'), 'load.cjs'),
  esm: () => walkCommands(projectOf('esm'), 'load.mjs'),
  'ts-node': () => formats.forEach((format) => void walkTsNode(projectOf(format), format)),
  tsx: () => formats.forEach((format) => void walkTsx(projectOf(format))),
  tsc: () => formats.forEach((format) => void walkCompiled(projectOf(format))),
  jest: () => void testWithJest(projectOf('cjs')),
};

const args = process.argv.slice(2);
const keep = args.includes('--keep');
const named = args.filter((arg) => !arg.startsWith('--'));
const unknown = named.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`Unknown part: ${unknown.join(', ')}. There are: ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}

const work = mkdtempSync(path.join(tmpdir(), 'limbeck-smoke-'));
const failed = [];
const projects = new Map();
run(process.execPath, ['scripts/build.mjs', '--if-stale'], root);
const { tarball, files } = pack();
for (const name of named.length > 0 ? named : Object.keys(parts)) {
  const startedAt = Date.now();
  try {
    parts[name]();
    console.log(`smoke ${name} ... done (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed.push(name);
    console.error(`smoke ${name} ... FAILED\n${error instanceof Error ? error.message : error}`);
  }
}
if (keep) console.log(`The projects are in ${work}`);
else rmSync(work, { recursive: true, force: true });
if (failed.length > 0) {
  console.error(`FAILED: ${failed.join(', ')}`);
  process.exit(1);
}

function pack() {
  // --ignore-scripts: `prepare` would build again what was built a moment ago.
  const { stdout } = run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', work], root);
  const [packed] = JSON.parse(stdout);
  return { tarball: path.join(work, packed.filename), files: packed.files };
}

/** What is in it, and nothing else; the command can be executed. */
function checkTarball() {
  const paths = files.map((file) => file.path);
  const expected = /^(dist\/.+\.(js|mjs|d\.ts|d\.mts)|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/;
  assert.deepEqual(
    paths.filter((file) => !expected.test(file) || /\.test\./.test(file)),
    [],
    'the tarball holds the build and four files, no tests',
  );
  for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE', 'dist/index.mjs', 'dist/testing/index.d.mts']) {
    assert.ok(paths.includes(file), `the tarball lacks ${file}`);
  }
  const main = files.find((file) => file.path === 'dist/cli/main.js');
  assert.ok(main && (main.mode & 0o111) === 0o111, 'dist/cli/main.js is in the tarball and executable');
}

/** Entry points and types, as publint and "are the types wrong" see them. */
function checkTypes() {
  run(bin('publint'), ['run', tarball, '--strict'], root);
  run(bin('attw'), [tarball, '--profile', 'node16', '--no-emoji', '--no-color'], root);
}

/** The project of a format, installed once; what walks in it leaves it as it was. */
function projectOf(format) {
  const present = projects.get(format);
  if (present !== undefined) return present;
  const project = path.join(work, format);
  cpSync(path.join(root, 'test/package/projects', format), project, { recursive: true });
  mkdirSync(path.join(project, 'migrations'), { recursive: true });
  run('npm', ['install', tarball, '--prefer-offline', '--no-audit', '--no-fund'], project);
  const peers = path.join(project, 'node_modules');
  for (const peer of ['better-sqlite3', 'typescript', 'ts-node', '@types/node']) {
    const link = path.join(peers, peer);
    mkdirSync(path.dirname(link), { recursive: true });
    if (!existsSync(link)) symlinkSync(path.join(root, 'node_modules', peer), link, 'junction');
  }
  projects.set(format, project);
  return project;
}

/** The package from JavaScript, then the commands with the loader that they bring for TypeScript. */
function walkCommands(project, script) {
  run(process.execPath, [script], project);
  walkInit(project);
  const limbeck = (...words) => run('npx', ['--no-install', 'limbeck', ...words], project);
  walkForth(limbeck, project, 'migrations');
  run(bin('tsc'), ['--noEmit', '-p', '.'], project);
  walkBack(limbeck, project);
}

/** The script of the documentation, with ts-node's type check on. */
function walkTsNode(project, format) {
  const words = format === 'esm' ? ['--no-warnings', '--loader', 'ts-node/esm'] : ['-r', 'ts-node/register'];
  run(process.execPath, [...words, 'script.ts'], project);
}

/** The same script under tsx, and the commands inside a process that has its loader. */
function walkTsx(project) {
  const tsx = ['--import', pathToFileURL(path.join(root, 'node_modules/tsx/dist/loader.mjs')).href];
  run(process.execPath, [...tsx, 'script.ts'], project);
  const limbeck = (...words) => run(process.execPath, [...tsx, cli(project), ...words], project);
  walkForth(limbeck, project, 'migrations');
  walkBack(limbeck, project);
}

/**
 * An application that is deployed: written and migrated as TypeScript, run and upgraded as JavaScript, where
 * neither TypeScript nor ts-node is installed.
 */
function walkCompiled(project) {
  const written = (...words) => run('npx', ['--no-install', 'limbeck', ...words], project);
  const revision = walkForth(written, project, 'migrations');

  run(bin('tsc'), ['-p', '.', '--noEmit', 'false', '--outDir', 'build'], project);
  const aside = path.join(project, 'node_modules', '.aside');
  mkdirSync(aside);
  for (const peer of ['typescript', 'ts-node']) {
    renameSync(path.join(project, 'node_modules', peer), path.join(aside, peer));
  }
  try {
    const compiled = (...words) => written(...words, '-c', 'build');
    assert.match(compiled('upgrade', 'head').stderr, new RegExp(`^Running upgrade {2}-> ${revision}, `, 'm'));
    assert.ok(existsSync(path.join(project, 'build/smoke.db')), 'the database is where the configuration is');
    assert.equal(compiled('current').stdout, `${revision} (head)\n`);
    assert.equal(compiled('check').stdout, 'No new upgrade operations detected.\n');
    compiled('downgrade', 'base');
    run(process.execPath, ['build/main.js'], project);
  } finally {
    for (const peer of ['typescript', 'ts-node']) {
      renameSync(path.join(aside, peer), path.join(project, 'node_modules', peer));
    }
    rmSync(aside, { recursive: true });
    rmSync(path.join(project, 'build'), { recursive: true, force: true });
  }
  walkBack(written, project);
}

/** An application's own test, whose TypeScript jest transpiles. */
function testWithJest(project) {
  const parser = { syntax: 'typescript', decorators: true };
  const swc = { jsc: { parser, transform: { legacyDecorator: true, decoratorMetadata: true } } };
  const config = {
    rootDir: project,
    testMatch: ['<rootDir>/tested.cjs'],
    transform: { '\\.ts$': [path.join(root, 'node_modules/@swc/jest'), swc] },
  };
  run(bin('jest'), ['--config', JSON.stringify(config)], project);
}

function cli(project) {
  return path.join(project, 'node_modules/limbeck/dist/cli/main.js');
}

/** `init` makes a configuration that later commands can read; then the project's own takes its place. */
function walkInit(project) {
  const config = path.join(project, 'ormconfig.ts');
  const own = readFileSync(config);
  rmSync(config);
  const limbeck = (...words) => run('npx', ['--no-install', 'limbeck', ...words], project);
  limbeck('init', 'migrations');
  assert.ok(existsSync(config), "'init' writes ormconfig.ts");
  assert.equal(limbeck('heads').stdout, '');
  writeFileSync(config, own);
}

/** Models to migration to database, by the commands of a person. @returns the revision */
function walkForth(limbeck, project, folder) {
  const made = limbeck('revision', '--autogenerate', '-m', 'create notes');
  const line = /^Generating migrations[\\/]([0-9a-f]{12})_create_notes\.ts \.\.\. done$/m;
  const revision = line.exec(made.stdout)?.[1];
  assert.ok(revision, `'revision' says what it generates, not:\n${made.stdout}`);
  assert.match(made.stderr, /^Detected added table 'notes'$/m);
  assert.deepEqual(migrationsIn(project, folder), [`${revision}_create_notes.ts`]);
  const text = readFileSync(path.join(project, folder, `${revision}_create_notes.ts`), 'utf8');
  assert.match(text, /^import type \{ Operations \} from 'limbeck';$/m);

  assert.equal(limbeck('heads').stdout, `${revision} (head)\n`);
  const upgraded = limbeck('upgrade', 'head');
  assert.match(upgraded.stderr, new RegExp(`^Running upgrade {2}-> ${revision}, create notes$`, 'm'));
  assert.equal(limbeck('current').stdout, `${revision} (head)\n`);
  assert.equal(limbeck('history').stdout, `<base> -> ${revision} (head), create notes\n`);
  assert.equal(limbeck('check').stdout, 'No new upgrade operations detected.\n');
  return revision;
}

/** And back down; the project is as it was. */
function walkBack(limbeck, project) {
  const [file] = migrationsIn(project, 'migrations');
  const [revision] = file.split('_');
  const downgraded = limbeck('downgrade', 'base');
  assert.match(downgraded.stderr, new RegExp(`^Running downgrade ${revision} -> , create notes$`, 'm'));
  assert.equal(limbeck('current').stdout, '');
  rmSync(path.join(project, 'migrations', file));
  for (const name of readdirSync(project)) if (name.startsWith('smoke.db')) rmSync(path.join(project, name));
}

function migrationsIn(project, folder) {
  return readdirSync(path.join(project, folder)).filter((name) => name.endsWith('.ts'));
}

/** Runs to the end and gives back what was printed; a failure is thrown with everything it said. */
function run(command, words, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, words, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
    shell: process.platform === 'win32',
  });
  if (error || status !== 0) {
    const what = [path.basename(command), ...words].join(' ');
    throw new Error(`'${what}' in ${cwd} failed (${error?.message ?? `exit ${status}`})\n${stdout}${stderr}`);
  }
  return { stdout, stderr };
}
