// Builds src/ into dist/: tsc for types and ES modules, of which bundles are made, then the ESM face.
//
// The build is made in a folder of its own and moved into place at the end, so that a failed build leaves the
// last good one standing and nobody ever loads half a build. `--if-stale` does nothing when dist/ is newer than
// everything it is made from.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeEsmFace } from './build-esm-face.mjs';
import { bundle } from './bundle.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'dist');
const stamp = path.join(dist, '.built');
/** What `exports` in package.json names. */
const entries = ['index', 'testing/index'];
/** How modules of users are loaded: tests ask these in processes of their own. */
const loaders = ['config', 'entities', 'files', 'modules'].map((name) => `loading/${name}`);
const sources = [
  'src',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/build.mjs',
  'scripts/build-esm-face.mjs',
  'scripts/bundle.mjs',
];

if (process.argv.includes('--if-stale') && isFresh()) process.exit(0);

const startedAt = new Date();
const staging = path.join(root, `.dist-${process.pid}`);
const modules = path.join(root, `.dist-${process.pid}-modules`);
const previous = path.join(root, `.dist-${process.pid}-previous`);
process.on('exit', () => {
  for (const folder of [staging, modules, previous]) rmSync(folder, { recursive: true, force: true });
});

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const folders = ['--outDir', modules, '--declarationDir', staging];
const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', ...folders], {
  cwd: root,
  stdio: 'inherit',
});
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

forgiveMissing('kysely', path.join(staging, 'session/kysely/types.d.ts'));
await bundle(modules, staging, [...entries, 'cli/main', ...loaders]);
await writeEsmFace(staging, entries);
makeExecutable(path.join(staging, 'cli/main.js'));
writeFileSync(path.join(staging, '.built'), `${startedAt.toISOString()}\n`);

if (existsSync(dist)) renameSync(dist, previous);
renameSync(staging, dist);

/** Newer than every source, by the moment the build began: a file saved while tsc ran makes it stale again. */
function isFresh() {
  if (!existsSync(stamp)) return false;
  const builtAt = Date.parse(readFileSync(stamp, 'utf8').trim());
  return sources.every((source) => newestMtimeMs(path.join(root, source)) < builtAt);
}

function newestMtimeMs(file) {
  const stat = statSync(file);
  if (!stat.isDirectory()) return stat.mtimeMs;
  // A folder's own time counts too: it changes when a file in it is deleted or renamed.
  return Math.max(stat.mtimeMs, ...readdirSync(file).map((name) => newestMtimeMs(path.join(file, name))));
}

/** Types of an optional peer: where it is not installed, they are `any` and no error in our declarations. */
function forgiveMissing(peer, file) {
  const text = readFileSync(file, 'utf8');
  const imported = new RegExp(`^(?=import type .* from '${peer}';$)`, 'm');
  if (!imported.test(text)) throw new Error(`${path.relative(staging, file)} imports no types of ${peer}`);
  writeFileSync(file, text.replace(imported, '// @ts-ignore: an optional peer\n'));
}

function makeExecutable(file) {
  if (!readFileSync(file, 'utf8').startsWith('#!/usr/bin/env node\n')) {
    throw new Error(`${path.relative(staging, file)} must begin with '#!/usr/bin/env node'`);
  }
  chmodSync(file, 0o755);
}
