/** createSchema, synchronize and dropSchema by several processes at once, on databases with more than one writer. */

import path from 'node:path';
import { Column, DataSource, Entity, ManyToOne, migrations, type One, PrimaryColumn } from 'limbeck';
import { createDatabase, isAvailable, type TestDatabase } from '../support/databases';

@Entity('parents')
class Parent {
  @PrimaryColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'enum', enum: ['a', 'b'], enumName: 'kinds', default: 'a' }) kind!: 'a' | 'b';
}

@Entity('kids')
class Kid {
  @PrimaryColumn({ type: 'integer' }) id!: number;
  @ManyToOne(() => Parent) parent!: One<Parent>;
}

@Entity('parents')
class LaterParent {
  @PrimaryColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'enum', enum: ['a', 'b', 'c'], enumName: 'kinds', default: 'c' }) kind!: 'a' | 'b' | 'c';
  @Column({ type: 'integer', nullable: true }) more!: number | null;
}

@Entity('kids')
class LaterKid {
  @PrimaryColumn({ type: 'integer' }) id!: number;
  @ManyToOne(() => LaterParent) parent!: One<LaterParent>;
}

describe.each((['postgres', 'mysql'] as const).filter(isAvailable))('on %s', (kind) => {
  let database: TestDatabase;
  const sources: DataSource[] = [];
  const open = async (...entities: (new () => object)[]): Promise<DataSource> => {
    const source = await new DataSource({ url: database.url, entities, pool: { max: 1 } }).initialize();
    sources.push(source);
    return source;
  };
  beforeEach(async () => {
    database = await createDatabase(kind);
  });
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.destroy();
    await database.drop();
  });

  test('whoever comes second finds it done', async () => {
    const first = await Promise.all([open(Parent, Kid), open(Parent, Kid), open(Parent, Kid)]);
    await Promise.all(first.map((source) => source.createSchema()));
    await first[0]?.query("INSERT INTO parents (id, kind) VALUES (1, 'b')");
    // A new value of an enum is a default at once.
    const later = await Promise.all([open(LaterParent, LaterKid), open(LaterParent, LaterKid)]);
    await Promise.all(later.map((source) => source.synchronize()));
    const [source] = later as [DataSource, DataSource];
    await source.query('INSERT INTO parents (id) VALUES (2)');
    expect(await source.query('SELECT id, kind, more FROM parents ORDER BY id')).toEqual([
      { id: 1, kind: 'b', more: null },
      { id: 2, kind: 'c', more: null },
    ]);
    expect((await migrations(source).diff()).changes).toEqual([]);
    await source.query(
      'CREATE TABLE others (id integer PRIMARY KEY, parent integer, CONSTRAINT fk_others FOREIGN KEY (parent) REFERENCES parents (id))',
    );
    await source.query('CREATE VIEW names AS SELECT kind FROM parents');
    await source.query('CREATE VIEW more_names AS SELECT kind FROM names');
    await source.query('CREATE VIEW apart AS SELECT id FROM others');
    await Promise.all(later.map((each) => each.dropSchema()));
    expect(await source.query('SELECT id FROM apart')).toEqual([]);
    await expect(source.query('SELECT * FROM parents')).rejects.toThrow();
    await source.createSchema();
  });

  test('a database that is not there is no empty one: nobody makes it by opening it', async () => {
    const url = new URL(database.url);
    url.pathname = '/limbeck_not_there';
    const commands = migrations({ url: url.toString(), migrations: path.join(__dirname, 'history') });
    for (const ask of [() => commands.current(), () => commands.history({ indicateCurrent: true })])
      await expect(ask()).rejects.toMatchObject({ code: 'DATABASE_MISSING' });
  });
});
