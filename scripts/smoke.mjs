// Installs the packed tarball into empty projects and uses it there as a person would.
//
//   npm run smoke                 everything
//   npm run smoke -- esm types    only some: tarball, types, cjs, esm, ts-node
//   npm run smoke -- --keep       leaves the projects standing, and says where
//
// The projects stand in test/package/projects/. Peers (the driver, TypeScript, ts-node) are links into this
// repository's node_modules: nothing is compiled again. Run-time dependencies come from npm.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => path.join(root, 'node_modules/.bin', name);
const parts = {
  tarball: () => checkTarball(),
  types: () => checkTypes(),
  cjs: (tarball) => inProject('cjs', tarball, walkCjs),
  esm: (tarball) => inProject('esm', tarball, walkEsm),
  'ts-node': (tarball) => inProject('ts-node', tarball, walkTsNode),
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
run(process.execPath, ['scripts/build.mjs', '--if-stale'], root);
const { tarball, files } = pack();
for (const name of named.length > 0 ? named : Object.keys(parts)) {
  const startedAt = Date.now();
  try {
    parts[name](tarball);
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

function inProject(name, archive, walk) {
  const project = path.join(work, name);
  cpSync(path.join(root, 'test/package/projects', name), project, { recursive: true });
  run('npm', ['install', archive, '--prefer-offline', '--no-audit', '--no-fund'], project);
  for (const peer of ['better-sqlite3', 'typescript', 'ts-node', '@types/node']) {
    const link = path.join(project, 'node_modules', peer);
    mkdirSync(path.dirname(link), { recursive: true });
    if (!existsSync(link)) symlinkSync(path.join(root, 'node_modules', peer), link, 'junction');
  }
  walk(project);
}

function walkCjs(project) {
  run(process.execPath, ['load.cjs'], project);
  walkInit(project);
  walkCommands(project);
}

function walkEsm(project) {
  run(process.execPath, ['load.mjs'], project);
  walkInit(project);
  walkCommands(project);
  run(bin('tsc'), ['--noEmit', '-p', '.'], project);
}

function walkTsNode(project) {
  walkInit(project);
  run(bin('ts-node'), ['script.ts'], project);
  walkCommands(project);
  run(bin('tsc'), ['--noEmit', '-p', '.'], project);
}

/** `init` makes a configuration that later commands can read; then the project's own takes its place. */
function walkInit(project) {
  const config = path.join(project, 'ormconfig.ts');
  const own = readFileSync(config);
  rmSync(config);
  limbeckIn(project)('init', 'migrations');
  assert.ok(existsSync(config), "'init' writes ormconfig.ts");
  assert.equal(limbeckIn(project)('heads').stdout, '');
  writeFileSync(config, own);
}

function limbeckIn(project) {
  return (...words) => run('npx', ['--no-install', 'limbeck', ...words], project);
}

/** Models to migration to database and back, by the commands of a person. */
function walkCommands(project) {
  const limbeck = limbeckIn(project);

  const made = limbeck('revision', '--autogenerate', '-m', 'create notes');
  const revision = /^Generating migrations\/([0-9a-f]{12})_create_notes\.ts \.\.\. done$/m.exec(
    made.stdout,
  )?.[1];
  assert.ok(revision, `'revision' says what it generates, not:\n${made.stdout}`);
  assert.match(made.stderr, /^Detected added table 'notes'$/m);
  const written = readdirSync(path.join(project, 'migrations')).filter((file) => file.endsWith('.ts'));
  assert.deepEqual(written, [`${revision}_create_notes.ts`]);
  const text = readFileSync(path.join(project, 'migrations', `${revision}_create_notes.ts`), 'utf8');
  assert.match(text, /^import type \{ Operations \} from 'limbeck';$/m);

  assert.equal(limbeck('heads').stdout, `${revision} (head)\n`);
  assert.match(
    limbeck('upgrade', 'head').stderr,
    new RegExp(`^Running upgrade {2}-> ${revision}, create notes$`, 'm'),
  );
  assert.equal(limbeck('current').stdout, `${revision} (head)\n`);
  assert.equal(limbeck('history').stdout, `<base> -> ${revision} (head), create notes\n`);
  assert.equal(limbeck('check').stdout, 'No new upgrade operations detected.\n');
  assert.match(
    limbeck('downgrade', 'base').stderr,
    new RegExp(`^Running downgrade ${revision} -> , create notes$`, 'm'),
  );
  assert.equal(limbeck('current').stdout, '');
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
