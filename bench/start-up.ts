/** What the command line costs beyond a ts-node script that merely loads the same configuration. */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { compare } from './harness.js';

const ROOT = path.resolve(__dirname, '..');

export async function startUp(): Promise<void> {
  const prepare = (folder: string): void => {
    mkdirSync(path.join(folder, 'node_modules'));
    symlinkSync(ROOT, path.join(folder, 'node_modules/limbeck'));
    for (const name of ['better-sqlite3', 'ts-node', 'typescript']) {
      symlinkSync(path.join(ROOT, 'node_modules', name), path.join(folder, 'node_modules', name));
    }
    mkdirSync(path.join(folder, 'migrations'));
    cpSync(path.join(ROOT, 'entities'), path.join(folder, 'entities'), { recursive: true });
    cpSync(path.join(ROOT, 'ormconfig.ts'), path.join(folder, 'ormconfig.ts'));
    writeFileSync(path.join(folder, 'package.json'), '{ "name": "limbeck-start-up", "private": true }');
    const options = { module: 'commonjs', target: 'es2022', rootDir: '.', experimentalDecorators: true };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options }));
    writeFileSync(path.join(folder, 'load.ts'), "import config from './ormconfig';\nvoid config;\n");
  };
  const node = (folder: string, ...args: string[]): void => {
    execFileSync(process.execPath, args, { cwd: folder, stdio: 'ignore' });
  };
  await compare({
    title: "the command line's start-up",
    rounds: 9,
    aim: 'under 100 ms more',
    candidates: [
      {
        name: 'ts-node script that loads the configuration',
        prepare,
        run: (folder) => node(folder, '-r', 'ts-node/register/transpile-only', 'load.ts'),
      },
      {
        name: 'limbeck heads',
        prepare,
        run: (folder) => node(folder, path.join(ROOT, 'dist/cli/main.js'), 'heads'),
      },
      {
        name: 'limbeck upgrade head (nothing to do)',
        prepare,
        run: (folder) => node(folder, path.join(ROOT, 'dist/cli/main.js'), 'upgrade', 'head'),
      },
    ],
  });
}
