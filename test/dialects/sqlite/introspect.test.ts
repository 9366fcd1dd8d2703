import { enumCheck, readEnumCheck } from '../../../src/dialects/sqlite/enum-checks.js';
import { introspect } from '../../../src/dialects/sqlite/introspect.js';
import { quoteIdentifier } from '../../../src/dialects/sqlite/literals.js';
import type { Column, ForeignKey, Index, Table } from '../../../src/schema/model.js';
import { connectMemory, schemaOf, tableOf } from './support.js';

describe('columns', () => {
  async function columnOf(definition: string): Promise<Column> {
    const { columns } = await tableOf(`CREATE TABLE t (${definition}, other int)`);
    return columns[0] as Column;
  }

  test.each<[string, Column]>([
    ['a', { name: 'a', type: { kind: 'native', sql: { sqlite: '' } }, nullable: true }],
    ['a integer', { name: 'a', type: { kind: 'integer' }, nullable: true }],
    [
      'a VARYING CHARACTER ( 20 ) NOT NULL',
      { name: 'a', type: { kind: 'varchar', length: 20 }, nullable: false },
    ],
    [
      'a geometry(1, 2) NULL',
      { name: 'a', type: { kind: 'native', sql: { sqlite: 'geometry(1, 2)' } }, nullable: true },
    ],
    [
      '"a b" text COLLATE nocase',
      { name: 'a b', type: { kind: 'text' }, nullable: true, collation: 'nocase' },
    ],
    [
      "a text DEFAULT 'it''s' NOT NULL",
      { name: 'a', type: { kind: 'text' }, nullable: false, default: { kind: 'literal', value: "it's" } },
    ],
    [
      'a boolean DEFAULT 1',
      { name: 'a', type: { kind: 'boolean' }, nullable: true, default: { kind: 'literal', value: true } },
    ],
    [
      'a int DEFAULT -1',
      { name: 'a', type: { kind: 'integer' }, nullable: true, default: { kind: 'literal', value: -1 } },
    ],
    ['a int DEFAULT NULL', { name: 'a', type: { kind: 'integer' }, nullable: true }],
    [
      'a text DEFAULT abc',
      { name: 'a', type: { kind: 'text' }, nullable: true, default: { kind: 'literal', value: 'abc' } },
    ],
    [
      "a text DEFAULT (upper('x)')) /* ) */",
      {
        name: 'a',
        type: { kind: 'text' },
        nullable: true,
        default: { kind: 'expression', sql: "upper('x)')" },
      },
    ],
    [
      'a timestamp CONSTRAINT d DEFAULT CURRENT_TIMESTAMP',
      {
        name: 'a',
        type: { kind: 'timestamp' },
        nullable: true,
        default: { kind: 'expression', sql: 'CURRENT_TIMESTAMP' },
      },
    ],
    [
      'a int GENERATED ALWAYS AS (other + 1 -- one more\n) STORED',
      { name: 'a', type: { kind: 'integer' }, nullable: true, generated: { sql: 'other + 1', stored: true } },
    ],
    [
      'a int AS (other * (2))',
      {
        name: 'a',
        type: { kind: 'integer' },
        nullable: true,
        generated: { sql: 'other * (2)', stored: false },
      },
    ],
    [
      'a GENERATED ALWAYS AS (1) VIRTUAL',
      {
        name: 'a',
        type: { kind: 'native', sql: { sqlite: '' } },
        nullable: true,
        generated: { sql: '1', stored: false },
      },
    ],
    ['id integer PRIMARY KEY', { name: 'id', type: { kind: 'integer' }, nullable: false }],
    [
      'id INTEGER PRIMARY KEY ASC AUTOINCREMENT',
      { name: 'id', type: { kind: 'integer' }, nullable: false, autoIncrement: 'increment' },
    ],
    ['\'id\' "integer"', { name: 'id', type: { kind: 'integer' }, nullable: true }],
  ])('%s', async (definition, column) => {
    expect(await columnOf(definition)).toEqual(column);
  });

  test('hostile defaults come back unchanged', async () => {
    const values = ['`${process.exit(7)}`', '*/ --', "');DROP TABLE t;--", 'a\nb', '\u2028', '"', '\\', '😀'];
    const columns = values.map((value, i) => `c${i} text DEFAULT '${value.replaceAll("'", "''")}'`);
    const table = await tableOf(`CREATE TABLE t (${columns.join(', ')})`);
    expect(table.columns.map((column) => column.default)).toEqual(
      values.map((value) => ({ kind: 'literal', value })),
    );
  });
});

describe('constraints', () => {
  test('names are those written, else those of the house', async () => {
    const table = await tableOf(
      `CREATE TABLE t (
        a int CONSTRAINT ua UNIQUE CONSTRAINT ck CHECK (a > 0) CHECK (a < 9) REFERENCES p (x) ON DELETE CASCADE,
        b int UNIQUE CHECK (b > 0) CONSTRAINT fb REFERENCES p,
        c int CONSTRAINT dangling,
        CONSTRAINT "pk t" PRIMARY KEY (a, b)
        UNIQUE (b, c) CONSTRAINT last_ck CHECK (a <> b),
        CHECK (a + b > 0),
        FOREIGN KEY (b, c) REFERENCES p (x, y) ON UPDATE SET NULL ON DELETE SET DEFAULT DEFERRABLE INITIALLY DEFERRED
      );
      CREATE TABLE p (x int PRIMARY KEY, y int, UNIQUE (x, y))`,
      't',
    );
    expect(table.primaryKey).toEqual({ name: 'pk t', columns: ['a', 'b'] });
    expect(table.uniques).toEqual([
      { name: 'ua', columns: ['a'] },
      { name: 'uq_t_b', columns: ['b'] },
      { name: 'uq_t_b_c', columns: ['b', 'c'] },
    ]);
    expect(table.checks.filter((check) => !/^ck_t_[0-9a-f]{8}$/.test(check.name))).toEqual([
      { name: 'ck', expression: 'a > 0' },
      { name: 'ck_t_a', expression: 'a < 9' },
      { name: 'ck_t_b', expression: 'b > 0' },
      { name: 'last_ck', expression: 'a <> b' },
    ]);
    expect(table.checks.find((check) => /^ck_t_[0-9a-f]{8}$/.test(check.name))?.expression).toBe('a + b > 0');
    expect(table.foreignKeys).toEqual([
      { name: 'fb', columns: ['b'], refTable: 'p', refColumns: ['x'] },
      { name: 'fk_t_a_p', columns: ['a'], refTable: 'p', refColumns: ['x'], onDelete: 'CASCADE' },
      {
        name: 'fk_t_b_c_p',
        columns: ['b', 'c'],
        refTable: 'p',
        refColumns: ['x', 'y'],
        onDelete: 'SET DEFAULT',
        onUpdate: 'SET NULL',
        deferrable: 'deferred',
      },
    ]);
    expect(table.options).toBeUndefined();
  });

  test('names that clash are numbered, and a name that somebody wrote is never taken', async () => {
    const table = await tableOf(
      'CREATE TABLE t (a int CHECK (a > 0) CHECK (a > 1), b int UNIQUE, CONSTRAINT ck_t_a CHECK (a > 2), CONSTRAINT x CHECK (a > 3), CONSTRAINT x UNIQUE (a))',
    );
    expect(table.checks).toEqual([
      { name: 'ck_t_a', expression: 'a > 2' },
      { name: 'ck_t_a_2', expression: 'a > 0' },
      { name: 'ck_t_a_3', expression: 'a > 1' },
      { name: 'x_2', expression: 'a > 3' },
    ]);
    expect(table.uniques.map((unique) => unique.name)).toEqual(['uq_t_b', 'x']);
  });

  test('one unique written twice is one', async () => {
    const table = await tableOf('CREATE TABLE t (a int UNIQUE, UNIQUE (A), CONSTRAINT u UNIQUE (a))');
    expect(table.uniques).toEqual([
      { name: 'u', columns: ['a'] },
      { name: 'uq_t_a', columns: ['a'] },
    ]);
  });

  test.each<[string, Partial<ForeignKey>]>([
    ['REFERENCES p', { refColumns: ['Id'] }],
    ['REFERENCES P (ID)', { refTable: 'p', refColumns: ['Id'] }],
    ['REFERENCES p ON DELETE NO ACTION ON UPDATE RESTRICT', { onUpdate: 'RESTRICT' }],
    ['REFERENCES p MATCH SIMPLE DEFERRABLE', { deferrable: 'immediate' }],
    ['REFERENCES p NOT DEFERRABLE INITIALLY DEFERRED', {}],
    ['REFERENCES p NOT NULL DEFERRABLE INITIALLY DEFERRED', { deferrable: 'deferred' }],
    ['REFERENCES missing (x)', { refTable: 'missing', refColumns: ['x'], name: 'fk_t_a_missing' }],
  ])('a int %s', async (clause, expected) => {
    const table = await tableOf(
      `CREATE TABLE t (a int ${clause}); CREATE TABLE p ("Id" integer PRIMARY KEY)`,
      't',
    );
    expect(table.foreignKeys).toEqual([
      { name: 'fk_t_a_p', columns: ['a'], refTable: 'p', refColumns: ['Id'], ...expected },
    ]);
    expect(table.options).toBeUndefined();
  });

  test.each([
    ['a int UNIQUE ON CONFLICT REPLACE', 'UNIQUE of a ON CONFLICT REPLACE'],
    ['a int NOT NULL ON CONFLICT IGNORE', 'NOT NULL of a ON CONFLICT IGNORE'],
    ['a int PRIMARY KEY ON CONFLICT FAIL', 'PRIMARY KEY of a ON CONFLICT FAIL'],
    ['a int, PRIMARY KEY (a) ON CONFLICT ROLLBACK', 'PRIMARY KEY (a) ON CONFLICT ROLLBACK'],
    ['a int, UNIQUE (a) ON CONFLICT IGNORE', 'UNIQUE (a) ON CONFLICT IGNORE'],
    ['a integer PRIMARY KEY DESC', 'PRIMARY KEY DESC of a'],
    ['a int, b int, PRIMARY KEY (a, b DESC)', 'PRIMARY KEY (a, b DESC)'],
    ['a text, UNIQUE (a COLLATE nocase)', 'UNIQUE (a COLLATE nocase)'],
    ['a int REFERENCES p MATCH FULL', 'REFERENCES p MATCH FULL'],
    ['a int REFERENCES missing', 'REFERENCES missing, whose key does not fit'],
  ])('what the model cannot hold is told: %s', async (body, unmodelled) => {
    const table = await tableOf(`CREATE TABLE t (${body}); CREATE TABLE p (id integer PRIMARY KEY)`, 't');
    expect(table.options).toEqual({ 'sqlite.unmodelled': unmodelled });
  });

  test.each([
    ['a int UNIQUE ON CONFLICT ABORT'],
    ['a int, CHECK (a > 0) ON CONFLICT IGNORE'],
    ['a int PRIMARY KEY ASC'],
  ])('what means nothing is not told: %s', async (body) => {
    expect((await tableOf(`CREATE TABLE t (${body})`)).options).toBeUndefined();
  });

  test('table options', async () => {
    const table = await tableOf('CREATE TABLE t (a INT PRIMARY KEY, b ANY) without rowid, STRICT;');
    expect(table.options).toEqual({ 'sqlite.strict': true, 'sqlite.withoutRowid': true });
    expect(table.columns.map((column) => column.type)).toEqual([
      { kind: 'integer' },
      { kind: 'native', sql: { sqlite: 'ANY' } },
    ]);
  });
});

describe('indexes, views and triggers', () => {
  test.each<[string, Index]>([
    ['CREATE INDEX i ON t (a)', { name: 'i', unique: false, columns: [{ column: 'a' }] }],
    [
      'CREATE UNIQUE INDEX IF NOT EXISTS main."i x" ON T ([A] DESC, b ASC)',
      { name: 'i x', unique: true, columns: [{ column: 'a', order: 'desc' }, { column: 'b' }] },
    ],
    ["CREATE INDEX i ON t ('a')", { name: 'i', unique: false, columns: [{ column: 'a' }] }],
    [
      'CREATE INDEX i ON t (a COLLATE "nocase" DESC)',
      { name: 'i', unique: false, columns: [{ column: 'a', order: 'desc', collation: 'nocase' }] },
    ],
    [
      "CREATE INDEX i ON t (coalesce(a, 'x,(') /* , */ DESC, (b+1))",
      {
        name: 'i',
        unique: false,
        columns: [{ expression: "coalesce(a, 'x,(')", order: 'desc' }, { expression: '(b+1)' }],
      },
    ],
    [
      'CREATE INDEX i ON t (b) WHERE a > 0 AND "desc" IS NULL -- why',
      { name: 'i', unique: false, columns: [{ column: 'b' }], where: 'a > 0 AND "desc" IS NULL' },
    ],
    ['CREATE INDEX i ON t ("desc")', { name: 'i', unique: false, columns: [{ column: 'desc' }] }],
    [
      'CREATE INDEX i ON t ("desc" desc)',
      { name: 'i', unique: false, columns: [{ column: 'desc', order: 'desc' }] },
    ],
  ])('%s', async (sql, index) => {
    expect((await tableOf(`CREATE TABLE t (a text, b int, "desc" int); ${sql}`)).indexes).toEqual([index]);
  });

  test('views keep their query, a list of columns as a common table expression', async () => {
    const connection = await connectMemory();
    await connection.script(`
      CREATE TABLE t (a);
      CREATE VIEW v AS SELECT a FROM t -- all
      ;
      CREATE VIEW "w w" (x, "y z") AS SELECT a, 2 FROM t`);
    const { views } = await introspect(connection, []);
    expect(views).toEqual([
      { name: 'v', query: 'SELECT a FROM t' },
      { name: 'w w', query: 'WITH "w w" (x, "y z") AS (SELECT a, 2 FROM t) SELECT * FROM "w w"' },
    ]);
    await connection.script(
      `INSERT INTO t VALUES (1); DROP VIEW "w w"; CREATE VIEW "w w" AS ${views[1]?.query}`,
    );
    expect(await connection.query('SELECT * FROM "w w"')).toEqual([{ x: 1, 'y z': 2 }]);
  });

  test('triggers keep their text', async () => {
    const sql = `CREATE TRIGGER "t r" AFTER INSERT ON T BEGIN SELECT 'a;b'; END`;
    const { triggers } = await schemaOf(`CREATE TABLE t (a); ${sql}`);
    expect(triggers).toEqual([{ name: 't r', table: 't', sql: { sqlite: sql } }]);
  });

  test('virtual tables, what lies behind them and tables of SQLite itself are left out', async () => {
    const schema = await schemaOf(`
      CREATE VIRTUAL TABLE f USING fts5(a);
      CREATE VIRTUAL TABLE r USING rtree(id, x0, x1);
      CREATE TABLE f_other (id integer PRIMARY KEY AUTOINCREMENT);
      INSERT INTO f_other VALUES (1); ANALYZE`);
    expect(schema.tables.map((table) => table.name)).toEqual(['f_other']);
    expect(schema.triggers).toEqual([]);
  });

  test('ignored tables go with their indexes and triggers, and are still known to foreign keys', async () => {
    const schema = await schemaOf(
      `CREATE TABLE Limbeck_Version (version_num varchar(32) PRIMARY KEY);
       CREATE INDEX i ON limbeck_version (version_num);
       CREATE TRIGGER x AFTER DELETE ON limbeck_version BEGIN SELECT 1; END;
       CREATE TABLE t (v REFERENCES limbeck_version)`,
      ['limbeck_version'],
    );
    expect(schema.tables.map((table) => table.name)).toEqual(['t']);
    expect(schema.tables[0]?.foreignKeys[0]).toMatchObject({ refColumns: ['version_num'] });
    expect(schema.triggers).toEqual([]);
  });

  test('an empty database is an empty schema', async () => {
    expect(await schemaOf('')).toEqual({ tables: [], enums: [], views: [], sequences: [], triggers: [] });
  });
});

describe('enums', () => {
  const check = (column: string, name: string, values: readonly string[]): string => {
    const { name: constraint, expression } = enumCheck(column, name, values);
    return `CONSTRAINT ${quoteIdentifier(constraint)} CHECK (${expression})`;
  };

  test('columns with the check of an enum are of its type', async () => {
    const values = ["it's", 'b, c', '"', '😀'];
    const schema = await schemaOf(`
      CREATE TABLE t (id integer PRIMARY KEY, "s t" text DEFAULT 'x', ${check('s t', 'my "enum"', values)}, CHECK (id > 0));
      CREATE TABLE u (a text, b text, ${check('a', 'my "enum"', values)}, ${check('b', 'other', ['x'])})`);
    expect(schema.enums).toEqual([
      { name: 'my "enum"', values },
      { name: 'other', values: ['x'] },
    ]);
    const [t, u] = schema.tables as [Table, Table];
    expect(t.columns[1]?.type).toEqual({ kind: 'enum', name: 'my "enum"' });
    expect(t.checks).toHaveLength(1);
    expect(u.columns.map((column) => column.type)).toEqual([
      { kind: 'enum', name: 'my "enum"' },
      { kind: 'enum', name: 'other' },
    ]);
    expect(u.checks).toEqual([]);
  });

  test('two columns of a table may be of one enum', async () => {
    const { tables, enums } = await schemaOf(
      `CREATE TABLE t (a text, b text, ${check('a', 'e', ['x'])}, ${check('b', 'e', ['x'])})`,
    );
    expect(enums).toEqual([{ name: 'e', values: ['x'] }]);
    expect(tables[0]?.columns.map((column) => column.type)).toEqual(
      Array(2).fill({ kind: 'enum', name: 'e' }),
    );
    expect(tables[0]?.checks).toEqual([]);
    const stay = await tableOf(
      `CREATE TABLE t (a text, b text, ${check('a', 'e', ['x'])}, ${check('b', 'e', ['y'])})`,
    );
    expect(stay.checks.map((each) => each.name)).toEqual(['enum:e', 'enum:e_2']);
  });

  test('two of one name with other values stay checks', async () => {
    const schema = await schemaOf(`
      CREATE TABLE t (a text, ${check('a', 'e', ['x'])});
      CREATE TABLE u (a text, ${check('a', 'e', ['y'])}); CREATE TABLE v (a text, ${check('a', 'e', ['x'])})`);
    expect(schema.enums).toEqual([]);
    expect(schema.tables.map((table) => table.checks.length)).toEqual([1, 1, 1]);
    expect(schema.tables.every((table) => table.columns[0]?.type.kind === 'text')).toBe(true);
  });

  test.each([
    ['enum:e', `"a" IN ('x') OR 1`],
    ['enum:e', `a IN ('x')`],
    ['enum:e', `"a" NOT IN ('x')`],
    ['enum:e', `"a" IN ('x',)`],
    ['enum:e', `"a" IN ()`],
    ['enum:e', `"a" IN (1)`],
    ['e', `"a" IN ('x')`],
  ])('%s CHECK (%s) is no enum', (name, expression) => {
    expect(readEnumCheck({ name, expression })).toBeUndefined();
  });
});

describe('names of all kinds', () => {
  const names = [
    'select',
    'a b',
    'a"b',
    "a'b",
    'a`b',
    'a[b',
    'x.y',
    'ünï',
    '😀',
    '__proto__',
    'constructor',
    'A;--',
    '1',
    '\u00a0',
  ];

  test.each(names)('%j', async (name) => {
    const q = quoteIdentifier(name);
    const schema = await schemaOf(`
      CREATE TABLE ${q} (${q} integer, other text COLLATE NOCASE, CONSTRAINT ${q} PRIMARY KEY (${q}), CHECK (${q} > 0));
      CREATE TABLE child (${q} int REFERENCES ${q} (${q}));
      CREATE INDEX ${quoteIdentifier(`${name} i`)} ON ${q} (${q} DESC, lower(other)) WHERE ${q} > 1`);
    const table = schema.tables.find((each) => each.name === name) as Table;
    expect(table.columns[0]).toEqual({ name, type: { kind: 'integer' }, nullable: false });
    expect(table.primaryKey).toEqual({ name, columns: [name] });
    expect(table.checks[0]?.expression).toBe(`${q} > 0`);
    expect(table.indexes[0]).toMatchObject({
      name: `${name} i`,
      columns: [{ column: name, order: 'desc' }, {}],
    });
    const child = schema.tables.find((each) => each.name === 'child') as Table;
    expect(child.foreignKeys[0]).toMatchObject({ columns: [name], refTable: name, refColumns: [name] });
    expect(table.options).toBeUndefined();
  });

  test('every way to quote and to leave blanks', async () => {
    const table = await tableOf(
      'CREATE TABLE/**/IF NOT EXISTS\n\t[my table]--x\n(`a``b`int,"c""d" [text]\n,[e f]NOT NULL/*,*/,\'g\'\'h\' int,😀 varchar(2),CHECK((`a``b`)>0))',
    );
    expect(table.name).toBe('my table');
    expect(table.columns.map((column) => column.name)).toEqual(['a`b', 'c"d', 'e f', "g'h", '😀']);
    expect(table.columns.map((column) => column.type.kind)).toEqual([
      'integer',
      'text',
      'native',
      'integer',
      'varchar',
    ]);
    expect(table.checks[0]?.expression).toBe('(`a``b`)>0');
    expect(table.options).toBeUndefined();
  });

  test('a text that our grammar cannot read leaves columns and key, and the mark that there is more', async () => {
    // A bracket right behind a quoted name is a subscript to the common tokenizer, a type to SQLite.
    const table = await tableOf(
      'CREATE TABLE t ("a"[text] PRIMARY KEY, b int NOT NULL DEFAULT (1), CHECK (b > 0))',
    );
    expect(table.columns).toEqual([
      { name: 'a', type: { kind: 'text' }, nullable: false },
      { name: 'b', type: { kind: 'integer' }, nullable: false, default: { kind: 'literal', value: 1 } },
    ]);
    expect(table.primaryKey).toEqual({ name: 'pk_t', columns: ['a'] });
    expect(table.options?.['sqlite.unmodelled']).toMatch(/^the text of its CREATE TABLE/);
  });

  test('tables after ALTER TABLE read as SQLite rewrote them', async () => {
    const table = await tableOf(`
      CREATE TABLE a (x int /* was */, y int CHECK (y > 0), z int);
      ALTER TABLE a RENAME TO "b b"; ALTER TABLE "b b" RENAME COLUMN y TO "y y";
      ALTER TABLE "b b" DROP COLUMN z; ALTER TABLE "b b" ADD COLUMN w text REFERENCES "b b" (x)`);
    expect(table.columns.map((column) => column.name)).toEqual(['x', 'y y', 'w']);
    expect(table.checks[0]?.expression).toBe('"y y" > 0');
    expect(table.foreignKeys[0]).toMatchObject({ columns: ['w'], refTable: 'b b', refColumns: ['x'] });
  });

  test('a table made by a SELECT', async () => {
    const table = await tableOf(`CREATE TABLE t AS SELECT 1 AS a, 'x' AS "b c", 1.5 AS d`);
    expect(table.columns.map((column) => column.name)).toEqual(['a', 'b c', 'd']);
    expect(table.options).toBeUndefined();
  });
});
