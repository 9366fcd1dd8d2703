import { makesRowid, sqliteCanonical } from '../../../src/dialects/sqlite/canonical.js';
import { parseType } from '../../../src/dialects/sqlite/types.js';
import type { Column, ColumnDefault, ColumnType, Schema, Table } from '../../../src/schema/model.js';
import { EMPTY_SCHEMA } from '../../../src/schema/model.js';

const type = (declared: ColumnType | string, schema: Schema = EMPTY_SCHEMA): string =>
  sqliteCanonical.type(typeof declared === 'string' ? parseType(declared) : declared, schema);

const column = (kind: ColumnType['kind'], value?: ColumnDefault, more: Partial<Column> = {}): Column => ({
  name: 'c',
  type: { kind } as ColumnType,
  nullable: true,
  ...(value && { default: value }),
  ...more,
});

const table = (columns: readonly Column[], more: Partial<Table> = {}): Table => ({
  name: 't',
  columns,
  primaryKey: { name: 'pk_t', columns: columns.slice(0, 1).map((each) => each.name) },
  uniques: [],
  checks: [],
  foreignKeys: [],
  indexes: [],
  exclusions: [],
  ...more,
});

describe('canonical types', () => {
  test.each([
    ['nvarchar(160)', 'varchar(160)'],
    ['DATETIME', 'timestamp'],
    ['timestamp', 'timestamp(3)'],
    ['numeric(10,2)', 'decimal(10, 2)'],
    ['decimal(10)', 'decimal(10,0)'],
    ['int', 'INTEGER'],
    ['JSON', 'json_text'],
    ['GEOMETRY ( 1 )', 'geometry(1)'],
  ])('%s and %s are one', (a, b) => {
    expect(type(a)).toBe(type(b));
  });

  test.each([
    ['varchar(50)', 'varchar(100)'],
    ['varchar', 'varchar(100)'],
    ['integer', 'bigint'],
    ['real', 'double'],
    ['timestamp', 'timestamp(6)'],
    ['timestamp', 'timestamptz'],
    ['text', 'json_text'],
    ['geometry', 'geography'],
  ])('%s and %s are two', (a, b) => {
    expect(type(a)).not.toBe(type(b));
  });

  test('an enum is its values', () => {
    const schema = (values: readonly string[]): Schema => ({
      ...EMPTY_SCHEMA,
      enums: [{ name: 'e', values }],
    });
    const status: ColumnType = { kind: 'enum', name: 'e' };
    expect(type(status, schema(['a', 'b']))).toBe(type(status, schema(['a', 'b'])));
    expect(type(status, schema(['a', 'b']))).not.toBe(type(status, schema(['b', 'a'])));
    expect(type(status, schema(['a']))).not.toBe(type({ kind: 'text' }));
  });

  test('types that SQLite lacks can still be compared', () => {
    expect(type({ kind: 'array', of: { kind: 'text' } })).not.toBe(
      type({ kind: 'array', of: { kind: 'integer' } }),
    );
    expect(type({ kind: 'native', sql: { postgres: 'tsvector' } })).toContain('tsvector');
    expect(type({ kind: 'native', sql: { default: 'VARCHAR(5)' } })).toBe(type('varchar(5)'));
  });

  test('a column that makes its own keys is an INTEGER, whatever integer was asked for', () => {
    const wanted = column('bigint', undefined, { autoIncrement: 'identity' });
    const found = column('integer');
    const form = (each: Column): string =>
      sqliteCanonical.type(each.type, EMPTY_SCHEMA, { column: each, table: table([each]) });
    expect(makesRowid(wanted)).toBe(true);
    expect(form(wanted)).toBe(form(found));
    expect(form(column('bigint'))).not.toBe(form(found));
  });
});

describe('canonical defaults', () => {
  const literal = (value: string | number | boolean): ColumnDefault => ({ kind: 'literal', value });
  const expression = (sql: string): ColumnDefault => ({ kind: 'expression', sql });

  test.each<[ColumnType['kind'], ColumnDefault | undefined, ColumnDefault | undefined]>([
    ['boolean', literal(true), literal(1)],
    ['boolean', literal(false), expression('FALSE')],
    ['integer', literal(1), expression('1.0')],
    ['integer', literal(-1), expression('(- 1)')],
    ['integer', literal(5), literal('5')],
    ['decimal', literal('1.50'), literal(1.5)],
    ['decimal', literal(1000), expression('1e3')],
    ['double', literal(1e21), expression('1000000000000000000000.0')],
    ['text', literal('x'), expression("('x')")],
    ['text', literal(5), literal('5')],
    ['text', literal("it's"), expression("'it''s'")],
    ['text', literal('a\0b'), expression("(CAST(X'610062' AS TEXT))")],
    ['timestamp', expression('current_timestamp'), expression('( CURRENT_TIMESTAMP )')],
    ['timestamp', expression('(now())'), expression('NOW ( )')],
    ['text', expression("lower( 'A' )"), expression("LOWER('A') -- x")],
    ['text', expression('NULL'), undefined],
    ['text', expression('(null)'), undefined],
  ])('on %s: %j is %j', (kind, a, b) => {
    expect(sqliteCanonical.default(column(kind, a))).toBe(sqliteCanonical.default(column(kind, b)));
  });

  test.each<[ColumnType['kind'], ColumnDefault | undefined, ColumnDefault | undefined]>([
    ['text', literal('x'), literal('X')],
    ['text', literal(''), undefined],
    ['text', literal('1.0'), literal('1')],
    ['text', literal('CURRENT_TIMESTAMP'), expression('CURRENT_TIMESTAMP')],
    ['integer', literal(0), undefined],
    ['integer', expression('9007199254740993'), expression('9007199254740992')],
    ['boolean', literal('true'), literal(true)],
  ])('on %s: %j is not %j', (kind, a, b) => {
    expect(sqliteCanonical.default(column(kind, a))).not.toBe(sqliteCanonical.default(column(kind, b)));
  });
});

describe('other canonical forms', () => {
  test.each([
    ['price > 0', '( Price>0 ) /* x */'],
    ['"price" > 0', '[price] > 0'],
    ["name <> 'It''s'", "NAME <> 'It''s'"],
  ])('%s is %s', (a, b) => {
    expect(sqliteCanonical.expression(a)).toBe(sqliteCanonical.expression(b));
  });

  test('a text keeps its case and blanks', () => {
    expect(sqliteCanonical.expression("a = 'X  y'")).not.toBe(sqliteCanonical.expression("a = 'x y'"));
  });

  test('BINARY is no collation, and collations have no case', () => {
    expect(sqliteCanonical.collation('BINARY')).toBe(sqliteCanonical.collation(undefined));
    expect(sqliteCanonical.collation('nocase')).toBe(sqliteCanonical.collation('NOCASE'));
    expect(sqliteCanonical.collation('RTRIM')).not.toBe('');
  });

  test('there is no place for comments', () => {
    expect(sqliteCanonical.comment('why')).toBe('');
  });

  test('of a sole integer key only AUTOINCREMENT is told from the rest', () => {
    const form = (autoIncrement?: 'increment' | 'identity'): string => {
      const id = column('integer', undefined, autoIncrement === undefined ? {} : { autoIncrement });
      return sqliteCanonical.autoIncrement(id, table([id]));
    };
    expect(form('identity')).toBe(form());
    expect(form('increment')).not.toBe(form());
  });

  test('options that a rebuild must remember are not compared', () => {
    expect(sqliteCanonical.tableOptions(table([], { options: { 'sqlite.strict': true } }))).toBe(
      'sqlite.strict',
    );
    expect(sqliteCanonical.tableOptions(table([], { options: { 'sqlite.unmodelled': 'x' } }))).toBe('');
    expect(sqliteCanonical.tableOptions(table([]))).toBe('');
  });
});
