/** The database held against its files: what is drift, what is not, and both ways out, on every database. */

import { DatabaseBench } from '../support/database-bench';
import { testDatabases } from '../support/databases';

describe.each(testDatabases())('verify on %s', (kind) => {
  let bench: DatabaseBench;
  beforeEach(async () => {
    bench = await DatabaseBench.open(kind);
    await bench.run((op) => {
      op.createTable('authors', {
        columns: { id: { type: 'integer', primary: true }, name: { type: 'varchar', length: 50 } },
      });
      op.createTable('books', {
        columns: {
          id: { type: 'integer', primary: true },
          title: { type: 'varchar', length: 200, default: 'untitled' },
          authorId: { type: 'integer', nullable: true },
        },
        foreignKeys: [{ columns: ['authorId'], refTable: 'authors', refColumns: ['id'] }],
        checks: [{ expression: 'id > 0' }],
        indexes: [{ columns: ['title'] }],
      });
    });
  });
  afterEach(() => bench.close());

  const drift = async () => {
    const failure = await bench.commands.verify().then(
      () => undefined,
      (cause: Error & { code?: string; context?: { changes: string[]; warnings: string[] } }) => cause,
    );
    if (failure !== undefined && failure.code !== 'DRIFT_FOUND') throw failure;
    return failure?.context?.changes ?? [];
  };
  const q = (name: string) => bench.dialect.quoteIdentifier(name);

  test('is content with what the migrations have made', async () => {
    expect(await bench.commands.verify()).toMatchObject({ changes: [], revert: [], adopt: [] });
  });

  test('names everything that was done by hand, as what has happened to the database', async () => {
    await bench.sql(`ALTER TABLE ${q('books')} ADD COLUMN ${q('genre')} varchar(50)`);
    await bench.sql(`CREATE INDEX by_title ON ${q('books')} (${q('title')}, ${q('id')})`);
    await bench.sql('CREATE TABLE notes (id integer PRIMARY KEY)');
    await bench.sql(`CREATE VIEW all_titles AS SELECT ${q('title')} FROM ${q('books')}`);
    expect([...(await drift())].sort()).toEqual([
      "added column 'books.genre'",
      "added index 'by_title' on 'books'",
      "added table 'notes'",
      "added view 'all_titles'",
    ]);
  });

  test('names what is gone', async () => {
    await bench.sql(kind === 'mysql' ? 'DROP INDEX ix_books_title ON books' : 'DROP INDEX ix_books_title');
    expect(await drift()).toEqual(["removed index 'ix_books_title' on 'books'"]);
  });

  test('leads back by its own SQL', async () => {
    await bench.sql(`ALTER TABLE ${q('books')} ADD COLUMN ${q('genre')} varchar(50)`);
    await bench.sql(`CREATE VIEW all_titles AS SELECT ${q('title')} FROM ${q('books')}`);
    await bench.sql('CREATE TABLE notes (id integer PRIMARY KEY)');
    const { sql = '', warnings } = await bench.commands.verify({ sql: true });
    expect(warnings.join('\n')).toMatch(/destroys table 'notes' with 0 rows/);
    await bench.with(async (connection) => connection.script(sql));
    expect(await drift()).toEqual([]);
  });

  test('is adopted by a revision that makes it elsewhere, once it is stamped here', async () => {
    await bench.sql(`ALTER TABLE ${q('books')} ADD COLUMN ${q('genre')} varchar(50)`);
    await bench.sql(`CREATE VIEW all_titles AS SELECT ${q('title')} FROM ${q('books')}`);
    const { adopted, next } = await bench.commands.verify({ adopt: true, message: 'genres' });
    expect(next).toEqual([`limbeck stamp ${adopted?.revision}`, 'limbeck upgrade head']);
    await bench.commands.stamp(adopted?.revision as string);
    expect(await drift()).toEqual([]);
    await bench.commands.downgrade('-1');
    expect(await drift()).toEqual([]);
    await bench.commands.upgrade('head');
    expect(await drift()).toEqual([]);
  });

  test('takes what a statement of unknown effect names for that statement’s work', async () => {
    await bench.run(async (op) => {
      await op.execute(`ALTER TABLE ${q('books')} ADD COLUMN ${q('genre')} varchar(50)`);
      await op.execute(`CREATE INDEX odd ON ${q('books')} (${q('authorId')}, ${q('id')})`);
    });
    const { changes, warnings } = await bench.commands.verify();
    expect(changes).toEqual([]);
    expect(warnings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/nobody knows the effect of/),
        expect.stringMatching(/^added column 'books\.genre': as it may be by /),
        expect.stringMatching(/^added index 'odd' on 'books': as it may be by /),
      ]),
    );
    await bench.sql(`ALTER TABLE ${q('books')} ADD COLUMN ${q('pages')} integer`);
    expect(await drift()).toEqual(["added column 'books.pages'"]);
  });

  test('compares with the revisions that are applied, not with the newest', async () => {
    bench.add((op) => op.addColumn('books', 'pages', { type: 'integer', nullable: true }));
    expect(await drift()).toEqual([]);
    await bench.sql(`ALTER TABLE ${q('books')} ADD COLUMN ${q('genre')} varchar(50)`);
    await expect(bench.commands.verify({ adopt: true })).rejects.toMatchObject({ code: 'NOT_UP_TO_DATE' });
  });

  test('never counts what Limbeck keeps for itself', async () => {
    const own = await bench.sql(
      kind === 'sqlite'
        ? "SELECT name FROM sqlite_schema WHERE name LIKE 'limbeck%'"
        : "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'limbeck%'",
    );
    expect(own.length).toBeGreaterThan(1);
    expect(await drift()).toEqual([]);
  });

  test('at base everything is drift, and the way is to stamp', async () => {
    await bench.commands.stamp('base');
    const failure = await bench.commands.verify().catch((cause: Error) => cause);
    expect(failure).toMatchObject({ code: 'DRIFT_FOUND', hint: expect.stringMatching(/limbeck stamp/) });
  });

  test('a trigger of the files is none, and one of other hands is', async () => {
    const text = (name: string): string =>
      ({
        sqlite: `CREATE TRIGGER ${name} AFTER INSERT ON books BEGIN DELETE FROM authors WHERE id < 0; END`,
        mysql: `CREATE TRIGGER ${name} AFTER INSERT ON books FOR EACH ROW DELETE FROM authors WHERE id < 0`,
        postgres: `CREATE TRIGGER ${name} AFTER INSERT ON books FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
      })[kind];
    await bench.run((op) => op.createTrigger('one', 'books', { [kind]: text('one') }));
    expect(await drift()).toEqual([]);
    await bench.sql(text('two'));
    expect(await drift()).toEqual(["added trigger 'two' on 'books'"]);
  });
});
