import { parseType, strictTypeText, typeText } from '../../../src/dialects/sqlite/types.js';
import type { ColumnType } from '../../../src/schema/model.js';
import { codeOf, connectMemory } from './support.js';

const TYPES: readonly [ColumnType, string][] = [
  [{ kind: 'smallint' }, 'smallint'],
  [{ kind: 'integer' }, 'integer'],
  [{ kind: 'bigint' }, 'bigint'],
  [{ kind: 'real' }, 'real'],
  [{ kind: 'double' }, 'double'],
  [{ kind: 'boolean' }, 'boolean'],
  [{ kind: 'char', length: 3 }, 'char(3)'],
  [{ kind: 'varchar' }, 'varchar'],
  [{ kind: 'varchar', length: 200 }, 'varchar(200)'],
  [{ kind: 'text' }, 'text'],
  [{ kind: 'decimal' }, 'decimal'],
  [{ kind: 'decimal', precision: 10 }, 'decimal(10)'],
  [{ kind: 'decimal', precision: 10, scale: 2 }, 'decimal(10,2)'],
  [{ kind: 'date' }, 'date'],
  [{ kind: 'time' }, 'time'],
  [{ kind: 'time', precision: 3 }, 'time(3)'],
  [{ kind: 'timestamp' }, 'timestamp'],
  [{ kind: 'timestamp', precision: 6 }, 'timestamp(6)'],
  [{ kind: 'timestamptz' }, 'timestamptz'],
  [{ kind: 'timestamptz', precision: 0 }, 'timestamptz(0)'],
  [{ kind: 'json' }, 'json_text'],
  [{ kind: 'uuid' }, 'uuid'],
  [{ kind: 'blob' }, 'blob'],
  [{ kind: 'simple-array' }, 'simple_array_text'],
  [{ kind: 'native', sql: { sqlite: 'GEOMETRY' } }, 'GEOMETRY'],
  [{ kind: 'native', sql: { sqlite: '' } }, ''],
];

describe('SQLite types', () => {
  test.each(TYPES)('%j is declared %j and read back as itself', (type, text) => {
    expect(typeText(type)).toBe(text);
    expect(parseType(text)).toEqual(type);
  });

  test('an enum is text, for its values are in a check', () => {
    expect(typeText({ kind: 'enum', name: 'status' })).toBe('text');
  });

  test('a native type is taken for this database, else the default; another one is refused', async () => {
    expect(typeText({ kind: 'native', sql: { postgres: 'tsvector', default: 'text' } })).toBe('text');
    expect(typeText({ kind: 'native', sql: { sqlite: 'x', default: 'text' } })).toBe('x');
    expect(await codeOf(() => typeText({ kind: 'native', sql: { postgres: 'tsvector' } }))).toBe(
      'CAPABILITY_MISSING',
    );
    expect(await codeOf(() => typeText({ kind: 'array', of: { kind: 'text' } }))).toBe('CAPABILITY_MISSING');
  });

  test.each<[string, ColumnType]>([
    ['INT', { kind: 'integer' }],
    ['INTEGER', { kind: 'integer' }],
    ['int(11)', { kind: 'integer' }],
    ['MEDIUMINT', { kind: 'integer' }],
    ['TINYINT', { kind: 'smallint' }],
    ['INT2', { kind: 'smallint' }],
    ['INT8', { kind: 'bigint' }],
    ['BIGINT', { kind: 'bigint' }],
    ['UNSIGNED BIG INT', { kind: 'bigint' }],
    ['CHARACTER(20)', { kind: 'char', length: 20 }],
    ['NCHAR(55)', { kind: 'char', length: 55 }],
    ['NATIVE CHARACTER(70)', { kind: 'char', length: 70 }],
    ['VARCHAR(255)', { kind: 'varchar', length: 255 }],
    ['NVARCHAR(160)', { kind: 'varchar', length: 160 }],
    ['VARYING  /* x */ CHARACTER ( 20 )', { kind: 'varchar', length: 20 }],
    ['CLOB', { kind: 'text' }],
    ['TEXT', { kind: 'text' }],
    ['REAL', { kind: 'real' }],
    ['DOUBLE', { kind: 'double' }],
    ['DOUBLE PRECISION', { kind: 'double' }],
    ['FLOAT', { kind: 'double' }],
    ['NUMERIC', { kind: 'decimal' }],
    ['NUMERIC(10,2)', { kind: 'decimal', precision: 10, scale: 2 }],
    ['DECIMAL(10, 5)', { kind: 'decimal', precision: 10, scale: 5 }],
    ['BOOL', { kind: 'boolean' }],
    ['BOOLEAN', { kind: 'boolean' }],
    ['DATE', { kind: 'date' }],
    ['DATETIME', { kind: 'timestamp' }],
    ['datetime(6)', { kind: 'timestamp', precision: 6 }],
    ['TIMESTAMP', { kind: 'timestamp' }],
    ['JSON', { kind: 'json' }],
    ['JSONB', { kind: 'json' }],
    ['BLOB', { kind: 'blob' }],
    ['[nvarchar](20)', { kind: 'varchar', length: 20 }],
    ['STRING', { kind: 'native', sql: { sqlite: 'STRING' } }],
    ['decimal(10,-2)', { kind: 'native', sql: { sqlite: 'decimal(10,-2)' } }],
    ['varchar(1,2)', { kind: 'native', sql: { sqlite: 'varchar(1,2)' } }],
    ['uuid(3)', { kind: 'native', sql: { sqlite: 'uuid(3)' } }],
    ['enum', { kind: 'native', sql: { sqlite: 'enum' } }],
    ['__proto__', { kind: 'native', sql: { sqlite: '__proto__' } }],
    ['constructor', { kind: 'native', sql: { sqlite: 'constructor' } }],
    ['', { kind: 'native', sql: { sqlite: '' } }],
    ['ANY', { kind: 'native', sql: { sqlite: 'ANY' } }],
  ])('%s means %j', (declared, type) => {
    expect(parseType(declared)).toEqual(type);
  });

  test.each([
    ['json_text', '12345678901234567890'],
    ['json_text', '1e400'],
    ['json_text', '1.0'],
    ['simple_array_text', '007'],
    ['varchar(9)', '1e3'],
    ['date', '2024-01-01'],
    ['time', '10:30:00'],
    ['timestamp', '2024-01-01 00:00:00.000'],
    ['uuid', '00000000-0000-4000-8000-000000000000'],
  ])('a column declared %s keeps the text %s as it is', async (type, text) => {
    const connection = await connectMemory();
    await connection.script(`CREATE TABLE t (a ${type})`);
    await connection.run('INSERT INTO t VALUES (?)', [text]);
    expect(await connection.queryArrays('SELECT a, typeof(a) FROM t')).toEqual([[text, 'text']]);
  });

  test('a STRICT table takes the few types it knows and refuses the others', async () => {
    expect(strictTypeText({ kind: 'integer' })).toBe('INTEGER');
    expect(strictTypeText({ kind: 'native', sql: { sqlite: 'any' } })).toBe('ANY');
    expect(await codeOf(() => strictTypeText({ kind: 'varchar', length: 3 }))).toBe('CAPABILITY_MISSING');
    for (const kind of ['integer', 'real', 'text', 'blob'] as const) {
      expect(parseType(strictTypeText({ kind }))).toEqual({ kind });
    }
  });
});
