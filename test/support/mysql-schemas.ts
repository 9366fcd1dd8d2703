/**
 * Random schemas cut to what MariaDB can hold: a pure function of each schema, so that the two of a pair stay as near to
 * each other as they were. What is only missing there (expressions in indexes, SET DEFAULT, keys over texts without a
 * length) is left out; names keep whatever oddity may stand in a name.
 */

import { hash32 } from '../../src/base/text';
import { columnsIn } from '../../src/schema/column-uses';
import type {
  Column,
  ColumnDefault,
  ColumnType,
  ForeignKey,
  Index,
  ReferentialAction,
  Schema,
  Table,
} from '../../src/schema/model';
import { byName } from '../../src/schema/model';

/** A schema as MariaDB could hold it. */
export function forMariadb(schema: Schema): Schema {
  const enums = schema.enums.map(({ name, values }) => ({
    name: enumName(name),
    // Blanks at the end are lost there.
    values: values
      .filter((value) => !value.endsWith(' '))
      .concat(values.every((value) => value.endsWith(' ')) ? ['only'] : []),
  }));
  const renamed = schema.tables.map(renamedTable);
  const tables = renamed.map((table) => cutTable(table, enums));
  return {
    tables: tables.map((table) => ({ ...table, foreignKeys: cutKeys(table, tables) })),
    enums,
    views: schema.views.map(({ name, query }) => ({ name: nameOf(name), query: renamedSql(query) })),
    sequences: [],
    triggers: schema.triggers.map(({ name, table }) => {
      const [trigger, on] = [`${shortened(nameOf(name))}_${hash32(table)}`, nameOf(table)];
      const quoted = (each: string): string => `\`${each.replaceAll('`', '``')}\``;
      const sql = `CREATE TRIGGER ${quoted(trigger)} AFTER INSERT ON ${quoted(on)} FOR EACH ROW SET @seen = 1`;
      return { name: trigger, table: on, sql: { mariadb: sql } };
    }),
  };
}

/** A name that MariaDB takes, and no other one of ours is taken for. */
function nameOf(name: string): string {
  const short = shortened(name.replace(/[\u{10000}-\u{10ffff}]/gu, 'e').replace(/ $/, '_'));
  // Two letters that differ in an accent are one to MariaDB, as are ß and s.
  const isPlain = short === name && /^[\x20-\x7e\t\n]*$/.test(name);
  return isPlain ? name : `${shortened(short)}_${hash32(name)}`;
}

function shortened(name: string): string {
  const letters = [...name];
  if (letters.length <= 50) return name;
  return `${letters.slice(0, 41).join('')}_${hash32(name)}`;
}

function enumName(name: string): string {
  return name;
}

function renamedSql(sql: string): string {
  return sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/g, (part) => {
    if (!part.startsWith('"')) return part;
    return `"${nameOf(part.slice(1, -1).replaceAll('""', '"')).replaceAll('"', '""')}"`;
  });
}

function renamedTable(table: Table): Table {
  const name = nameOf(table.name);
  const names = (columns: readonly string[]): string[] => columns.map(nameOf);
  const { options: _, primaryKey, ...rest } = table;
  return {
    ...rest,
    name,
    columns: table.columns.map((column) => ({
      ...column,
      name: nameOf(column.name),
      ...(column.generated && { generated: { ...column.generated, sql: renamedSql(column.generated.sql) } }),
    })),
    ...(primaryKey && { primaryKey: { name: nameOf(primaryKey.name), columns: names(primaryKey.columns) } }),
    uniques: table.uniques.map(({ name: own, columns }) => ({ name: nameOf(own), columns: names(columns) })),
    checks: table.checks.map(({ name: own, expression }) => ({
      // A check of a column has the column's name.
      name: `${shortened(nameOf(own))}_c`,
      expression: renamedSql(expression),
    })),
    foreignKeys: table.foreignKeys.map(({ deferrable: _deferrable, ...key }) => ({
      ...key,
      // Names of foreign keys are unique in the whole database there.
      name: `${shortened(nameOf(key.name))}_${hash32(name)}`,
      columns: names(key.columns),
      refTable: nameOf(key.refTable),
      refColumns: names(key.refColumns),
    })),
    indexes: table.indexes.map((index) => cutIndex(index)),
  };
}

function cutIndex({ where: _, ...index }: Index): Index {
  const seen = new Set<string>();
  const columns = index.columns.flatMap((part): Index['columns'] => {
    if (!('column' in part) || seen.has(part.column)) return [];
    seen.add(part.column);
    const { collation: _collation, ...kept } = part;
    return [{ ...kept, column: nameOf(part.column) }];
  });
  // In one space with constraints.
  return { ...index, name: `${shortened(nameOf(index.name))}_i`, columns };
}

const UNBOUNDED = new Set<ColumnType['kind']>(['text', 'json', 'blob', 'simple-array', 'native']);

function isUnbounded(table: Table, name: string): boolean {
  const kind = byName(table.columns, name)?.type.kind;
  return kind === undefined || UNBOUNDED.has(kind);
}

function cutTable(found: Table, enums: Schema['enums']): Table {
  const generated = new Set(found.columns.flatMap((column) => (column.generated ? [column.name] : [])));
  const table = {
    ...found,
    // A text that is no number would not fit.
    columns: found.columns.map((column) =>
      generated.has(column.name) && !['varchar', 'text'].includes(column.type.kind)
        ? { ...column, type: { kind: 'text' } as const }
        : column,
    ),
  };
  const bounded = (columns: readonly string[]): boolean => !columns.some((name) => isUnbounded(table, name));
  const { primaryKey, ...rest } = table;
  const key = primaryKey && bounded(primaryKey.columns) ? primaryKey : undefined;
  const named = new Set([
    ...table.checks.flatMap(({ expression }) => columnsIn(expression, table)),
    ...table.columns.flatMap(({ generated }) => (generated ? columnsIn(generated.sql, table) : [])),
  ]);
  return {
    ...rest,
    ...(key && { primaryKey: key }),
    columns: table.columns.map((found) => {
      // What a CHAR gives depends on the session, so nothing that is stored or indexed may be generated from it;
      // bytes need not be text.
      const isPadded = (name: string): boolean => {
        const source = byName(table.columns, name);
        if (source?.generated) return columnsIn(source.generated.sql, table).some(isPadded);
        return ['char', 'uuid', 'blob', 'native'].includes(source?.type.kind ?? '');
      };
      const sources = found.generated ? columnsIn(found.generated.sql, table) : [];
      const column = sources.some(isPadded) ? { ...without(found, 'generated'), nullable: true } : found;
      // No expression may name a column that numbers itself.
      const numbered = column.autoIncrement && key?.columns[0] === column.name && !named.has(column.name);
      return cutColumn(numbered ? column : without(column, 'autoIncrement'), enums);
    }),
    // To compare a number or a moment with any text is an error there.
    checks: table.checks.map((check) => {
      const columns = columnsIn(check.expression, table).map((name) => byName(table.columns, name) as Column);
      const isText = ({ type }: Column): boolean =>
        ['char', 'varchar', 'text', 'simple-array', 'enum'].includes(type.kind);
      const expression = check.expression.replace('BETWEEN 0 AND 10', "BETWEEN '0' AND '10'");
      if (columns.every(isText)) return { ...check, expression };
      const [first] = columns;
      const name = `"${first?.name.replaceAll('"', '""')}"`;
      const value = ['blob', 'native'].includes(first?.type.kind ?? '') ? name : `CAST(${name} AS text)`;
      return { ...check, expression: `coalesce(length(${value}), 0) < 100` };
    }),
    uniques: table.uniques.filter(({ columns }) => bounded(columns)),
    indexes: table.indexes
      .filter(({ columns }) => columns.length > 0)
      .map((index) => {
        const names = index.columns.map((part) => ('column' in part ? part.column : ''));
        return index.unique && !bounded(names) ? { ...index, unique: false } : index;
      }),
    exclusions: [],
  };
}

function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = value;
  return rest;
}

function cutColumn(column: Omit<Column, 'autoIncrement'> & Partial<Column>, enums: Schema['enums']): Column {
  const { collation, default: value, ...rest } = column;
  const letters = ['char', 'varchar', 'text', 'simple-array'].includes(column.type.kind);
  const keeps = value !== undefined && takes(column.type, value, enums);
  return {
    ...rest,
    ...(keeps && { default: value }),
    ...(collation !== undefined &&
      letters && { collation: collation === 'NOCASE' ? 'utf8mb4_unicode_ci' : 'utf8mb4_bin' }),
  };
}

/** Whether the server takes a default. */
function takes(type: ColumnType, value: ColumnDefault, enums: Schema['enums']): boolean {
  const literal = value.kind === 'literal' ? value.value : undefined;
  switch (type.kind) {
    case 'decimal': {
      const room = type.precision === undefined ? 30 : type.precision - (type.scale ?? 0);
      return Math.abs(Number(literal ?? 4)) < 10 ** room;
    }
    case 'char':
    case 'varchar': {
      const length = type.length ?? (type.kind === 'char' ? 1 : 255);
      const text = String(literal ?? 'abc');
      return [...text].length <= length && !(type.kind === 'char' && text.endsWith(' '));
    }
    case 'enum':
      return literal === undefined || (byName(enums, type.name)?.values ?? []).includes(String(literal));
    default:
      return true;
  }
}

function cutKeys(table: Table, tables: readonly Table[]): ForeignKey[] {
  return table.foreignKeys.flatMap((key): ForeignKey[] => {
    const target = byName(tables, key.refTable);
    const refKeys = target ? [...(target.primaryKey ? [target.primaryKey] : []), ...target.uniques] : [];
    const lettersOf = (of: Table | undefined, name: string): unknown => [
      byName(of?.columns ?? [], name)?.collation,
      byName(of?.columns ?? [], name)?.type,
    ];
    const fits = key.columns.every(
      (name, i) =>
        JSON.stringify(lettersOf(table, name)) === JSON.stringify(lettersOf(target, key.refColumns[i] ?? '')),
    );
    const isFound = refKeys.some(({ columns }) => JSON.stringify(columns) === JSON.stringify(key.refColumns));
    if (!fits || !isFound || new Set(key.columns).size < key.columns.length) return [];
    const { onDelete, onUpdate, ...rest } = key;
    // A parent's key that may become NULL must not take along a child's that may not (MDEV-34392).
    const mayBreak = key.columns.some(
      (name, i) =>
        byName(table.columns, name)?.nullable === false &&
        byName(target?.columns ?? [], key.refColumns[i] ?? '')?.nullable === true,
    );
    if (mayBreak && onUpdate === 'CASCADE') return [rest];
    if (key.refColumns.some((name) => byName(target?.columns ?? [], name)?.generated)) return [rest];
    return [
      {
        ...rest,
        ...put('onDelete', allowed(onDelete, key, table)),
        ...put('onUpdate', allowed(onUpdate, key, table, true)),
      },
    ];
  });
}

function put<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

/** An action that would set a column must not be on one that a check or a generated column names. */
function allowed(
  action: ReferentialAction | undefined,
  key: ForeignKey,
  table: Table,
  isUpdate = false,
): ReferentialAction | undefined {
  if (action === undefined || action === 'RESTRICT') return action;
  if (action === 'SET DEFAULT') return undefined;
  if (action === 'CASCADE' && !isUpdate) return action;
  const columns = key.columns.map((name) => byName(table.columns, name));
  const named = [
    ...table.checks.flatMap(({ expression }) => columnsIn(expression, table)),
    ...table.columns.flatMap(({ generated }) => (generated ? columnsIn(generated.sql, table) : [])),
  ];
  const isNamed = columns.some(
    (column) =>
      column === undefined ||
      named.includes(column.name) ||
      column.type.kind === 'enum' ||
      column.type.kind === 'json',
  );
  if (isNamed) return undefined;
  return action === 'SET NULL' && columns.some((column) => !column?.nullable) ? undefined : action;
}
