/**
 * A copy of the example in a temporary folder, as a user's application that has Limbeck installed: `npm run library`
 * and `npx limbeck` do there what they do in the repository.
 */

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';

const root = path.resolve(__dirname, '../..');
const COPIED = ['entities', 'ormconfig.ts', 'scripts/library.ts', 'tsconfig.json'];
const PACKAGES = ['better-sqlite3', 'ts-node', 'typescript', '@types/node'];

export interface Said {
  readonly status: number | null;
  /** Both streams, in the order in which they were written. */
  readonly output: string;
}

export class Scratch {
  readonly folder: string;

  constructor() {
    this.folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'limbeck-example-')));
    for (const name of COPIED) cpSync(path.join(root, name), this.path(name), { recursive: true });
    // Not the repository's own: npx makes a place in npm's cache for a package that is asked for its own command.
    const { library } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).scripts;
    this.write('package.json', JSON.stringify({ name: 'library', private: true, scripts: { library } }));
    mkdirSync(this.path('node_modules/@types'), { recursive: true });
    mkdirSync(this.path('node_modules/.bin'));
    for (const name of PACKAGES) {
      symlinkSync(path.join(root, 'node_modules', name), this.path(`node_modules/${name}`), 'junction');
    }
    symlinkSync(root, this.path('node_modules/limbeck'), 'junction');
    symlinkSync('../limbeck/dist/cli/main.js', this.path('node_modules/.bin/limbeck'));
    mkdirSync(this.path('migrations'));
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  /** Runs a line of shell. */
  run(line: string): Said {
    const { status, stdout } = spawnSync(`{ ${line} ; } 2>&1`, {
      cwd: this.folder,
      encoding: 'utf8',
      shell: true,
      env: { ...process.env, NO_COLOR: '1', npm_config_update_notifier: 'false' },
    });
    return { status, output: withoutNpm(stdout) };
  }

  /** Rows of library.db, read by the driver alone. */
  rows(sql: string): unknown[] {
    const database = new Database(this.path('library.db'), { readonly: true });
    try {
      return database.prepare(sql).all();
    } finally {
      database.close();
    }
  }

  columns(table: string): string[] {
    return (
      this.rows(`SELECT name FROM pragma_table_info('${table}') ORDER BY name`) as { name: string }[]
    ).map(({ name }) => name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What npm itself says: of the script that it runs, and of its own configuration. */
function withoutNpm(output: string): string {
  const lines = output.split('\n').filter((line) => !/^(> |npm (warn|notice)\b)/.test(line));
  return lines.join('\n').replace(/^\n+/, '').trimEnd();
}
