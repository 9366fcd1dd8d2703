/** `npm run bench cold-start`: a process that loads its entities, opens a database, reads one row and ends. */

import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Candidate, compare } from '../harness.js';

const ROOT = path.resolve(__dirname, '../..');
const PEERS = path.join(ROOT, 'bench/peers/node_modules');
const COLUMNS = Array.from({ length: 10 }, (_, i) => `column${i}`);

/** A program that declares so many entities, each with ten columns and a relation to the one before it. */
type Program = (entities: number) => string;

const bare: Program = () => '';

const driver: Program = () => `
  const db = new (require(${quoted('node_modules/better-sqlite3')}))(':memory:');
  db.exec('CREATE TABLE thing0 (id integer primary key)');
  db.prepare('SELECT * FROM thing0').all();
  db.close();`;

const limbeck: Program = (entities) => `
  const { Column, DataSource, Entity, ManyToOne, PrimaryGeneratedColumn } = require(${quoted('dist/index.js')});
  const classes = [];
  for (let i = 0; i < ${entities}; i++) {
    const Thing = { ['Thing' + i]: class {} }['Thing' + i];
    PrimaryGeneratedColumn()(Thing.prototype, 'id');
    for (const name of ${JSON.stringify(COLUMNS)}) Column('varchar', { length: 50 })(Thing.prototype, name);
    if (i > 0) ManyToOne(() => classes[i - 1], { nullable: true })(Thing.prototype, 'before');
    Entity('thing' + i)(Thing);
    classes.push(Thing);
  }
  void (async () => {
    const db = new DataSource({ url: 'sqlite::memory:', entities: classes });
    await db.initialize();
    await db.query('CREATE TABLE thing0 (id integer, ${COLUMNS.map((name) => `${name} text`).join(', ')})');
    await db.getRepository(classes[0]).find();
    await db.destroy();
  })();`;

const typeorm: Program = (entities) => `
  const { DataSource, EntitySchema } = require(${quoted('bench/peers/node_modules/typeorm')});
  const entities = [];
  for (let i = 0; i < ${entities}; i++) {
    const columns = { id: { type: 'integer', primary: true, generated: true } };
    for (const name of ${JSON.stringify(COLUMNS)}) columns[name] = { type: 'varchar' };
    const relations = i === 0 ? {} : { before: { type: 'many-to-one', target: 'Thing' + (i - 1), nullable: true } };
    entities.push(new EntitySchema({ name: 'Thing' + i, tableName: 'thing' + i, columns, relations }));
  }
  void (async () => {
    const db = new DataSource({ type: 'better-sqlite3', database: ':memory:', entities });
    await db.initialize();
    await db.query('CREATE TABLE thing0 (id integer, ${COLUMNS.map((name) => `${name} text`).join(', ')})');
    await db.getRepository('Thing0').find();
    await db.destroy();
  })();`;

const mikroOrm: Program = (entities) => `
  const { EntitySchema, MikroORM } = require(${quoted('bench/peers/node_modules/@mikro-orm/core')});
  const { BetterSqliteDriver } = require(${quoted('bench/peers/node_modules/@mikro-orm/better-sqlite')});
  const entities = [];
  for (let i = 0; i < ${entities}; i++) {
    const properties = { id: { type: 'number', primary: true } };
    for (const name of ${JSON.stringify(COLUMNS)}) properties[name] = { type: 'string' };
    if (i > 0) properties.before = { kind: 'm:1', entity: 'Thing' + (i - 1), nullable: true };
    entities.push(new EntitySchema({ name: 'Thing' + i, tableName: 'thing' + i, properties }));
  }
  void (async () => {
    const orm = await MikroORM.init({
      driver: BetterSqliteDriver, dbName: ':memory:', entities, discovery: { disableDynamicFileAccess: true },
    });
    await orm.em.getConnection().execute('CREATE TABLE thing0 (id integer, ${COLUMNS.map((name) => `${name} text`).join(', ')})');
    await orm.em.fork().find('Thing0', {});
    await orm.close();
  })();`;

const drizzle: Program = (entities) => `
  const { drizzle } = require(${quoted('bench/peers/node_modules/drizzle-orm/better-sqlite3')});
  const { integer, sqliteTable, text } = require(${quoted('bench/peers/node_modules/drizzle-orm/sqlite-core')});
  const native = new (require(${quoted('node_modules/better-sqlite3')}))(':memory:');
  const tables = {};
  for (let i = 0; i < ${entities}; i++) {
    const columns = { id: integer('id').primaryKey() };
    for (const name of ${JSON.stringify(COLUMNS)}) columns[name] = text(name);
    if (i > 0) columns.before = integer('before').references(() => tables['thing' + (i - 1)].id);
    tables['thing' + i] = sqliteTable('thing' + i, columns);
  }
  const db = drizzle(native, { schema: tables });
  native.exec('CREATE TABLE thing0 (id integer, ${COLUMNS.map((name) => `${name} text`).join(', ')})');
  void (async () => {
    await db.select().from(tables.thing0);
    native.close();
  })();`;

function quoted(file: string): string {
  return JSON.stringify(path.join(ROOT, file));
}

export async function coldStart(): Promise<void> {
  const candidate = (name: string, program: Program, entities: number): Candidate => ({
    name,
    prepare: (folder) => writeFileSync(path.join(folder, 'program.cjs'), program(entities)),
    run: (folder) => void execFileSync(process.execPath, [path.join(folder, 'program.cjs')]),
  });
  const peers: readonly (readonly [string, Program, string])[] = [
    ['Drizzle', drizzle, 'drizzle-orm'],
    ['MikroORM', mikroOrm, '@mikro-orm/core'],
    ['TypeORM', typeorm, 'typeorm'],
  ];
  const installed = peers.filter(([, , folder]) => existsSync(path.join(PEERS, folder)));
  for (const entities of [3, 100]) {
    await compare({
      title: `cold start with ${entities} entities`,
      rounds: 9,
      aim: '100 entities under 150 ms more than bare Node',
      candidates: [
        candidate('bare Node', bare, entities),
        candidate('better-sqlite3 alone', driver, entities),
        candidate('Limbeck', limbeck, entities),
        ...installed.map(([name, program]) => candidate(name, program, entities)),
      ],
    });
  }
}
