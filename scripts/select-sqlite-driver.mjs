// Makes `better-sqlite3` the major that runs on this Node: 12 below Node 22, 13 from there on.
//
// 13 crashes on Node 20, and 12 aborts from Node 24.19 on, so no single version covers what we support. npm
// installs both (13 under the name `better-sqlite3-13`; it ships its binaries and has no install script). From
// Node 22 on version 12 steps aside, into a folder that npm does not look at, and the name becomes a link to 13.
// Runs in `prepare` and before the tests, because `npm install <name>` puts 12 back without running `prepare`.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const nodeModules = path.join(root, 'node_modules');
const name = path.join(nodeModules, 'better-sqlite3');
const aside = path.join(nodeModules, '.better-sqlite3-12');
const version13 = path.join(nodeModules, 'better-sqlite3-13');
const nodeMajor = Number.parseInt(process.versions.node, 10);
const isLink = existsSync(name) && lstatSync(name).isSymbolicLink();

if (!existsSync(name) && !existsSync(version13)) {
  // `npm ci --omit=dev`: there is no driver to choose.
  process.exit(0);
} else if (nodeMajor >= 22 && !isLink) {
  rmSync(aside, { recursive: true, force: true });
  if (existsSync(name)) renameSync(name, aside);
  symlinkSync(process.platform === 'win32' ? version13 : 'better-sqlite3-13', name, 'junction');
} else if (nodeMajor < 22 && isLink) {
  rmSync(name);
  if (existsSync(aside)) renameSync(aside, name);
}

// Asked in a process of its own: a driver built for another Node may abort instead of throwing.
if (!opens()) {
  if (nodeMajor < 22)
    spawnSync('npm', ['rebuild', 'better-sqlite3'], { cwd: root, stdio: 'inherit', shell: true });
  if (nodeMajor >= 22 || !opens()) {
    console.error(`better-sqlite3 does not open a database on Node ${process.version}. Run: npm ci`);
    process.exit(1);
  }
}

function opens() {
  const script = "new (require('better-sqlite3'))(':memory:').close()";
  return spawnSync(process.execPath, ['-e', script], { cwd: root, stdio: 'ignore' }).status === 0;
}
