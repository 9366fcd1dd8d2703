/** Projects in temporary folders, in which a process of its own loads a configuration as the command line does. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');

/** What `loadConfig` and `loadEntities` of the build said. */
export interface Loaded {
  readonly extension: string;
  readonly file: string;
  readonly names: string[];
  readonly entities: string[];
  readonly revisions: string[];
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
}

const PROBE = `
const { findConfig, loadConfig, pickConfig } = require('limbeck-dist/loading/config.js');
const { loadEntities } = require('limbeck-dist/loading/entities.js');
const { filesInFolder } = require('limbeck-dist/loading/files.js');
const { loadModules } = require('limbeck-dist/loading/modules.js');
(async () => {
  const configs = await loadConfig(findConfig(process.cwd()));
  const config = pickConfig(configs, configs.length > 1 ? process.argv[2] : undefined);
  const entities = await loadEntities(config);
  const migrations = await loadModules(filesInFolder(config.migrations[0], config.extension));
  return {
    extension: config.extension,
    file: config.file,
    names: configs.map(({ name }) => name),
    entities: entities.map(({ name }) => name),
    revisions: migrations.map(({ exports }) => exports.revision),
  };
})().catch(({ code, message, hint }) => ({ error: { code, message, hint } })).then((said) => console.log(JSON.stringify(said)));
`;

export class Project {
  readonly folder: string;

  constructor(files: Readonly<Record<string, string>>) {
    this.folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'limbeck-load-')));
    this.link('node_modules/limbeck', root);
    this.link('node_modules/limbeck-dist', path.join(root, 'dist'));
    this.write({ 'probe.cjs': PROBE, ...files });
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(this.folder, name)), { recursive: true });
      writeFileSync(path.join(this.folder, name), text);
    }
  }

  link(name: string, target: string): void {
    mkdirSync(path.dirname(path.join(this.folder, name)), { recursive: true });
    symlinkSync(target, path.join(this.folder, name), 'junction');
  }

  /** @param node words before the script, such as `--import tsx` */
  load(node: readonly string[] = [], args: readonly string[] = []): Loaded {
    const env = { ...process.env, NODE_OPTIONS: '', LIMBECK_CONFIG: undefined };
    const words = [...node, path.join(this.folder, 'probe.cjs'), ...args];
    const { stdout, stderr } = spawnSync(process.execPath, words, {
      cwd: this.folder,
      env,
      encoding: 'utf8',
    });
    if (stderr !== '') throw new Error(`standard error is not empty:\n${stderr}`);
    return JSON.parse(stdout) as Loaded;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A package of one type: two entities that import each other, and a migration; `suffix` ends every import. */
export function library(type: 'commonjs' | 'module', suffix: '' | '.js' | '.ts'): Record<string, string> {
  return {
    'package.json': JSON.stringify({ type }),
    'settings.ts': "enum Folder { Entities = 'entities' }\nexport const folder: string = Folder.Entities;\n",
    'ormconfig.ts': `import { defineConfig } from 'limbeck';
import { folder } from './settings${suffix}';
export default defineConfig({ url: 'sqlite:library.db', entities: [folder + '/*.ts'] });
`,
    'entities/author.ts': `import { Column, Entity, type Many, OneToMany, PrimaryGeneratedColumn } from 'limbeck';
import { Book } from './book${suffix}';
@Entity('authors')
export class Author {
  @PrimaryGeneratedColumn('increment') id!: number;
  @Column('varchar', { length: 10 }) name!: string;
  @OneToMany(() => Book, (book: Book) => book.author) books!: Many<Book>;
}
`,
    'entities/book.ts': `import { Column, Entity, ManyToOne, type One, PrimaryGeneratedColumn } from 'limbeck';
import { Author } from './author${suffix}';
@Entity('books')
export class Book {
  @PrimaryGeneratedColumn('increment') id!: number;
  @Column('varchar', { length: 10 }) title!: string;
  @ManyToOne(() => Author, (author: Author) => author.books) author!: One<Author>;
}
`,
    'migrations/aa_first.ts': `import type { Operations } from 'limbeck';
export const revision = 'aa';
export const downRevision: string | null = null;
export function upgrade(op: Operations): void { void op; }
`,
  };
}

export const modules = path.join(root, 'node_modules');
