/** Databases that others have made, read as schemas; and what MySQL 8's catalog says, by its manual. */

import type { Catalog } from '../../../src/dialects/mysql/catalog';
import { MYSQL_8 } from '../../../src/dialects/mysql/flavour';
import { describeCatalog } from '../../../src/dialects/mysql/introspect';
import type { Column, Schema, Table } from '../../../src/schema/model';
import { byName } from '../../../src/schema/model';
import { SchemaBench, schemaOf, table } from './schema-bench';

let bench: SchemaBench;

beforeAll(async () => {
  bench = await SchemaBench.open();
});

afterAll(() => bench.close());

beforeEach(() => bench.clear());

async function read(sql: string): Promise<Schema> {
  await bench.script(sql);
  return bench.found();
}

async function tableOf(sql: string, name = 't'): Promise<Table> {
  return byName((await read(sql)).tables, name) as Table;
}

const columnOf = async (definition: string): Promise<Column> =>
  (await tableOf(`CREATE TABLE t (c ${definition})`)).columns[0] as Column;

test('a table of every kind of thing', async () => {
  const found = await tableOf(`
    CREATE TABLE p (id int PRIMARY KEY, a varchar(20), KEY (a, id));
    CREATE TABLE t (
      id bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'key',
      name varchar(50) NOT NULL DEFAULT 'it''s',
      price decimal(10,2) DEFAULT 1.50,
      made datetime(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
      p_id int,
      upper varchar(50) AS (upper(name)) STORED,
      state enum('a','b') NOT NULL DEFAULT 'b',
      PRIMARY KEY (id),
      UNIQUE KEY by_name (name, price),
      KEY lower_first (price DESC, name(10)),
      FULLTEXT KEY words (name),
      CONSTRAINT positive CHECK (price > 0),
      CONSTRAINT parent FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE ON UPDATE SET NULL
    ) COMMENT 'things'`);
  expect(found).toEqual({
    name: 't',
    comment: 'things',
    columns: [
      {
        name: 'id',
        type: { kind: 'bigint' },
        nullable: false,
        autoIncrement: 'increment',
        comment: 'key',
        options: { 'mysql.unsigned': true },
      },
      {
        name: 'name',
        type: { kind: 'varchar', length: 50 },
        nullable: false,
        default: { kind: 'literal', value: `it's` },
      },
      {
        name: 'price',
        type: { kind: 'decimal', precision: 10, scale: 2 },
        nullable: true,
        default: { kind: 'literal', value: 1.5 },
      },
      {
        name: 'made',
        type: { kind: 'timestamp', precision: 6 },
        nullable: false,
        default: { kind: 'expression', sql: 'CURRENT_TIMESTAMP' },
        options: { 'mysql.onUpdate': 'CURRENT_TIMESTAMP' },
      },
      { name: 'p_id', type: { kind: 'integer' }, nullable: true },
      {
        name: 'upper',
        type: { kind: 'varchar', length: 50 },
        nullable: true,
        generated: { sql: 'ucase(name)', stored: true },
      },
      {
        name: 'state',
        type: { kind: 'enum', name: 't_state_enum' },
        nullable: false,
        default: { kind: 'literal', value: 'b' },
      },
    ],
    primaryKey: { name: 'pk_t', columns: ['id'] },
    uniques: [{ name: 'by_name', columns: ['name', 'price'] }],
    checks: [{ name: 'positive', expression: 'price > 0' }],
    foreignKeys: [
      {
        name: 'parent',
        columns: ['p_id'],
        refTable: 'p',
        refColumns: ['id'],
        onDelete: 'CASCADE',
        onUpdate: 'SET NULL',
      },
    ],
    indexes: [
      {
        name: 'lower_first',
        columns: [
          { column: 'price', order: 'desc' },
          { column: 'name', length: 10 },
        ],
        unique: false,
      },
      { name: 'words', columns: [{ column: 'name' }], unique: false, method: 'fulltext' },
    ],
    exclusions: [],
  });
});

describe('types that we would declare in other words keep theirs', () => {
  test.each([
    ['text', { kind: 'text' }],
    ['mediumtext', { kind: 'text' }],
    ['blob', { kind: 'blob' }],
    ['timestamp(3) NULL', { kind: 'timestamptz' }],
    ['timestamp NULL', { kind: 'timestamptz', precision: 0 }],
    ['uuid', { kind: 'uuid' }],
  ])('%s', async (declared, type) => {
    const column = await columnOf(declared);
    const words = declared.replace(' NULL', '');
    expect(column).toEqual({ name: 'c', type, nullable: true, options: { 'mysql.declared': words } });
    await bench.apply([{ kind: 'alterColumn', table: 't', name: 'c', change: { comment: 'x' } }]);
    expect(await bench.showTable('t')).toContain(`\`c\` ${words} `);
    const wanted = schemaOf([
      table('t', { columns: [{ name: 'c', type: column.type, nullable: true, comment: 'x' }] }),
    ]);
    expect(await bench.differences(wanted)).toEqual([]);
  });

  test.each([
    ['json', { kind: 'json' }],
    ['char(36) CHARACTER SET ascii', { kind: 'uuid' }],
    ['tinyint(1)', { kind: 'boolean' }],
    ['int(5)', { kind: 'integer' }],
    ['datetime', { kind: 'timestamp', precision: 0 }],
    ['time(3)', { kind: 'time' }],
    ['double precision', { kind: 'double' }],
    ['tinyint', { kind: 'native', sql: { mariadb: 'tinyint(4)' } }],
    ['geometry', { kind: 'native', sql: { mariadb: 'geometry' } }],
    ["set('a','b')", { kind: 'native', sql: { mariadb: "set('a','b')" } }],
  ])('%s', async (declared, type) => {
    expect((await columnOf(declared)).type).toEqual(type);
  });
});

test.each([
  ['int DEFAULT NULL', undefined],
  ['int DEFAULT 5', { kind: 'literal', value: 5 }],
  ['bigint DEFAULT 9223372036854775807', { kind: 'literal', value: '9223372036854775807' }],
  ["varchar(9) DEFAULT 'NULL'", { kind: 'literal', value: 'NULL' }],
  ["varchar(9) DEFAULT 'a\\\\\\'b'", { kind: 'literal', value: `a\\'b` }],
  ['varchar(9) DEFAULT (5)', { kind: 'literal', value: '5' }],
  ['tinyint(1) DEFAULT 1', { kind: 'literal', value: true }],
  ['date DEFAULT (curdate())', { kind: 'expression', sql: 'CURRENT_DATE' }],
  ['varchar(36) DEFAULT (uuid())', { kind: 'expression', sql: 'uuid()' }],
  ['int DEFAULT (1 + 2)', { kind: 'expression', sql: '1 + 2' }],
  ["longtext DEFAULT (concat('a','\\\\'))", { kind: 'expression', sql: "concat('a','\\')" }],
  ["blob DEFAULT x'00ff'", { kind: 'expression', sql: "X'00ff'" }],
])('the default of %s', async (definition, expected) => {
  expect((await columnOf(definition)).default).toEqual(expected);
});

describe('what a column or table has of its own', () => {
  test('character sets and collations, only where they are not the usual ones', async () => {
    const found = await tableOf(`CREATE TABLE t (
      a varchar(9), b varchar(9) COLLATE utf8mb4_bin, c varchar(9) CHARACTER SET latin1,
      d varchar(9) CHARACTER SET latin1 COLLATE latin1_bin, e enum('x') COLLATE utf8mb4_bin
    ) COLLATE utf8mb4_unicode_ci`);
    expect(found.options).toEqual({ 'mysql.collation': 'utf8mb4_unicode_ci' });
    expect(found.columns.map(({ collation, options }) => [collation, options?.['mysql.charset']])).toEqual([
      [undefined, undefined],
      ['utf8mb4_bin', undefined],
      [undefined, 'latin1'],
      ['latin1_bin', 'latin1'],
      [undefined, undefined],
    ]);
  });

  test('engine, row format', async () => {
    const found = await read(
      'CREATE TABLE a (id int) ENGINE=Aria; CREATE TABLE b (id int) ROW_FORMAT=REDUNDANT; CREATE TABLE c (id int)',
    );
    expect(found.tables.map(({ options }) => options)).toEqual([
      { 'mysql.engine': 'Aria' },
      { 'mysql.rowFormat': 'REDUNDANT' },
      undefined,
    ]);
  });

  test('a check at a column stays there, through changes and names', async () => {
    await bench.script('CREATE TABLE t (id int, n int CHECK (n > 0 AND n < 9), j json)');
    expect((await bench.found()).tables[0]?.checks).toEqual([{ name: 'n', expression: 'n > 0 and n < 9' }]);
    await bench.apply([{ kind: 'alterColumn', table: 't', name: 'n', change: { comment: 'x' } }]);
    expect(await bench.showTable('t')).toContain("COMMENT 'x' CHECK (`n` > 0 and `n` < 9)");
    await bench.apply([
      { kind: 'renameColumn', table: 't', name: 'n', to: 'm' },
      { kind: 'renameColumn', table: 't', name: 'j', to: 'n' },
      { kind: 'alterColumn', table: 't', name: 'm', change: { comment: 'y' } },
    ]);
    expect(await bench.showTable('t')).toContain("COMMENT 'y' CHECK (`m` > 0 and `m` < 9)");
    const [found] = (await bench.found()).tables;
    expect(found?.checks).toEqual([{ name: 'm', expression: 'm > 0 and m < 9' }]);
    expect(found?.columns.map(({ type }) => type.kind)).toEqual(['integer', 'integer', 'json']);
    await bench.apply([{ kind: 'dropConstraint', table: 't', name: 'm' }]);
    expect(await bench.showTable('t')).not.toContain('`m` > 0');
  });
});

describe('keys and the indexes that they need', () => {
  test('what InnoDB adds for a key is none of ours, what people add is', async () => {
    const { tables } = await read(`
      CREATE TABLE p (id int PRIMARY KEY);
      CREATE TABLE a (p_id int, CONSTRAINT fk_a FOREIGN KEY (p_id) REFERENCES p (id));
      CREATE TABLE b (p_id int, KEY own (p_id), CONSTRAINT fk_b FOREIGN KEY (p_id) REFERENCES p (id));
      CREATE TABLE c (p_id int, n int, KEY fk_c (p_id, n), CONSTRAINT fk_c FOREIGN KEY (p_id) REFERENCES p (id));
      CREATE TABLE d (p_id int, FOREIGN KEY (p_id) REFERENCES p (id))`);
    const indexes = tables.map((each) => each.indexes.map(({ name }) => name));
    expect(indexes).toEqual([[], ['own'], ['fk_c'], ['p_id'], []]);
  });

  test('actions: what is not said is RESTRICT to MariaDB, and NO ACTION is nothing', async () => {
    const { tables } = await read(`
      CREATE TABLE p (id int PRIMARY KEY);
      CREATE TABLE a (x int, y int, CONSTRAINT f1 FOREIGN KEY (x) REFERENCES p (id) ON DELETE NO ACTION ON UPDATE NO ACTION,
        CONSTRAINT f2 FOREIGN KEY (y) REFERENCES p (id) ON DELETE RESTRICT ON UPDATE NO ACTION)`);
    expect(tables[0]?.foreignKeys.map(({ name, onDelete, onUpdate }) => [name, onDelete, onUpdate])).toEqual([
      ['f1', undefined, undefined],
      ['f2', 'RESTRICT', undefined],
    ]);
  });

  test('a key to another database is left alone', async () => {
    await bench.script(`CREATE DATABASE IF NOT EXISTS limbeck_other; CREATE TABLE IF NOT EXISTS limbeck_other.p (id int PRIMARY KEY);
      CREATE TABLE t (p_id int, CONSTRAINT fk FOREIGN KEY (p_id) REFERENCES limbeck_other.p (id))`);
    expect((await bench.found()).tables[0]?.foreignKeys).toEqual([]);
    await bench.script('DROP TABLE t; DROP DATABASE limbeck_other');
  });
});

describe('what no model can hold is left alone', () => {
  test('partitioned and system-versioned tables', async () => {
    const { tables } = await read(`
      CREATE TABLE parts (id int) PARTITION BY HASH (id) PARTITIONS 4;
      CREATE TABLE versions (id int) WITH SYSTEM VERSIONING;
      CREATE TABLE t (id int)`);
    expect(tables.map(({ name }) => name)).toEqual(['t']);
  });

  test('tables that are to be ignored, with their triggers', async () => {
    await bench.script(
      'CREATE TABLE t (id int); CREATE TABLE own (id int); CREATE TRIGGER x BEFORE INSERT ON own FOR EACH ROW SET @a = 1',
    );
    const found = await bench.dialect.introspect(bench.connection, { ignoreTables: ['own'] });
    expect([found.tables.map(({ name }) => name), found.triggers]).toEqual([['t'], []]);
  });
});

test('views and triggers, without the database before every name', async () => {
  const { views, triggers } = await read(`
    CREATE TABLE t (id int, a varchar(9));
    CREATE VIEW v AS SELECT t.id, '\`x\`.' AS "quoted", a FROM t WHERE a <> 'it''s';
    CREATE TRIGGER x AFTER UPDATE ON t FOR EACH ROW SET @a = NEW.id`);
  expect(views).toEqual([
    { name: 'v', query: "select t.id AS id,'`x`.' AS quoted,t.a AS a from t where t.a <> 'it''s'" },
  ]);
  expect(triggers).toEqual([
    {
      name: 'x',
      table: 't',
      sql: { mariadb: 'CREATE TRIGGER `x` AFTER UPDATE ON `t` FOR EACH ROW SET @a = NEW.id' },
    },
  ]);
});

test('characters beyond U+FFFF, which the catalog has not, are read all the same', async () => {
  const found = await read(`
    CREATE TABLE t (id int, e enum('a?','😀','ä😀') NOT NULL DEFAULT 'ä😀', d varchar(9) DEFAULT '😀?', x longtext DEFAULT concat('😀','x'),
      g varchar(9) AS (concat(d, '😀')) STORED, j json DEFAULT '"😀"', CONSTRAINT ck CHECK (d <> '😀'), k varchar(9) CHECK (k <> '😀'));
    CREATE VIEW v AS SELECT '😀' AS a;
    CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = '😀'`);
  const [t] = found.tables;
  expect(found.enums).toEqual([{ name: 't_e_enum', values: ['a?', '😀', 'ä😀'] }]);
  expect(t?.columns.map((column) => column.default)).toEqual([
    undefined,
    { kind: 'literal', value: 'ä😀' },
    { kind: 'literal', value: '😀?' },
    { kind: 'expression', sql: "concat('😀','x')" },
    undefined,
    { kind: 'literal', value: '"😀"' },
    undefined,
  ]);
  expect(t?.columns[4]?.generated?.sql).toBe("concat(d,'😀')");
  expect(t?.checks).toEqual([
    { name: 'ck', expression: "d <> '😀'" },
    { name: 'k', expression: "k <> '😀'" },
  ]);
  expect(found.views).toEqual([{ name: 'v', query: "select '😀' AS a" }]);
  expect(found.triggers[0]?.sql.mariadb).toContain("SET @a = '😀'");
  await bench.apply([{ kind: 'alterColumn', table: 't', name: 'e', change: { nullable: true } }]);
  await bench.script('INSERT INTO t (id) VALUES (1)');
  expect(await bench.rows('SELECT e, d, g FROM t')).toEqual([['ä😀', '😀?', '😀?😀']]);
});

test('a thousand tables are read in as many queries as one', async () => {
  const made = (count: number): string =>
    Array.from(
      { length: count },
      (
        _,
        i,
      ) => `CREATE TABLE t${i} (id int PRIMARY KEY AUTO_INCREMENT, name varchar(50) NOT NULL DEFAULT 'x', p_id int, KEY ix${i} (p_id),
        CONSTRAINT uq${i} UNIQUE (name), CONSTRAINT ck${i} CHECK (p_id > 0), CONSTRAINT fk${i} FOREIGN KEY (p_id) REFERENCES t${Math.max(0, i - 1)} (id));`,
    ).join('\n');
  const queries = async (): Promise<number> => {
    let count = 0;
    const counting: typeof bench.connection = Object.assign(Object.create(bench.connection), {
      queryArrays: (...args: Parameters<typeof bench.connection.queryArrays>) => {
        count++;
        return bench.connection.queryArrays(...args);
      },
    });
    await bench.dialect.introspect(counting, { ignoreTables: [] });
    return count;
  };
  await bench.script(made(1));
  const ofOne = await queries();
  await bench.clear();
  await bench.script(made(1000));
  expect(await queries()).toBe(ofOne);
  expect(ofOne).toBeLessThanOrEqual(10);
  expect((await bench.found()).tables).toHaveLength(1000);
}, 60_000);

describe('MySQL 8', () => {
  const column = (name: string, rest: Partial<Catalog['columns'][number]>): Catalog['columns'][number] => ({
    table: 't',
    name,
    position: 1,
    default: null,
    nullable: true,
    type: 'int',
    charset: undefined,
    collation: undefined,
    extra: '',
    comment: '',
    generated: '',
    ...rest,
  });
  const EMPTY: Catalog = {
    database: { name: 'd', charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci' },
    defaultCollations: new Map([['utf8mb4', 'utf8mb4_0900_ai_ci']]),
    tables: [
      {
        name: 't',
        type: 'BASE TABLE',
        engine: 'InnoDB',
        collation: 'utf8mb4_0900_ai_ci',
        createOptions: '',
        comment: '',
      },
    ],
    columns: [],
    indexParts: [],
    checks: [],
    keyParts: [],
    keyRules: [],
    views: [],
    triggers: [],
    sequences: [],
  };
  const describe_ = (parts: Partial<Catalog>): Table =>
    describeCatalog(MYSQL_8, { ...EMPTY, ...parts }, []).tables[0] as Table;

  test('defaults: raw where they are literals, escaped expressions where EXTRA says so', () => {
    const text = { type: 'varchar(20)', charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci' };
    const { columns } = describe_({
      columns: [
        column('a', { ...text, default: `it's \\ NULL` }),
        column('b', {
          ...text,
          default: "concat(_utf8mb4\\'it\\\\\\'s\\',_utf8mb4\\'x\\')",
          extra: 'DEFAULT_GENERATED',
        }),
        column('c', {
          type: 'longtext',
          charset: 'utf8mb4',
          collation: 'utf8mb4_0900_ai_ci',
          default: "_utf8mb4\\'x\\'",
          extra: 'DEFAULT_GENERATED',
        }),
        column('d', {
          type: 'datetime(3)',
          default: 'CURRENT_TIMESTAMP(3)',
          extra: 'DEFAULT_GENERATED on update CURRENT_TIMESTAMP(3)',
        }),
        column('e', { type: 'tinyint(1)', default: '1' }),
        column('f', { type: 'decimal(10,2)', default: '1.50' }),
        column('g', { type: 'int', default: '5' }),
        column('h', { type: 'json', default: 'json_array()', extra: 'DEFAULT_GENERATED' }),
        column('i', { type: 'bit(3)', default: "b'101'" }),
        column('j', { type: 'int unsigned', extra: 'INVISIBLE' }),
      ],
    });
    expect(columns.map((each) => each.default)).toEqual([
      { kind: 'literal', value: `it's \\ NULL` },
      { kind: 'expression', sql: "concat('it''s','x')" },
      { kind: 'literal', value: 'x' },
      { kind: 'expression', sql: 'CURRENT_TIMESTAMP' },
      { kind: 'literal', value: true },
      { kind: 'literal', value: 1.5 },
      { kind: 'literal', value: 5 },
      { kind: 'expression', sql: 'json_array()' },
      { kind: 'expression', sql: "b'101'" },
      undefined,
    ]);
    expect(columns[3]?.options).toEqual({ 'mysql.onUpdate': 'CURRENT_TIMESTAMP' });
    expect(columns[9]?.options).toEqual({ 'mysql.unsigned': true, 'mysql.invisible': true });
  });

  test('checks, generated columns, functional indexes, and the name of an enum', () => {
    const part = {
      table: 't',
      index: 'ix',
      unique: false,
      position: 1,
      length: undefined,
      type: 'BTREE',
      comment: '',
      invisible: true,
    };
    const found = describeCatalog(
      MYSQL_8,
      {
        ...EMPTY,
        columns: [
          column('a', { type: "enum('x','y')", charset: 'utf8mb4', collation: 'utf8mb4_bin' }),
          column('g', {
            type: 'varchar(9)',
            nullable: false,
            extra: 'STORED GENERATED',
            generated: "concat(`a`,_utf8mb4\\'!\\')",
          }),
        ],
        checks: [
          {
            table: 't',
            name: 'ck',
            clause: "((`a` <> _utf8mb4\\'it\\\\\\'s\\') and (`a` like _utf8mb4\\'%\\\\\\\\_\\'))",
            atColumn: false,
          },
          {
            table: 't',
            name: 'enum:1234',
            clause: "((`a` is null) or (_utf8mb4\\'enum:status\\' <> _utf8mb4\\'\\'))",
            atColumn: false,
          },
        ],
        indexParts: [{ ...part, column: null, expression: 'lower(`g`)', descending: true }],
      },
      [],
    );
    const [t] = found.tables;
    expect(found.enums).toEqual([{ name: 'status', values: ['x', 'y'] }]);
    expect(t?.checks).toEqual([{ name: 'ck', expression: "((a <> 'it''s') and (a like '%\\_'))" }]);
    expect(t?.columns[1]).toEqual({
      name: 'g',
      type: { kind: 'varchar', length: 9 },
      nullable: false,
      generated: { sql: "concat(a,'!')", stored: true },
    });
    expect(t?.indexes).toEqual([
      {
        name: 'ix',
        columns: [{ expression: 'lower(g)', order: 'desc' }],
        unique: false,
        options: { 'mysql.invisible': true },
      },
    ]);
  });
});
