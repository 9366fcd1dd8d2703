/** A server whose defaults are all odd: what applications see is the same. */

import { DataSource, databaseOf } from '../../../src/data-source.js';
import { Column, Entity, ManyToOne, PrimaryGeneratedColumn } from '../../../src/decorators/index.js';
import type { One } from '../../../src/metadata/relation-types.js';
import { mariadbBinaries, startMariadb } from '../../support/servers/mariadb.js';
import type { TestServer } from '../../support/servers/server-process.js';
import { errorOf } from './open-databases.js';

@Entity('writers')
class Writer {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20, default: 'it\'s \\ "q"' }) name!: string;
  @Column('integer', { default: 1 }) rank!: number;
}

@Entity('works')
class Work {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 5, unique: true }) title!: string;
  @Column('timestamptz', { nullable: true }) at!: Date | null;
  @ManyToOne(() => Writer) writer!: One<Writer>;
}

const ODD = {
  'sql-mode': 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,IGNORE_SPACE,PAD_CHAR_TO_FULL_LENGTH',
  'default-time-zone': '-07:30',
  'character-set-server': 'latin1',
  'collation-server': 'latin1_german2_ci',
  autocommit: '0',
  'completion-type': 'CHAIN',
  'sql-safe-updates': '1',
  'default-storage-engine': 'MyISAM',
  'auto-increment-increment': '7',
  'auto-increment-offset': '3',
  'lower-case-table-names': '1',
  'max-prepared-stmt-count': '40',
  'lock-wait-timeout': '1',
  'wait-timeout': '2',
  'group-concat-max-len': '4',
  'div-precision-increment': '0',
};

const ODDER = [
  ...['foreign_key_checks = 0', 'unique_checks = 0', 'sql_auto_is_null = 1', 'sql_quote_show_create = 0'],
  'tx_read_only = 1',
];

(mariadbBinaries() === undefined ? describe.skip : describe)('on a server with odd defaults', () => {
  let server: TestServer;
  let db: DataSource;

  beforeAll(async () => {
    server = await startMariadb({ settings: ODD });
    const admin = await new DataSource({ url: server.url }).initialize();
    await admin.query('CREATE DATABASE odd');
    // What cannot be said when the server starts.
    for (const setting of ODDER) await admin.query(`SET GLOBAL ${setting}`);
    await admin.destroy();
    db = new DataSource({ url: server.url.replace(/\/\w+$/, '/odd'), entities: [Writer, Work] });
    await db.initialize();
    await db.createSchema();
  }, 60_000);
  afterAll(async () => {
    await db?.destroy();
    await server?.stop();
  });
  beforeEach(async () => {
    await db.getRepository(Work).clear();
    await db.getRepository(Writer).clear();
  });

  test.each([true, false])(
    'keys are learnt, whatever lies between them (RETURNING: %s)',
    async (returning) => {
      const { capabilities } = databaseOf(db).dialect;
      Object.defineProperty(capabilities, 'returning', { value: returning, configurable: true });
      // Another entity map, so that no statement is kept from before.
      const other = new DataSource({ url: db.options.url as string, entities: [Writer, Work] });
      await other.initialize();
      Object.defineProperty(databaseOf(other).dialect.capabilities, 'returning', { value: returning });
      const saved = await other.getRepository(Writer).save([{ name: 'a' }, { name: 'b' }, {}]);
      expect(saved.map(({ id }) => (id - (saved[0] as Writer).id) / 7)).toEqual([0, 1, 2]);
      const found = await other.getRepository(Writer).find({ order: { id: 'asc' } });
      expect(found.map(({ id, name, rank }) => [id, name, rank])).toEqual(
        saved.map(({ id, name, rank }) => [id, name, rank]),
      );
      expect(found[2]?.name).toBe('it\'s \\ "q"');
      await other.destroy();
    },
  );

  test('text, times and constraints are what they are elsewhere', async () => {
    const at = new Date('2024-03-31T02:30:00.123Z');
    const writer = await db.getRepository(Writer).save({ name: '😀 ü \\' });
    await db.getRepository(Work).save({ title: 'x  ', at, writer });
    const [work] = await db.getRepository(Work).find({ relations: { writer: true } });
    expect(work).toMatchObject({ title: 'x  ', at, writer: { name: '😀 ü \\' } });
    expect(
      await errorOf(() => db.query('INSERT INTO works (title, writer_id) VALUES (?, 99)', ['y'])),
    ).toMatchObject({
      code: 'FOREIGN_KEY_VIOLATION',
    });
    expect(
      await errorOf(() =>
        db.query("INSERT INTO works (title, writer_id) VALUES ('too long', ?)", [writer.id]),
      ),
    ).toMatchObject({
      code: 'VALUE_INVALID',
      context: { owner: "column 'works.title'" },
    });
    expect(await errorOf(() => db.getRepository(Work).insert({ title: 'x  ', writer }))).toMatchObject({
      code: 'UNIQUE_VIOLATION',
      columns: ['title'],
    });
    expect(
      await db.query(
        "SELECT 'a\\'b' AS s, GROUP_CONCAT(n) AS g, 1 / 3 AS d FROM (SELECT 'abcdef' AS n) AS t",
      ),
    ).toEqual([{ s: "a'b", g: 'abcdef', d: '0.3333' }]);
  });

  test('transactions end when they end', async () => {
    await db.transaction(async () => db.getRepository(Writer).save({ name: 'kept' }));
    await db.getRepository(Writer).save({ name: 'kept too' });
    await errorOf(() =>
      db.transaction(async () => {
        await db.getRepository(Writer).save({ name: 'gone' });
        throw new Error('no');
      }),
    );
    const other = await new DataSource({
      url: db.options.url as string,
      entities: [Writer, Work],
    }).initialize();
    const names = await other.getRepository(Writer).find({ order: { name: 'asc' } });
    expect(names.map(({ name }) => name)).toEqual(['kept', 'kept too']);
    await other.destroy();
  });

  test('more statements are used than the server has room to prepare', async () => {
    const other = await new DataSource({ url: db.options.url as string }).initialize();
    for (const p of ['x', 'y']) {
      for (let n = 0; n < 60; n++)
        expect(await other.query(`SELECT ${n} AS n, ? AS p`, [p])).toEqual([{ n, p }]);
    }
    await other.destroy();
  });

  test('a snapshot is restored', async () => {
    const writer = await db.getRepository(Writer).save({ name: 'a' });
    const snapshot = await databaseOf(db).snapshot?.();
    await db.getRepository(Writer).save([{ name: 'b' }, { id: writer.id, name: 'c' }]);
    const fresh = await snapshot?.open();
    const lease = await fresh?.acquire('read');
    expect(await lease?.connection.queryArrays('SELECT id, name FROM writers')).toEqual([[writer.id, 'a']]);
    lease?.release();
    await snapshot?.discard();
    // The data source has lost its database to the snapshot.
    await fresh?.close();
    await db.destroy();
    db = new DataSource({ url: db.options.url as string, entities: [Writer, Work] });
    await db.initialize();
  });

  test('it is all the same after the server was killed', async () => {
    await db.getRepository(Writer).save({ name: 'before' });
    await server.kill();
    expect((await errorOf(() => db.getRepository(Writer).find())).code).toMatch(
      /^CONNECTION_(?:LOST|FAILED)$/,
    );
    await server.restart();
    const names = await db.getRepository(Writer).find();
    expect(names.map(({ name }) => name)).toEqual(['before']);
  }, 60_000);
});
