/** Schemas of many tables: a diff that finds nothing, and creating them. */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { migrations } from 'limbeck';
import { type EntityClass, entities } from './entities.js';
import { compare } from './harness.js';

async function project(folder: string, classes: readonly EntityClass[]) {
  mkdirSync(path.join(folder, 'migrations'));
  writeFileSync(path.join(folder, 'package.json'), '{}');
  writeFileSync(path.join(folder, 'migrations', 'placeholder.js'), '');
  return migrations({
    url: `sqlite:${path.join(folder, 'many.db')}`,
    entities: classes,
    migrations: path.join(folder, 'migrations'),
  });
}

/** A diff over many tables, against reading the bare catalog with the same pragmas. */
export async function diff(): Promise<void> {
  for (const count of [300, 1000]) {
    const classes = entities(count);
    const prepare = async (folder: string): Promise<void> => {
      const m = await project(folder, classes);
      await m.revision({ message: 'all', autogenerate: true });
      await m.upgrade('head');
    };
    await compare({
      title: `a diff that finds nothing, over ${count} tables`,
      rounds: 5,
      candidates: [
        {
          name: 'bare catalog: table_xinfo and index_list each',
          prepare,
          run: (folder) => bareCatalog(folder),
        },
        {
          name: 'limbeck diff',
          prepare,
          run: async (folder) => {
            const m = migrations({
              url: `sqlite:${path.join(folder, 'many.db')}`,
              entities: classes,
              migrations: path.join(folder, 'migrations'),
            });
            const { operations } = await m.diff();
            if (operations.length > 0) throw new Error('the diff found something');
          },
        },
      ],
    });
  }
}

function bareCatalog(folder: string): void {
  const database = new Database(path.join(folder, 'many.db'), { readonly: true });
  const tables = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").all();
  for (const { name } of tables as { name: string }[]) {
    database.pragma(`table_xinfo("${name}")`);
    database.pragma(`foreign_key_list("${name}")`);
    for (const index of database.pragma(`index_list("${name}")`) as { name: string }[]) {
      database.pragma(`index_xinfo("${index.name}")`);
    }
  }
  database.close();
}

/** Creating 300 tables, against running the same statements by hand. */
export async function create(): Promise<void> {
  const classes = entities(300);
  const file = (folder: string): string => path.join(folder, 'many.db');
  let statements = '';
  await compare({
    title: 'creating 300 tables with their indexes',
    rounds: 5,
    candidates: [
      {
        name: 'the same statements, bare, one transaction',
        prepare: async (folder) => {
          if (statements !== '') return;
          const m = await project(folder, classes);
          await m.revision({ message: 'all', autogenerate: true });
          statements = (await m.upgrade('head', { sql: true })).sql ?? '';
        },
        run: (folder) => {
          const database = new Database(`${file(folder)}.bare`);
          database.pragma('journal_mode = WAL');
          database.pragma('synchronous = FULL');
          database.exec(statements);
          database.close();
        },
      },
      {
        name: 'limbeck upgrade',
        prepare: async (folder) => {
          await (await project(folder, classes)).revision({ message: 'all', autogenerate: true });
        },
        run: async (folder) => {
          const migrationsFolder = path.join(folder, 'migrations');
          await migrations({ url: `sqlite:${file(folder)}`, migrations: migrationsFolder }).upgrade('head');
        },
      },
    ],
  });
}
