// Removes what the build and the tests made.
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const made = readdirSync(root).filter(
  (name) => name === 'dist' || name === 'coverage' || name.startsWith('.dist-'),
);
for (const name of made) rmSync(path.join(root, name), { recursive: true, force: true });
