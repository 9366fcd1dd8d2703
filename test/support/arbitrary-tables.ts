/**
 * Random parts of tables. Everything added fits the table as it is: columns exist, types of keys match,
 * expressions name columns in double quotes.
 */

import type {
  Column,
  ColumnDefault,
  ColumnType,
  ForeignKey,
  IndexColumn,
  Table,
} from '../../src/schema/model';
import { defaultIndexName, defaultName, type NameKind } from '../../src/schema/naming';
import type { Choices } from './arbitrary-choices';
import type { Draft, TableDraft } from './arbitrary-draft';
import { literal, NameSpace, quoted, quotedNames, text } from './arbitrary-names';

const STRICT_KINDS = new Set(['integer', 'real', 'text', 'enum', 'blob']);
const TEXT_KINDS = new Set(['char', 'varchar', 'text', 'enum', 'uuid', 'simple-array']);
const NUMBER_KINDS = new Set(['smallint', 'integer', 'bigint', 'real', 'double', 'decimal']);
const ACTIONS = [undefined, 'CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT'] as const;

/** Sets a property, or takes it away. */
export function put<T extends object, K extends keyof T>(target: T, key: K, value: T[K] | undefined): void {
  if (value === undefined) delete target[key];
  else target[key] = value;
}

export function isStrict(table: TableDraft): boolean {
  return table.options?.['sqlite.strict'] === true;
}

export function fitsStrict(type: ColumnType): boolean {
  return STRICT_KINDS.has(type.kind);
}

export function columnType(c: Choices, draft: Draft, table: TableDraft): ColumnType {
  const enumName = c.maybe(draft.enums)?.name;
  const enumType: ColumnType = enumName === undefined ? { kind: 'text' } : { kind: 'enum', name: enumName };
  if (isStrict(table))
    return c.pick<ColumnType>([
      { kind: 'integer' },
      { kind: 'text' },
      enumType,
      { kind: 'real' },
      { kind: 'blob' },
    ]);
  const precision = c.between(1, 15);
  const types: ColumnType[] = [
    { kind: 'integer' },
    { kind: 'text' },
    enumType,
    { kind: 'varchar', length: c.between(1, 255) },
    { kind: 'varchar' },
    { kind: 'char', length: c.between(1, 9) },
    { kind: 'char' },
    { kind: 'decimal', precision, scale: c.between(0, precision) },
    { kind: 'decimal', precision },
    { kind: 'decimal' },
    { kind: 'timestamp' },
    { kind: 'timestamp', precision: c.between(0, 6) },
    { kind: 'timestamptz' },
    { kind: 'time' },
    ...(
      [
        'smallint',
        'bigint',
        'real',
        'double',
        'boolean',
        'date',
        'json',
        'uuid',
        'blob',
        'simple-array',
      ] as const
    ).map((kind) => ({ kind })),
    { kind: 'native', sql: { sqlite: 'geometry', default: 'text' } },
  ];
  if (!draft.options.forSqlite) {
    types.push(
      { kind: 'array', of: { kind: 'integer' } },
      { kind: 'array', of: { kind: 'array', of: enumType } },
      { kind: 'native', sql: { postgres: 'tsvector' } },
    );
  }
  return c.pick(types);
}

function defaultFor(c: Choices, type: ColumnType, draft: Draft): ColumnDefault {
  const value = (...values: (string | number | boolean)[]): ColumnDefault => ({
    kind: 'literal',
    value: c.pick(values),
  });
  const expression = (...texts: string[]): ColumnDefault => ({ kind: 'expression', sql: c.pick(texts) });
  if (type.kind === 'enum') {
    const values = draft.enums.find(({ name }) => name === type.name)?.values;
    return values?.length ? value(...values) : expression('NULL');
  }
  if (NUMBER_KINDS.has(type.kind))
    return c.chance(30) ? expression('1 + 2', 'abs(-3)', '(4)') : value(0, 1, -1, 42, 7);
  switch (type.kind) {
    case 'boolean':
      return value(false, true);
    case 'date':
      return c.chance(50) ? expression('CURRENT_DATE') : value('2020-02-29');
    case 'timestamp':
    case 'timestamptz':
      return c.chance(50) ? expression('CURRENT_TIMESTAMP') : value('2020-02-29 12:00:00.000');
    case 'time':
      return value('12:00:00');
    case 'json':
      return value('{"a": "it\'s"}', '[]');
    case 'uuid':
      return value('00000000-0000-4000-8000-000000000000');
    case 'blob':
      return expression("x'00ff'");
    case 'char':
    case 'varchar':
    case 'text':
      return c.chance(25) ? expression("lower('ABC')", "'a' || 'b'") : value(text(c), text(c));
    default:
      return value('x');
  }
}

/** Everything of a column but its name, which may not be generated yet. */
export function columnBody(c: Choices, draft: Draft, table: TableDraft): Omit<Column, 'name'> {
  const type = columnType(c, draft, table);
  const collated = c.chance(15) && TEXT_KINDS.has(type.kind) && type.kind !== 'enum';
  return {
    type,
    nullable: c.chance(40),
    ...(c.chance(35) && { default: defaultFor(c, type, draft) }),
    ...(collated && {
      collation: draft.options.forSqlite ? c.pick(['NOCASE', 'RTRIM']) : c.pick(['de_DE', 'C']),
    }),
    ...(!draft.options.forSqlite && c.chance(15) && { comment: `${text(c)}.` }),
  };
}

export function columnNames(draft: Draft, table: TableDraft): NameSpace {
  return new NameSpace(
    draft.rules,
    table.columns.map(({ name }) => name),
  );
}

export function addColumn(c: Choices, draft: Draft, table: TableDraft): Column {
  const body = columnBody(c, draft, table);
  const column: Column = { name: columnNames(draft, table).draw(c), ...body };
  const at = c.chance(30) ? c.below(table.columns.length + 1) : table.columns.length;
  table.columns = table.columns.toSpliced(at, 0, column);
  return column;
}

/** A column whose value comes from others, its like included. */
export function addGeneratedColumn(c: Choices, draft: Draft, table: TableDraft): void {
  const sources = c.some(table.columns, 1, 2);
  if (sources.length === 0) return;
  const name = columnNames(draft, table).draw(c);
  const type: ColumnType = { kind: isStrict(table) ? 'text' : c.pick(['text', 'varchar'] as const) };
  const sql = valueExpression(
    c,
    sources.map((column) => column.name),
  );
  table.columns = [
    ...table.columns,
    { name, type, nullable: c.chance(70), generated: { sql, stored: c.chance(50) } },
  ];
}

/** SQL of no particular type over columns. */
export function valueExpression(c: Choices, columns: readonly string[]): string {
  const [first = '', second = first] = columns.map(quoted);
  const sibling = literal(columns[0] ?? '');
  return c.pick([
    `lower(${first})`,
    `coalesce(${first}, ${second}, ${sibling})`,
    `${first} || ' ' || ${second}`,
    `CASE WHEN ${first} IS NULL THEN ${sibling} ELSE ${second} END`,
    `CAST(${first} AS text) /* of ${columns[0]?.replaceAll('*', '')} */`,
  ]);
}

export function condition(c: Choices, columns: readonly string[]): string {
  const [first = '', second = first] = columns.map(quoted);
  const sibling = literal(columns[0] ?? '');
  return c.pick([
    `${first} IS NOT NULL`,
    `${first} <> ${sibling} OR ${second} IS NULL`,
    `length(${first}) < 100 AND ${second} >= ${sibling}`,
    `${first} IN ('a', ${sibling}) -- ${columns[0]?.replaceAll('\n', '')}\n`,
    `(${first} BETWEEN 0 AND 10)`,
  ]);
}

function constraintNames(draft: Draft, table: TableDraft): NameSpace {
  const { primaryKey, uniques, checks, foreignKeys, exclusions } = table;
  const all = [...(primaryKey ? [primaryKey] : []), ...uniques, ...checks, ...foreignKeys, ...exclusions];
  return new NameSpace(
    draft.rules,
    all.map(({ name }) => name),
  );
}

function constraintName(
  c: Choices,
  draft: Draft,
  table: TableDraft,
  kind: NameKind,
  parts: readonly string[] = [],
): string {
  return constraintNames(draft, table).draw(c, defaultName(kind, table.name, parts));
}

export function setPrimaryKey(c: Choices, draft: Draft, table: TableDraft): void {
  const usable = table.columns.filter((column) => !column.generated);
  const columns = c.some(usable, 1, 3).map(({ name }) => name);
  if (columns.length === 0) return;
  delete table.primaryKey;
  table.primaryKey = { name: constraintName(c, draft, table, 'pk'), columns };
  const [only = ''] = columns;
  table.columns = table.columns.map((column) => {
    if (!columns.includes(column.name)) return column;
    const { default: _, collation: __, ...rest } = column;
    const sole =
      columns.length === 1 && column.name === only && table.options?.['sqlite.withoutRowid'] !== true;
    if (!sole || !c.chance(60)) return { ...column, nullable: false };
    const autoIncrement = c.chance(50) ? 'increment' : 'identity';
    return { ...rest, type: { kind: 'integer' }, nullable: false, autoIncrement } as Column;
  });
}

export function addUnique(c: Choices, draft: Draft, table: TableDraft): void {
  const columns = c.some(table.columns, 1, 3).map(({ name }) => name);
  if (columns.length === 0) return;
  const name = constraintName(c, draft, table, 'uq', columns);
  const odd = !draft.options.forSqlite && {
    ...(c.chance(20) && { deferrable: c.pick(['immediate', 'deferred'] as const) }),
    ...(c.chance(20) && { nullsNotDistinct: true }),
  };
  table.uniques = [...table.uniques, { name, columns, ...odd }];
}

export function addCheck(c: Choices, draft: Draft, table: TableDraft): void {
  const columns = c.some(table.columns, 1, 2).map(({ name }) => name);
  if (columns.length === 0) return;
  const name = constraintName(c, draft, table, 'ck', columns);
  table.checks = [...table.checks, { name, expression: condition(c, columns) }];
}

export function addExclusion(c: Choices, draft: Draft, table: TableDraft): void {
  const columns = c.some(table.columns, 1, 2).map(({ name }) => name);
  if (columns.length === 0) return;
  const elements = columns.map((name) => `${quoted(name)} WITH =`).join(', ');
  const name = constraintName(c, draft, table, 'ex', columns);
  const where = c.chance(40) && { where: condition(c, c.some(columns, 1, 1)) };
  table.exclusions = [...table.exclusions, { name, elements, method: 'gist', ...where }];
}

/** Names of tables, views and indexes, which share one space on SQLite and PostgreSQL. */
export function relationNames(draft: Draft): NameSpace {
  const tables = draft.tables.flatMap((table) => [table.name, ...table.indexes.map(({ name }) => name)]);
  return new NameSpace(draft.rules, [...tables, ...draft.views.map(({ name }) => name)]);
}

export function addIndex(c: Choices, draft: Draft, table: TableDraft): void {
  const chosen = c.some(table.columns, 1, 3).map(({ name }) => name);
  if (chosen.length === 0) return;
  const { forSqlite } = draft.options;
  const columns = chosen.map((column): IndexColumn => {
    const expression = c.chance(25) ? valueExpression(c, [column, ...c.some(chosen, 0, 1)]) : undefined;
    return {
      ...(expression === undefined ? { column } : { expression }),
      ...(c.chance(25) && { order: 'desc' as const }),
      ...(c.chance(10) && { collation: forSqlite ? 'NOCASE' : 'de_DE' }),
      ...(!forSqlite && c.chance(10) && { nulls: c.pick(['first', 'last'] as const) }),
      ...(!forSqlite && c.chance(10) && { operatorClass: 'text_pattern_ops' }),
      ...(!forSqlite && c.chance(10) && { length: 10 }),
    };
  });
  table.indexes = [
    ...table.indexes,
    {
      name: relationNames(draft).draw(c, defaultIndexName(table.name, columns)),
      columns,
      unique: c.chance(35),
      ...(c.chance(25) && {
        where: condition(
          c,
          c.some(table.columns, 1, 1).map(({ name }) => name),
        ),
      }),
      ...(!forSqlite && c.chance(10) && { method: 'gin' }),
      ...(!forSqlite && c.chance(15) && { include: c.some(table.columns, 1, 1).map(({ name }) => name) }),
      ...(!forSqlite && c.chance(10) && { nullsNotDistinct: true }),
    },
  ];
}

/** A key to any table, itself included; columns of the right types are found or made. */
export function addForeignKey(c: Choices, draft: Draft, table: TableDraft): void {
  const target = c.pick(draft.tables);
  const names = target.columns.map(({ name }) => name);
  const keys = [...(target.primaryKey ? [target.primaryKey] : []), ...target.uniques];
  // A change before this one may have left a key without its columns, until all is repaired.
  const key = c.maybe(keys.filter(({ columns }) => columns.every((name) => names.includes(name))));
  if (key === undefined) return;
  const onDelete = c.pick(ACTIONS);
  const onUpdate = c.pick(ACTIONS);
  const nullable = onDelete === 'SET NULL' || onUpdate === 'SET NULL' || c.chance(40);
  const columns: string[] = [];
  const reuse = c.chance(40);
  for (const refColumn of key.columns) {
    const { type } = target.columns.find(({ name }) => name === refColumn) as Column;
    const fits = (column: Column): boolean =>
      same(column.type, type) && !column.generated && !column.autoIncrement && !columns.includes(column.name);
    const found = reuse ? c.maybe(table.columns.filter(fits)) : undefined;
    const name = found?.name ?? columnNames(draft, table).draw(c, `${target.name}_${refColumn}`);
    if (found === undefined) table.columns = [...table.columns, { name, type, nullable }];
    columns.push(name);
  }
  const foreignKey: ForeignKey = {
    name: constraintName(c, draft, table, 'fk', [...columns, target.name]),
    columns,
    refTable: target.name,
    refColumns: key.columns,
    ...(onDelete && { onDelete }),
    ...(onUpdate && { onUpdate }),
    ...(c.chance(25) && { deferrable: c.pick(['immediate', 'deferred'] as const) }),
  };
  table.foreignKeys = [...table.foreignKeys, foreignKey];
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A new table; the keys that refer to others are added when all tables are there. */
export function addTable(c: Choices, draft: Draft, name = relationNames(draft).draw(c)): TableDraft {
  const table: TableDraft = {
    name,
    columns: [],
    uniques: [],
    checks: [],
    foreignKeys: [],
    indexes: [],
    exclusions: [],
  };
  draft.tables.push(table);
  setOptions(c, draft, table);
  const times = (max: number, add: () => unknown): void => {
    for (let i = c.below(max + 1); i > 0; i--) add();
  };
  addColumn(c, draft, table);
  times(4, () => addColumn(c, draft, table));
  if (c.chance(75) || table.options?.['sqlite.withoutRowid']) setPrimaryKey(c, draft, table);
  times(2, () => c.chance(40) && addGeneratedColumn(c, draft, table));
  times(2, () => addUnique(c, draft, table));
  times(2, () => addCheck(c, draft, table));
  times(2, () => addIndex(c, draft, table));
  if (!draft.options.forSqlite) {
    times(1, () => addExclusion(c, draft, table));
    if (c.chance(20)) table.comment = `${text(c)}.`;
  }
  return table;
}

/** Options of a table, before it has columns. */
export function setOptions(c: Choices, draft: Draft, table: TableDraft): void {
  const options = draft.options.forSqlite
    ? { ...(c.chance(10) && { 'sqlite.strict': true }), ...(c.chance(10) && { 'sqlite.withoutRowid': true }) }
    : { ...(c.chance(15) && { 'mysql.engine': 'InnoDB' }), ...(c.chance(15) && { 'sqlite.strict': true }) };
  put(
    table,
    'options',
    Object.keys(options).length > 0 ? (options as NonNullable<Table['options']>) : undefined,
  );
}

/** Whether an expression names only columns that a table has. */
export function holds(table: TableDraft, sql: string): boolean {
  return quotedNames(sql).every((name) => table.columns.some((column) => column.name === name));
}
