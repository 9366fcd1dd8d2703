/** `plan`: what an upgrade would run and what it costs, told before it runs; nothing is written. */

import { DatabaseBench } from '../support/database-bench';
import { testDatabases } from '../support/databases';

describe.each(testDatabases())('a plan on %s', (kind) => {
  let bench: DatabaseBench;
  beforeEach(async () => {
    bench = await DatabaseBench.open(kind);
    await bench.run(
      (op) => {
        op.createTable('books', {
          columns: { id: { type: 'integer' }, pages: { type: 'integer', nullable: true } },
          primaryKey: { name: 'pk_books', columns: ['id'] },
        });
      },
      (op) => op.dropTable('books'),
    );
    await bench.sql('INSERT INTO books (id, pages) VALUES (1, 10), (2, NULL), (3, NULL)');
  });
  afterEach(() => bench.close());

  test('has nothing in it where the database is at its head', async () => {
    await expect(bench.commands.plan()).resolves.toMatchObject({ version: 1, revisions: [], isLive: true });
  });

  test('tells the operations in words, with their SQL, locks and rows, and changes nothing', async () => {
    bench.add((op) => {
      op.addColumn('books', 'genre', { type: 'varchar', length: 50, nullable: true });
      op.dropColumn('books', 'pages');
    });
    const before = await bench.found();
    const plan = await bench.commands.plan('head');
    const [revision] = plan.revisions;
    expect(revision).toMatchObject({
      revision: '000000000002',
      downRevisions: ['000000000001'],
      message: 'by hand',
      transaction: bench.dialect.capabilities.transactionalDdl ? 'one' : 'step by step',
    });
    const [step] = revision?.steps ?? [];
    expect(step?.changes.map(({ words }) => words)).toEqual([
      ["added column 'books.genre'"],
      ["removed column 'books.pages'"],
    ]);
    expect(step?.changes[0]?.place).toMatch(/plan\.test\.ts:\d+:\d+$/);
    expect(step?.changes[0]?.impacts).toMatchObject([{ work: 'catalog', tables: ['books'] }]);
    expect(step?.changes[1]?.rows).toEqual([{ table: 'books', rows: 3, isExact: true }]);
    expect(step?.sql.join('\n')).toMatch(/genre/);
    expect(await bench.found()).toEqual(before);
    await expect(bench.commands.current()).resolves.toMatchObject([{ revision: '000000000001' }]);
  });

  test('its SQL is what --sql writes', async () => {
    bench.add((op) => {
      op.createTable('authors', { columns: { id: { type: 'integer', primary: true } } });
      op.createIndex('ix_books_pages', 'books', ['pages']);
    });
    const { revisions } = await bench.commands.plan();
    const { sql = '' } = await bench.commands.upgrade('000000000001:head', { sql: true });
    for (const line of revisions.flatMap(({ steps }) => steps.flatMap((step) => step.sql))) {
      expect(sql).toContain(line);
    }
  });

  test('asks the rows of today what the run would refuse', async () => {
    bench.add((op) => op.alterColumn('books', 'pages', { nullable: false }));
    const { revisions } = await bench.commands.plan();
    const checks = revisions[0]?.steps[0]?.checks;
    expect(checks).toContainEqual(
      expect.objectContaining({ table: 'books', columns: ['pages'], rows: 2, isCertain: true }),
    );
    await expect(bench.commands.upgrade('head')).rejects.toMatchObject({ code: 'STEP_LOSES_DATA' });
  });

  test('does not call an answer certain that an earlier step may change', async () => {
    bench.add(async (op) => {
      await op.execute('UPDATE books SET pages = 0 WHERE pages IS NULL');
      op.alterColumn('books', 'pages', { nullable: false });
    });
    const { revisions } = await bench.commands.plan();
    const checks = revisions[0]?.steps.flatMap((step) => step.checks) ?? [];
    expect(checks).toContainEqual(expect.objectContaining({ rows: 2, isCertain: false }));
    await bench.commands.upgrade('head');
  });

  test('a table of the same revision costs nobody anything', async () => {
    bench.add((op) => {
      op.createTable('authors', { columns: { id: { type: 'integer', primary: true } } });
      op.addColumn('authors', 'name', { type: 'text', nullable: true });
      op.createIndex('ix_authors_name', 'authors', ['id']);
    });
    const { revisions } = await bench.commands.plan();
    expect(revisions[0]?.steps.flatMap(({ changes }) => changes.flatMap(({ impacts }) => impacts))).toEqual(
      [],
    );
  });

  test('a table by its new name has the rows that it had', async () => {
    bench.add((op) => {
      op.renameTable('books', 'works');
      op.dropColumn('works', 'pages');
    });
    const { revisions } = await bench.commands.plan();
    const rows = revisions[0]?.steps.flatMap(({ changes }) => changes.flatMap((change) => change.rows));
    expect(rows).toContainEqual({ table: 'works', rows: 3, isExact: true });
  });

  test('tells of the way back', async () => {
    const added = (op: import('../../src/migration/operations-api').Operations): unknown =>
      op.addColumn('books', 'a', { type: 'integer', nullable: true });
    const dropped = (op: import('../../src/migration/operations-api').Operations): unknown =>
      op.dropColumn('books', 'a');
    bench.add(added, dropped);
    bench.add(dropped, added);
    bench.add(added, () => {
      throw new Error('there is no way back');
    });
    bench.add(dropped, () => {});
    bench.add(async (op) => void (await op.execute('UPDATE books SET pages = 1')));
    const { revisions } = await bench.commands.plan();
    expect(revisions.map(({ reversible }) => [reversible.verdict, ...reversible.reasons])).toEqual([
      ['yes'],
      ['loses data', "the values of 'books.a'"],
      ['no', 'there is no way back'],
      ['no', 'its downgrade does not lead back to the schema before it'],
      ['unknown', 'nobody knows what takes back: UPDATE books SET pages = 1'],
    ]);
  });

  test('without a database it is made of the files, all of them or a range', async () => {
    bench.add((op) => op.dropTable('books'));
    const all = await bench.commands.plan('head', { fromMigrations: true });
    expect(all).toMatchObject({ isLive: false, from: [], to: ['000000000002'] });
    expect(all.revisions.map(({ revision }) => revision)).toEqual(['000000000001', '000000000002']);
    const range = await bench.commands.plan('000000000001:000000000002');
    expect(range.revisions.map(({ revision }) => revision)).toEqual(['000000000002']);
    expect(range.revisions[0]?.steps[0]?.changes[0]?.rows).toEqual([]);
  });

  test('refuses what an upgrade would refuse: files that were edited after they ran', async () => {
    bench.add((op) => op.dropTable('books'));
    await bench.sql("UPDATE limbeck_journal SET checksum = 'other'");
    await expect(bench.commands.plan()).rejects.toMatchObject({ name: 'MigrationError' });
  });

  test('two plans of one state are the same document', async () => {
    bench.add((op) => op.dropTable('books'));
    expect(JSON.stringify(await bench.commands.plan())).toBe(JSON.stringify(await bench.commands.plan()));
  });
});

describe.each(testDatabases())('a big table on %s', (kind) => {
  test('is told about, and none of its rows is looked at', async () => {
    const bench = await DatabaseBench.open(kind);
    try {
      await bench.run((op) => op.createTable('big', { columns: { id: { type: 'integer', primary: true } } }));
      const digits = Array.from({ length: 10 }, (_, i) => `SELECT ${i} AS d`).join(' UNION ALL ');
      const from = ['a', 'b', 'c', 'e', 'f'].map((name) => `(${digits}) ${name}`).join(', ');
      const value = 'a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d';
      for (const offset of [0, 100_000, 200_000]) {
        await bench.sql(`INSERT INTO big SELECT ${value} + ${offset} FROM ${from}`);
      }
      if (kind !== 'sqlite') await bench.sql(kind === 'postgres' ? 'ANALYZE big' : 'ANALYZE TABLE big');
      bench.add((op) => {
        op.addColumn('big', 'x', { type: 'integer' });
        op.dropTable('big');
      });
      const { revisions } = await bench.commands.plan();
      const { changes = [], checks = [] } = revisions[0]?.steps[0] ?? {};
      expect(changes.at(-1)?.rows).toMatchObject([{ table: 'big', isExact: false }]);
      expect(changes.at(-1)?.rows[0]?.rows).toBeGreaterThan(200_000);
      for (const check of checks) expect(check).toMatchObject({ rows: null });
    } finally {
      await bench.close();
    }
  });
});
