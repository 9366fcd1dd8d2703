import { MaxLength } from 'class-validator';
import { sql } from '../../src/ast/sql';
import { Column, Entity, Generated, PrimaryColumn, PrimaryGeneratedColumn } from '../../src/decorators/index';
import { buildEntities } from '../../src/metadata/build';
import type { ColumnOptions } from '../../src/metadata/options';
import type { ColumnType } from '../../src/schema/model';
import { columnOf, mistakesOf } from './kit';

/** An entity with one column, declared without the compiler's help. */
function entityWith(options: ColumnOptions | Record<string, unknown>): new () => object {
  class Thing {
    id!: number;
    value!: unknown;
  }
  PrimaryGeneratedColumn()(Thing.prototype, 'id');
  (Column as (o: unknown) => (t: object, k: string) => void)(options)(Thing.prototype, 'value');
  Entity()(Thing);
  return Thing;
}

describe('the type of a column', () => {
  const enumType: ColumnType = { kind: 'enum', name: 'thing_value_enum' };
  test.each<[ColumnOptions, ColumnType]>([
    [{ type: 'integer' }, { kind: 'integer' }],
    [{ type: 'int' }, { kind: 'integer' }],
    [{ type: 'int2' }, { kind: 'smallint' }],
    [{ type: 'int8' }, { kind: 'bigint' }],
    [{ type: 'float' }, { kind: 'double' }],
    [{ type: 'double precision' }, { kind: 'double' }],
    [
      { type: 'character varying', length: 5 },
      { kind: 'varchar', length: 5 },
    ],
    [
      { type: 'nvarchar', length: '7' },
      { kind: 'varchar', length: 7 },
    ],
    [{ type: 'varchar' }, { kind: 'varchar' }],
    [{ type: 'clob' }, { kind: 'text' }],
    [{ type: 'jsonb' }, { kind: 'json' }],
    [{ type: 'simple-json' }, { kind: 'json' }],
    [{ type: 'bytea' }, { kind: 'blob' }],
    [{ type: 'bool' }, { kind: 'boolean' }],
    [
      { type: 'datetime', precision: 6 },
      { kind: 'timestamp', precision: 6 },
    ],
    [{ type: 'timestamp with time zone' }, { kind: 'timestamptz' }],
    [
      { type: 'numeric', precision: 8, scale: 3 },
      { kind: 'decimal', precision: 8, scale: 3 },
    ],
    [{ type: 'dec' }, { kind: 'decimal' }],
    [
      { type: 'integer', array: true },
      { kind: 'array', of: { kind: 'integer' } },
    ],
    [
      { type: 'enum', enum: ['a'], array: true },
      { kind: 'array', of: enumType },
    ],
    [{ type: 'simple-enum', enum: { A: 'a' } }, enumType],
    [
      { enum: ['a'], enumName: 'letter' },
      { kind: 'enum', name: 'letter' },
    ],
    [{ length: 3 }, { kind: 'varchar', length: 3 }],
    [{ precision: 4 }, { kind: 'decimal', precision: 4 }],
    [
      { type: { postgres: 'tsvector', default: 'text' } },
      { kind: 'native', sql: { postgres: 'tsvector', default: 'text' } },
    ],
  ])('%j is %j', (options, type) => {
    expect(columnOf(entityWith(options), 'value').type).toEqual(type);
  });

  test('comes from the property where options do not say it', () => {
    @Entity()
    class Reflected {
      @PrimaryColumn() id!: string;
      @Column() count!: number;
      @Column() flag!: boolean;
      @Column() at!: Date;
      @Column() big!: bigint;
      @Column() data!: Buffer;
    }
    expect(
      buildEntities([Reflected])
        .get(Reflected)
        .table.columns.map((c) => c.type),
    ).toEqual([
      { kind: 'varchar', length: 255 },
      { kind: 'integer' },
      { kind: 'boolean' },
      { kind: 'timestamp' },
      { kind: 'bigint' },
      { kind: 'blob' },
    ]);
  });

  test('is told as a mistake where nothing says it', () => {
    @Entity()
    class Vague {
      @PrimaryGeneratedColumn() id!: number;
      @Column() title!: any;
    }
    expect(mistakesOf([Vague])).toEqual([
      "Vague.title: nothing says which type the column has, and Object is no column type. State it: @Column('varchar', { length: 255 }), @Column('integer'), ….",
    ]);
    expect(mistakesOf([entityWith({})])[0]).toContain('the transpiler emits no decorator metadata');
  });
});

describe('@MaxLength of class-validator', () => {
  @Entity()
  class Person {
    @PrimaryGeneratedColumn() id!: number;
    @MaxLength(50) @Column('varchar') name!: string;
    @MaxLength(40) @Column() nick!: string;
    @MaxLength(50) @Column('varchar', { length: 10 }) code!: string;
    @MaxLength(50) @Column('text') story!: string;
    @MaxLength(50, { each: true }) @Column('varchar') other!: string;
    @MaxLength(50, { groups: ['draft'] }) @Column('varchar') grouped!: string;
  }
  @Entity()
  class Child extends Person {}

  test.each([
    ['name', { kind: 'varchar', length: 50 }],
    ['nick', { kind: 'varchar', length: 40 }],
    ['code', { kind: 'varchar', length: 10 }],
    ['story', { kind: 'text' }],
    ['other', { kind: 'varchar' }],
    ['grouped', { kind: 'varchar' }],
  ])('gives %s the type %j', (name, type) => {
    expect(columnOf(Person, name).type).toEqual(type);
    expect(columnOf(Child, name).type).toEqual(type);
  });
});

describe('a default', () => {
  test.each<[ColumnOptions, unknown]>([
    [
      { type: 'text', default: "it's" },
      { kind: 'literal', value: "it's" },
    ],
    [
      { type: 'text', default: 'CURRENT_TIMESTAMP' },
      { kind: 'literal', value: 'CURRENT_TIMESTAMP' },
    ],
    [
      { type: 'text', default: '' },
      { kind: 'literal', value: '' },
    ],
    [
      { type: 'timestamp', default: () => 'CURRENT_TIMESTAMP' },
      { kind: 'expression', sql: 'CURRENT_TIMESTAMP' },
    ],
    [
      { type: 'integer', default: sql`1 + ${2}` },
      { kind: 'expression', sql: '1 + 2' },
    ],
    [
      { type: 'text', default: sql`upper(${"o'x"})` },
      { kind: 'expression', sql: "upper('o''x')" },
    ],
    [
      { type: 'boolean', default: false },
      { kind: 'literal', value: false },
    ],
    [
      { type: 'integer', default: 0 },
      { kind: 'literal', value: 0 },
    ],
    [
      { type: 'bigint', default: 9007199254740993n },
      { kind: 'literal', value: '9007199254740993' },
    ],
    [
      { type: 'bigint', default: 5 },
      { kind: 'literal', value: '5' },
    ],
    [
      { type: 'decimal', precision: 5, scale: 2, default: '0.10' },
      { kind: 'literal', value: '0.10' },
    ],
    [
      { type: 'json', default: { a: [1] } },
      { kind: 'literal', value: '{"a":[1]}' },
    ],
    [
      { type: 'json', default: [] },
      { kind: 'literal', value: '[]' },
    ],
    [
      { type: 'json', default: '{}' },
      { kind: 'literal', value: '{}' },
    ],
    [
      { type: 'date', default: new Date(0) },
      { kind: 'literal', value: '1970-01-01' },
    ],
    [
      { type: 'timestamp', default: new Date(1) },
      { kind: 'literal', value: '1970-01-01 00:00:00.001' },
    ],
    [
      { type: 'simple-array', default: ['a', 'b'] },
      { kind: 'literal', value: 'a,b' },
    ],
    [
      { type: 'integer', array: true, default: [1, 2] },
      { kind: 'literal', value: '{1,2}' },
    ],
    [
      { type: 'text', array: true, default: ['a"b'] },
      { kind: 'literal', value: '{"a\\"b"}' },
    ],
    [
      { enum: ['a', 'b'], default: 'b' },
      { kind: 'literal', value: 'b' },
    ],
    [{ type: 'text', nullable: true, default: null }, undefined],
  ])('%j', (options, expected) => {
    expect(columnOf(entityWith(options), 'value').default).toEqual(expected);
  });

  test.each<[ColumnOptions, string]>([
    [{ type: 'integer', default: '0' }, 'its default "0" is no value of type integer'],
    [{ type: 'integer', default: 1.5 }, 'its default 1.5 is no value of type integer'],
    [{ type: 'integer', default: 1n }, 'its default 1n is no value of type integer'],
    [{ type: 'boolean', default: 'false' }, 'its default "false" is no value of type boolean'],
    [{ type: 'text', default: 3 }, 'its default 3 is no value of type text'],
    [
      { type: 'timestamp', default: new Date(Number.NaN) },
      'its default a Date is no value of type timestamp',
    ],
    [{ type: 'json', default: '{' }, 'its default "{" is no value of type json'],
    [{ enum: ['a'], default: 'b' }, 'its default "b" is no value of type enum. Give one of a'],
    [{ type: 'blob', default: 'x' }, 'is no value of type blob. Write it as SQL: default: () => "x\'00ff\'"'],
    [{ type: 'text', default: null }, 'its default is NULL, but the column may not be'],
    [{ type: 'text', default: () => 3 }, 'the function of its default returns no SQL'],
  ])('%j is a mistake', (options, problem) => {
    expect(mistakesOf([entityWith(options)])).toEqual([expect.stringContaining(problem)]);
  });
});

describe('options of a column', () => {
  test.each<[Record<string, unknown>, string]>([
    [
      { type: 'varchra' },
      "there is no column type 'varchra'. Did you mean 'varchar'? Else for a type of one database",
    ],
    [{ type: 'varchar(50)' }, "there is no column type 'varchar(50)'. Write type: 'varchar', length: 50."],
    [{ type: 'decimal(10, 2)' }, "Write type: 'decimal', precision: 10, scale: 2."],
    [{ type: 'integer[]' }, "Write type: 'integer', array: true."],
    [{ type: String as any }, "the class String is no column type. Write type: 'varchar'."],
    [{ type: 'tsvector' }, "there is no column type 'tsvector'."],
    [{ type: 'text', nulable: true }, "@Column has no option 'nulable'. Did you mean 'nullable'."],
    [{ type: 'integer', length: 11 }, 'a column of type integer has no length'],
    [{ type: 'varchar', length: 0 }, 'its length 0 is no whole number from 1'],
    [{ type: 'varchar', length: 'MAX' }, 'its length MAX is no whole number from 1'],
    [{ type: 'decimal', scale: 2 }, 'it has a scale but no precision'],
    [{ type: 'decimal', precision: 2, scale: 4 }, 'its scale 4 is greater than its precision 2'],
    [{ type: 'enum' }, 'the column is an enum without values'],
    [{ enum: [] }, 'the column is an enum without values'],
    [{ enum: { 0: 'Low', Low: 0 } }, 'a value of its enum is no string'],
    [{ enum: ['a', 'a'] }, 'a value of its enum stands there twice'],
    [{ type: 'integer', as: 'string' }, "a column of type integer cannot be read as 'string'"],
    [{ type: 'decimal', as: 'bigint' }, "a column of type decimal cannot be read as 'bigint'"],
    [{ type: 'text', transformer: { to: () => 1 } }, 'its transformer lacks a function'],
    [{ type: 'text', asExpression: 'a', default: 'b' }, 'a generated column has a default'],
    [{ type: 'text', generatedType: 'STORED' }, 'generatedType is given without asExpression'],
    [{ type: 'text', name: 'x'.repeat(64) }, 'has 64 bytes, a database takes 63'],
    [{ type: 'text', name: 'id' }, "its column 'id' is that of Thing.id as well"],
    [{ type: 'text', eager: true }, "@Column has no option 'eager'"],
    [{ type: { postgres: '' } }, 'its native type names no type text'],
  ])('%j is a mistake', (options, problem) => {
    expect(mistakesOf([entityWith(options)])).toEqual([expect.stringContaining(problem)]);
  });

  test('reach the entity and the table', () => {
    const transformer = { to: String, from: String };
    const thing = entityWith({
      type: 'bigint',
      name: 'v',
      as: 'string',
      select: false,
      insert: false,
      update: false,
      transformer,
      collation: 'C',
      comment: 'c',
      nullable: true,
    });
    const { columns, table } = buildEntities([thing]).get(thing);
    expect(columns[1]).toEqual({
      path: ['value'],
      property: 'value',
      name: 'v',
      type: { kind: 'bigint' },
      as: 'string',
      role: 'regular',
      primary: false,
      nullable: true,
      select: false,
      insert: false,
      update: false,
      transformers: [transformer],
    });
    expect(table.columns[1]).toEqual({
      name: 'v',
      type: { kind: 'bigint' },
      nullable: true,
      collation: 'C',
      comment: 'c',
    });
  });

  test('make a generated column that is never written', () => {
    const thing = entityWith({ type: 'integer', asExpression: sql`a + ${1}` });
    const { columns, table } = buildEntities([thing]).get(thing);
    expect(columns[1]).toMatchObject({ insert: false, update: false, generation: 'expression' });
    expect(table.columns[1]?.generated).toEqual({ sql: 'a + 1', stored: false });
  });
});

describe('generated values', () => {
  test.each<['increment' | 'identity' | 'uuid', object, object]>([
    ['increment', { autoIncrement: 'increment', type: { kind: 'integer' } }, { generation: 'increment' }],
    ['identity', { autoIncrement: 'identity', type: { kind: 'integer' } }, { generation: 'identity' }],
    ['uuid', { type: { kind: 'uuid' } }, { generation: 'uuid' }],
  ])('%s', (strategy, column, meta) => {
    class Row {
      id!: unknown;
    }
    (PrimaryGeneratedColumn as (s: string) => (t: object, k: string) => void)(strategy)(Row.prototype, 'id');
    Entity()(Row);
    const entity = buildEntities([Row]).get(Row);
    expect(entity.table.columns[0]).toEqual({ name: 'id', nullable: false, ...column });
    expect(entity.primaryColumns[0]).toMatchObject({ primary: true, ...meta });
  });

  test('a property that @Generated makes a uuid is one, whatever its own type lets through', () => {
    @Entity()
    class Row {
      @PrimaryGeneratedColumn() id!: number;
      @Column() @Generated('uuid') token!: string;
      @Column({ nullable: true }) @Generated('uuid') other!: string | null;
      @Column('varchar', { length: 36 }) @Generated('uuid') text!: string;
    }
    const { columns } = buildEntities([Row]).get(Row).table;
    expect(columns.map(({ type }) => type.kind)).toEqual(['integer', 'uuid', 'uuid', 'varchar']);
  });
});
