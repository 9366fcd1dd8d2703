/** `init` and everything else that runs without a database, called as the binary calls it. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { runCommandLine } from '../../src/cli/program';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'limbeck-init-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

async function limbeck(...argv: string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const status = await runCommandLine(argv, { cwd, stdin, stdout, stderr });
  const read = (stream: PassThrough): string => String(stream.read() ?? '');
  return { status, stdout: read(stdout), stderr: read(stderr) };
}

const read = (file: string): string => readFileSync(path.join(cwd, file), 'utf8');

test('init makes a folder and a configuration, and says so', async () => {
  expect(await limbeck('init')).toMatchObject({
    status: 0,
    stdout:
      'Creating directory migrations ... done\nGenerating ormconfig.ts ... done\n' +
      "Please edit 'url' and 'entities' in ormconfig.ts before proceeding.\n",
  });
  expect(read('ormconfig.ts')).toBe(`import { defineConfig } from 'limbeck';

export default defineConfig({
  url: 'sqlite:app.db', // or postgres://user:password@host:5432/database
  entities: ['entities/*.ts'],
  migrations: 'migrations',
});
`);
  expect(existsSync(path.join(cwd, 'migrations'))).toBe(true);
});

test('init leaves a configuration alone', async () => {
  writeFileSync(path.join(cwd, 'ormconfig.mts'), '// mine');
  expect(await limbeck('init', 'db/migrations')).toMatchObject({
    status: 0,
    stdout: 'Creating directory db/migrations ... done\nFile ormconfig.mts already exists, skipping\n',
  });
  expect(existsSync(path.join(cwd, 'ormconfig.ts'))).toBe(false);
});

test('init refuses a folder that holds something, and leaves nothing behind', async () => {
  mkdirSync(path.join(cwd, 'migrations'));
  writeFileSync(path.join(cwd, 'migrations', 'a'), '');
  expect(await limbeck('init')).toEqual({
    status: 1,
    stdout: '',
    stderr:
      'FAILED: Directory migrations already exists and is not empty\n' +
      'hint: Name another directory: limbeck init DIRECTORY\n',
  });
  expect(existsSync(path.join(cwd, 'ormconfig.ts'))).toBe(false);
});

test.each([
  ['commonjs', "const { defineConfig } = require('limbeck');\n\nmodule.exports = defineConfig({"],
  ['module', "import { defineConfig } from 'limbeck';\n\nexport default defineConfig({"],
])('init -t javascript writes what a package of type %s can load', async (type, text) => {
  writeFileSync(path.join(cwd, 'package.json'), JSON.stringify({ type }));
  expect(await limbeck('init', '-t', 'javascript')).toMatchObject({ status: 0, stderr: '' });
  expect(read('ormconfig.js')).toContain(text);
  expect(read('ormconfig.js')).toContain("entities: ['entities/*.js']");
});

test('init -c names the configuration, and its paths are relative to it', async () => {
  expect(await limbeck('init', 'migrations', '-c', 'conf/ormconfig.ts')).toMatchObject({ status: 0 });
  expect(read('conf/ormconfig.ts')).toContain("migrations: '../migrations'");
});

test('init --json tells what was made', async () => {
  const { stdout, stderr } = await limbeck('init', '--json');
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    directory: path.join(cwd, 'migrations'),
    createdDirectory: true,
    config: path.join(cwd, 'ormconfig.ts'),
    createdConfig: true,
    missing: [],
  });
});

test('an unknown template is refused', async () => {
  expect(await limbeck('init', '-t', 'async')).toMatchObject({
    status: 1,
    stderr: "FAILED: No such template 'async'\nhint: There are 'generic', 'javascript'.\n",
  });
});

test('list_templates lists them', async () => {
  const { status, stdout } = await limbeck('list_templates');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Available templates:\n\ngeneric - .+\njavascript - .+\n/);
});

test('wrong usage ends with 2, in words or as a document', async () => {
  expect(await limbeck('heads', '--jsn')).toEqual({
    status: 2,
    stdout: '',
    stderr: "FAILED: unknown option '--jsn'\nhint: Did you mean --json?\n",
  });
  const { status, stdout, stderr } = await limbeck('heds', '--json');
  expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
  expect(JSON.parse(stdout).error).toMatchObject({ code: 'CLI_USAGE', hint: 'Did you mean heads?' });
  expect(await limbeck()).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/^Usage: limbeck/),
  });
  expect(await limbeck('revision', '--sql')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(
      'FAILED: Using --sql with the revision command does not make any sense\n',
    ),
  });
});

test('help and version go to standard output', async () => {
  const version = JSON.parse(readFileSync(path.join(__dirname, '../../package.json'), 'utf8')).version;
  expect(await limbeck('--version')).toEqual({ status: 0, stdout: `limbeck ${version}\n`, stderr: '' });
  expect(await limbeck('--help')).toMatchObject({ status: 0, stderr: '' });
});
