/** Tables of other schemas on PostgreSQL, where entities and the configuration say so. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  Column,
  type Config,
  DataSource,
  Entity,
  ManyToOne,
  migrations,
  type One,
  PrimaryGeneratedColumn,
} from 'limbeck';
import { createDatabase, isAvailable, type TestDatabase } from '../support/databases';

@Entity({ name: 'users', schema: 'public' })
class User {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') name!: string;
}

@Entity({ name: 'logs', schema: 'audit' })
class Log {
  @PrimaryGeneratedColumn() id!: number;
  @ManyToOne(() => User, { onDelete: 'CASCADE' }) user!: One<User>;
  @Column('text') text!: string;
}

(isAvailable('postgres') ? describe : describe.skip)('schemas', () => {
  let database: TestDatabase;
  let folder: string;
  beforeEach(async () => {
    database = await createDatabase('postgres');
    folder = mkdtempSync(path.join(tmpdir(), 'limbeck-schemas-'));
    mkdirSync(path.join(folder, 'migrations'));
  });
  afterEach(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });
  const config = (more: Partial<Config> = {}): Config => ({
    url: database.url,
    entities: [User, Log],
    migrations: path.join(folder, 'migrations'),
    ...more,
  });

  test('entities in two of them are migrated, read and written', async () => {
    await migrations(config()).revision({ autogenerate: true, message: 'all' });
    await migrations(config()).upgrade('head');
    expect((await migrations(config()).diff()).changes).toEqual([]);
    await using db = new DataSource(config());
    await db.initialize();
    const user = await db.getRepository(User).save({ name: 'Ada' });
    await db.getRepository(Log).save({ user, text: 'in' });
    const [log] = await db.getRepository(Log).find({ relations: { user: true } });
    expect([log?.text, log?.user.name]).toEqual(['in', 'Ada']);
    expect(await db.query('SELECT count(*) AS n FROM audit.logs')).toEqual([{ n: 1 }]);
    await db.destroy();
    await migrations(config()).downgrade('base');
    await using empty = new DataSource({ url: database.url });
    await empty.initialize();
    expect(
      await empty.query(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'audit' OR table_name = 'users'",
      ),
    ).toEqual([]);
  });

  test('a table that no model of ours names, in a schema that none names, is nobody of ours', async () => {
    await using other = new DataSource({ url: database.url });
    await other.initialize();
    await other.query('CREATE SCHEMA theirs');
    await other.query('CREATE TABLE theirs.things (id integer)');
    await migrations(config()).revision({ autogenerate: true, message: 'all' });
    await migrations(config()).upgrade('head');
    expect((await migrations(config()).diff()).changes).toEqual([]);
    expect(await other.query('SELECT count(*) AS n FROM theirs.things')).toEqual([{ n: 0 }]);
  });

  test('the configuration says where the rest lives, the version table included', async () => {
    const inApp = config({ schema: 'app', entities: [Log, Plain] });
    await migrations(config({ schema: 'app', entities: [Plain] })).revision({
      autogenerate: true,
      message: 'all',
    });
    await using db = new DataSource({ ...inApp, entities: [Plain] });
    await db.initialize();
    await migrations({ ...inApp, entities: [Plain] }).upgrade('head');
    await db.getRepository(Plain).save({ text: 'x' });
    expect(
      await db.query(
        "SELECT table_schema AS s, table_name AS t FROM information_schema.tables WHERE table_schema IN ('app', 'public') ORDER BY 2",
      ),
    ).toEqual([
      { s: 'app', t: 'limbeck_journal' },
      { s: 'app', t: 'limbeck_version' },
      { s: 'app', t: 'plain' },
    ]);
    expect((await migrations({ ...inApp, entities: [Plain] }).diff()).changes).toEqual([]);
  });
});

@Entity()
class Plain {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') text!: string;
}
