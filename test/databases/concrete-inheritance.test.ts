/** Entities that extend entities or bases, without a family: each has a table of its own with everything in it. */

import {
  AfterLoad,
  BeforeInsert,
  ChildEntity,
  Column,
  DataSource,
  Entity,
  Index,
  ManyToOne,
  migrations,
  type One,
  PrimaryGeneratedColumn,
  TableInheritance,
  Unique,
} from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';

@Entity('places')
class Place {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') name!: string;
}

@Index(['title'])
@Unique(['code'])
abstract class Base {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) title!: string;
  @Column('varchar', { length: 9 }) code!: string;
  @ManyToOne(() => Place, { nullable: true, onDelete: 'CASCADE' }) place!: One<Place> | null;
  heard: string[] = [];
  @BeforeInsert() noteInsert() {
    this.heard.push('base insert');
  }
}

@Entity('notes')
class Note extends Base {
  @Column('text', { nullable: true }) body!: string | null;
}

/** An entity that extends one: no family, a table with all of it. */
@Entity('long_notes')
class LongNote extends Note {
  @Column('integer') pages!: number;
}

enum Kind {
  Zero = 0,
  One = 1,
  Two = 2,
}

/** A discriminator that is a property of its own, and a number. */
@Entity('numbered')
@TableInheritance({ column: 'kind' })
class Numbered {
  @PrimaryGeneratedColumn() id!: number;
  @Column('integer') kind!: Kind;
  heard: string[] = [];
  @AfterLoad() loaded() {
    this.heard.push('root');
  }
}
@ChildEntity(Kind.Zero)
class NumberedZero extends Numbered {
  @Column('text') zero!: string;
}
@ChildEntity(Kind.One)
class NumberedOne extends Numbered {
  @Column('text') one!: string;
  @AfterLoad() loadedToo() {
    this.heard.push('child');
  }
}

const make = <T extends object>(target: new () => T, values: Partial<Record<keyof T, unknown>>): T =>
  Object.assign(new target(), values);

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let source: DataSource;
  beforeAll(async () => {
    database = await createDatabase(kind);
    source = await new DataSource({
      url: database.url,
      entities: [Place, Note, LongNote, Numbered, NumberedZero, NumberedOne],
    }).initialize();
    await source.createSchema();
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  test('autogenerate finds nothing', async () => {
    expect((await migrations(source).diff()).operations).toEqual([]);
  });

  test('every entity has a table with all that it inherits, and constraints with names of that table', () => {
    const tables = [Note, LongNote].map((each) => source.metadata(each).table);
    expect(tables.map(({ name, columns }) => [name, columns.map((column) => column.name)])).toEqual([
      ['notes', ['id', 'title', 'code', 'place_id', 'body']],
      ['long_notes', ['id', 'title', 'code', 'place_id', 'body', 'pages']],
    ]);
    expect(
      tables.map(({ primaryKey, uniques, indexes, foreignKeys }) =>
        [...(primaryKey ? [primaryKey] : []), ...uniques, ...indexes, ...foreignKeys].map(({ name }) => name),
      ),
    ).toEqual(
      ['notes', 'long_notes'].map((table) => [
        `pk_${table}`,
        `uq_${table}_code`,
        `ix_${table}_place_id`,
        `ix_${table}_title`,
        `fk_${table}_place_id_places`,
      ]),
    );
  });

  test('rows of one are not those of the other', async () => {
    const place = await source.getRepository(Place).save({ name: 'P' });
    const note = await source.getRepository(Note).save(make(Note, { title: 'a', code: '1', place }));
    await source.getRepository(LongNote).save(make(LongNote, { title: 'b', code: '1', pages: 9, place }));
    expect(note.heard).toEqual(['base insert']);
    expect(
      (await source.getRepository(Note).find({ relations: { place: true } })).map((each) => [
        each.constructor,
        each.title,
        each.place?.name,
      ]),
    ).toEqual([[Note, 'a', 'P']]);
    expect(await source.getRepository(LongNote).findBy({ place: { name: 'P' } })).toMatchObject([
      { pages: 9 },
    ]);
    await source.getRepository(Note).delete({ title: 'a' });
    expect(await source.getRepository(LongNote).count()).toBe(1);
  });

  test('a discriminator may be a property and a number: shown, asked for, and none but that of the class', async () => {
    const all = source.getRepository(Numbered);
    await expect(all.save(make(NumberedOne, { one: 'x', kind: 77 }))).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
    const one = make(NumberedOne, { one: 'x' });
    await all.save([one, make(NumberedZero, { zero: 'y' })]);
    expect(one.kind).toBe(Kind.One);
    const found = await all.find({ order: { kind: 'desc' } });
    expect(found.map((each) => [each.constructor, each.kind])).toEqual([
      [NumberedOne, 1],
      [NumberedZero, 0],
    ]);
    expect(await all.findBy({ kind: Kind.Zero })).toMatchObject([{ zero: 'y' }]);
    expect(await source.getRepository(NumberedOne).countBy({ kind: Kind.Zero })).toBe(0);
    expect(found.map(({ heard }) => heard)).toEqual([['root', 'child'], ['root']]);
  });
});
