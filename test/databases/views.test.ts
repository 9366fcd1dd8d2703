/** View entities: made and changed by schemas and migrations, read by repositories, written by nobody. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  Column,
  DataSource,
  Entity,
  In,
  type Many,
  ManyToOne,
  MoreThan,
  migrations,
  type One,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  sql,
  ViewColumn,
  ViewEntity,
} from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';

@Entity('authors')
class Author {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') name!: string;
  @OneToMany(
    () => Book,
    (book) => book.author,
  )
  books!: Many<Book>;
}

@Entity('books')
class Book {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') title!: string;
  @Column('integer') pages!: number;
  @Column('decimal', { precision: 8, scale: 2 }) price!: string;
  @Column('timestamp') soldAt!: Date;
  @ManyToOne(
    () => Author,
    (author) => author.books,
  )
  author!: One<Author>;
}

/** Comes after `book_rows` by need and before it by name. */
@ViewEntity({
  name: 'author_output',
  expression: ({ table, column }) =>
    `SELECT ${column(Row, 'authorId')}, COUNT(*) AS books, SUM(price) AS earned, SUM(price) AS billed, AVG(pages) AS mean, MAX(sold_at) AS last
     FROM ${table(Row)} GROUP BY ${column(Row, 'authorId')}`,
  dependsOn: ['book_rows', Author],
})
class Output {
  @ViewColumn() authorId!: number;
  @ViewColumn('integer') books!: number;
  @ViewColumn('decimal') earned!: string;
  @ViewColumn('decimal', { precision: 10, scale: 3 }) billed!: string;
  @ViewColumn() mean!: number;
  @ViewColumn({ type: 'timestamp', name: 'last' }) lastSold!: Date;
  @ManyToOne(() => Author) author!: One<Author>;
}

@ViewEntity('book_rows', {
  expression: sql`SELECT b.id, b.title, b.pages, b.price, b.sold_at, b.author_id, a.name AS author_name
    FROM books b JOIN authors a ON a.id = b.author_id WHERE b.title <> ${"it's"}`,
})
class Row {
  @PrimaryColumn('integer') id!: number;
  @ViewColumn({ transformer: { from: (value) => String(value).toUpperCase(), to: (value) => value } })
  title!: string;
  @ViewColumn() pages!: number;
  @ViewColumn('decimal', { as: 'number' }) price!: number;
  @ViewColumn() soldAt!: Date;
  @ViewColumn() authorId!: number;
  @ViewColumn() authorName!: string;
}

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let source: DataSource;
  const outputs = () => source.getRepository(Output);
  const rows = () => source.getRepository(Row);
  const open = async (entities: readonly (new () => object)[]) =>
    new DataSource({ url: database.url, entities: [...entities] }).initialize();

  beforeAll(async () => {
    database = await createDatabase(kind);
    source = await open([Author, Book, Output, Row]);
    await source.createSchema();
    const [ann, bob] = await source.getRepository(Author).save([{ name: 'ann' }, { name: 'bob' }]);
    const soldAt = new Date('2026-01-02T03:04:05.678Z');
    await source.getRepository(Book).save([
      { title: 'a', pages: 100, price: '10.50', soldAt, author: ann },
      { title: 'b', pages: 201, price: '0.25', soldAt, author: ann },
      { title: 'c', pages: 7, price: '3.00', soldAt, author: bob },
      { title: "it's", pages: 7, price: '3.00', soldAt, author: bob },
    ] as never);
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  test('autogenerate finds nothing', async () => {
    expect((await migrations(source).diff()).operations).toEqual([]);
  });

  test('rows are read with the types that the class says', async () => {
    const found = await outputs().find({ order: { books: 'desc' } });
    expect(found.map((each) => ({ ...each, author: undefined }))).toEqual([
      {
        authorId: 1,
        books: 2,
        earned: expect.stringMatching(/^10\.750*$/),
        billed: '10.750',
        mean: 150.5,
        lastSold: new Date('2026-01-02T03:04:05.678Z'),
        author: undefined,
      },
      expect.objectContaining({ authorId: 2, books: 1, mean: 7 }),
    ]);
    expect(found[0]).toBeInstanceOf(Output);
    expect(await rows().findOneBy({ id: 1 })).toMatchObject({ title: 'A', price: 10.5, authorName: 'ann' });
  });

  test('conditions, orders, pages and counts are those of any entity', async () => {
    expect(
      await rows().find({
        where: { pages: MoreThan(50), authorName: 'ann' },
        order: { pages: 'desc' },
        take: 1,
      }),
    ).toMatchObject([{ pages: 201 }]);
    expect(await rows().countBy({ authorId: In([1, 2]) })).toBe(3);
    expect(await outputs().existsBy({ mean: MoreThan(1000) })).toBe(false);
    expect(
      await rows().find({ select: { title: true }, order: { id: 'asc' }, skip: 2, take: 5 }),
    ).toMatchObject([{ title: 'C' }]);
  });

  test('a relation leads from a view to an entity', async () => {
    const found = await outputs().find({
      where: { author: { name: 'ann' } },
      relations: { author: { relations: { books: true } } },
    });
    expect(found).toHaveLength(1);
    expect(found[0]?.author).toMatchObject({ name: 'ann', books: [{ title: 'a' }, { title: 'b' }] });
  });

  test.each([
    ['save', () => rows().save({ title: 'x' } as never)],
    [
      'save',
      () =>
        rows()
          .findOneByOrFail({ id: 1 })
          .then((row) => rows().save(row)),
    ],
    ['insert', () => rows().insert({ title: 'x' } as never)],
    ['update', () => rows().update({ id: 1 }, { title: 'x' })],
    ['delete', () => rows().delete({ id: 1 })],
    [
      'remove',
      () =>
        rows()
          .findOneByOrFail({ id: 1 })
          .then((row) => rows().remove(row)),
    ],
    ['clear', () => rows().clear()],
  ])('%s is refused', async (method, write) => {
    await expect(write()).rejects.toMatchObject({
      code: 'VIEW_READ_ONLY',
      message: `${method}: 'Row' is the view 'book_rows', which is read and never written.`,
    });
  });

  test('createSchema, synchronize and dropSchema make, replace and drop views in the order of their needs', async () => {
    const own = await createDatabase(kind);
    try {
      @ViewEntity('book_rows', {
        expression: "SELECT id, title, 'x' AS extra, author_id, price, pages, sold_at FROM books",
      })
      class LaterRow {
        @PrimaryColumn('integer') id!: number;
        @ViewColumn() title!: string;
        @ViewColumn() extra!: string;
      }
      @ViewEntity('author_output', {
        expression: 'SELECT author_id, COUNT(*) AS books FROM book_rows GROUP BY author_id',
      })
      class LaterOutput {
        @ViewColumn() authorId!: number;
        @ViewColumn('integer') books!: number;
      }
      const first = await new DataSource({
        url: own.url,
        entities: [Author, Book, Output, Row],
      }).initialize();
      await first.createSchema();
      await first.createSchema();
      await first.destroy();
      const later = await new DataSource({
        url: own.url,
        entities: [Author, Book, LaterOutput, LaterRow],
      }).initialize();
      await later.synchronize();
      expect((await migrations(later).diff()).operations).toEqual([]);
      expect(await later.getRepository(LaterOutput).find()).toEqual([]);
      await later.dropSchema();
      expect((await migrations(later).diff()).operations.map(({ kind }) => kind).sort()).toEqual([
        'createTable',
        'createTable',
        'createView',
        'createView',
      ]);
      await later.createSchema();
      await later.destroy();
    } finally {
      await own.drop();
    }
  });

  test('a materialized view is refreshed where there are any, and refused elsewhere', async () => {
    @ViewEntity({
      name: 'totals',
      materialized: true,
      expression: 'SELECT COUNT(*) AS books FROM books',
    })
    class Totals {
      @ViewColumn('integer') books!: number;
    }
    const own = await createDatabase(kind);
    const other = await new DataSource({ url: own.url, entities: [Author, Book, Totals] }).initialize();
    try {
      if (kind !== 'postgres') {
        await expect(other.createSchema()).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' });
        await expect(other.manager.refreshMaterializedView(Totals)).rejects.toMatchObject({
          code: 'CAPABILITY_MISSING',
        });
        return;
      }
      await other.createSchema();
      expect((await migrations(other).diff()).operations).toEqual([]);
      const author = await other.getRepository(Author).save({ name: 'x' });
      await other
        .getRepository(Book)
        .save({ title: 'a', pages: 1, price: '1.00', soldAt: new Date(), author });
      expect(await other.getRepository(Totals).find()).toMatchObject([{ books: 0 }]);
      await other.manager.refreshMaterializedView(Totals);
      expect(await other.getRepository(Totals).find()).toMatchObject([{ books: 1 }]);
      await expect(other.manager.refreshMaterializedView(Book)).rejects.toMatchObject({
        code: 'OPTION_INVALID',
      });
    } finally {
      await other.destroy();
      await own.drop();
    }
  });

  test('a revision that changes a materialized view leaves it one', async () => {
    if (kind !== 'postgres') return expect(source.manager.refreshMaterializedView(Row)).rejects.toThrow();
    const view = (expression: string) => {
      @ViewEntity({ name: 'totals', materialized: true, expression })
      class Totals {
        @ViewColumn('integer') books!: number;
      }
      return Totals;
    };
    const own = await createDatabase(kind);
    const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-views-'));
    const at = (totals: new () => object) =>
      migrations({ url: own.url, migrations: folder, entities: [Author, Book, totals] });
    try {
      writeFileSync(path.join(folder, 'package.json'), '{}');
      const [one, two] = [view('SELECT COUNT(*) AS books FROM books'), view('SELECT 2 AS books')];
      for (const totals of [one, two]) {
        await at(totals).revision({ autogenerate: true });
        await at(totals).upgrade('head');
        expect((await at(totals).diff()).operations).toEqual([]);
        expect((await at(totals).diff({ fromMigrations: true })).operations).toEqual([]);
      }
      await at(two).downgrade('-1');
      await at(one).stamp('head');
      expect((await at(one).diff()).operations).toEqual([]);
    } finally {
      await own.drop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
