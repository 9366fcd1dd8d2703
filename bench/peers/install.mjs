// Installs the peers beside this file. All of them use the repository's own drivers, so that the same ones are
// compared: copies that came along are removed.
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const DRIVERS = new Set(['better-sqlite3', 'mysql2', 'pg']);

const folder = path.dirname(fileURLToPath(import.meta.url));
const options = ['--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps'];
execFileSync('npm', ['install', ...options], { cwd: folder, stdio: 'inherit' });
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (DRIVERS.has(entry.name) && path.basename(entry.parentPath) === 'node_modules') {
    rmSync(path.join(entry.parentPath, entry.name), { recursive: true, force: true });
  }
}
