/**
 * What autogenerate is not to look at: the wanted schema with everything that is left out as the database has it.
 *
 * Were it taken out of both sides instead, what belongs to it (a key that refers to a table, an index on a column)
 * would hang in the air; told alike on both sides, nothing is made or dropped and everything still fits.
 */

import { usesOf } from '../../schema/column-uses.js';
import type { Column, Schema, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import { splitTableName } from '../../schema/table-names.js';
import { askHook } from '../hooks/call.js';
import type { MigrationHooks, ObjectKind, ObjectParents, SchemaObject } from '../hooks/types.js';

/** One thing by its name, as the database has it and as the models want it; at least one of them is there. */
interface Compared<T> {
  readonly kind: ObjectKind;
  readonly found: T | undefined;
  readonly wanted: T | undefined;
  readonly table?: string;
}

/** Whether something is left out. */
type LeavesOut = (compared: Compared<SchemaObject>) => boolean;

type Filters = Pick<MigrationHooks, 'includeObject' | 'includeName'>;

/** Tables, their columns, views and enums; before renames are decided, of which what is left out has none. */
export function withoutTablesLeftOut(found: Schema, wanted: Schema, filters: Filters): Schema {
  const leavesOut = leavesOutOf(filters);
  if (leavesOut === undefined) return wanted;
  const choose = <T extends SchemaObject>(kind: ObjectKind, a: readonly T[], b: readonly T[]): T[] =>
    chosen(kind, a, b, leavesOut);
  const tables = choose('table', found.tables, wanted.tables).map((table) => {
    const before = byName(found.tables, table.name);
    return before === undefined || before === table ? table : withoutColumns(before, table, leavesOut);
  });
  const names = new Set(tables.map(({ name }) => name));
  return withEnums(found, {
    ...wanted,
    tables: tables.map((table) => withoutDangling(table, names, byName(wanted.tables, table.name))),
    views: choose('view', found.views, wanted.views),
    enums: choose('enum', found.enums, wanted.enums),
  });
}

/** Indexes and constraints; when both sides call them by one name. */
export function withoutPartsLeftOut(found: Schema, wanted: Schema, filters: Filters): Schema {
  const leavesOut = leavesOutOf(filters);
  if (leavesOut === undefined) return wanted;
  return {
    ...wanted,
    tables: wanted.tables.map((table) => {
      const before = byName(found.tables, table.name);
      const { name } = table;
      const parts = <T extends SchemaObject>(kind: ObjectKind, a: readonly T[] = [], b: readonly T[]): T[] =>
        chosen(kind, a, b, leavesOut, name);
      // Of a new table its own parts go with it, as a person reads it: all or nothing.
      if (before === undefined) return table;
      return {
        ...table,
        indexes: parts('index', before.indexes, table.indexes),
        uniques: parts('unique_constraint', before.uniques, table.uniques),
        checks: parts('check_constraint', before.checks, table.checks),
        foreignKeys: parts('foreign_key_constraint', before.foreignKeys, table.foreignKeys),
      };
    }),
  };
}

function leavesOutOf({ includeName, includeObject }: Filters): LeavesOut | undefined {
  if (includeName === undefined && includeObject === undefined) return undefined;
  return ({ kind, found, wanted, table }) => {
    const object = (wanted ?? found) as SchemaObject;
    const parents = parentsOf(kind, table ?? object.name, table !== undefined);
    const { name } = object;
    if (found !== undefined && includeName !== undefined) {
      const { schemaName } = parents;
      if (kind === 'table' && schemaName !== undefined) {
        if (!askHook('includeName', () => includeName(schemaName, 'schema', {}))) return true;
      }
      if (!askHook('includeName', () => includeName(name, kind, parents))) return true;
    }
    if (includeObject === undefined) return false;
    const counterpart = wanted === undefined ? null : (found ?? null);
    const isFromDatabase = wanted === undefined;
    return !askHook('includeObject', () =>
      includeObject(object, name, kind, isFromDatabase, counterpart, parents),
    );
  };
}

function parentsOf(kind: ObjectKind, tableName: string, isPart: boolean): ObjectParents {
  if (!isPart && kind !== 'table') return {};
  const { schema, name } = splitTableName(tableName);
  return {
    ...(schema !== undefined && { schemaName: schema }),
    ...(isPart && { tableName: name, schemaQualifiedTableName: tableName }),
  };
}

/** The wanted list; what is left out stands in it as it was found, or not at all. */
function chosen<T extends SchemaObject>(
  kind: ObjectKind,
  found: readonly T[],
  wanted: readonly T[],
  leavesOut: LeavesOut,
  table?: string,
): T[] {
  const place = table === undefined ? {} : { table };
  const kept = wanted.flatMap((item) => {
    const before = byName(found, item.name);
    if (!leavesOut({ kind, found: before, wanted: item, ...place })) return [item];
    return before === undefined ? [] : [before];
  });
  const gone = found.filter(({ name }) => byName(wanted, name) === undefined);
  const staying = gone.filter((item) => leavesOut({ kind, found: item, wanted: undefined, ...place }));
  return [...kept, ...staying];
}

/** A wanted table whose columns that are left out are as they were found, with whatever uses them. */
function withoutColumns(found: Table, wanted: Table, leavesOut: LeavesOut): Table {
  const columns = chosen<Column>('column', found.columns, wanted.columns, leavesOut, wanted.name);
  const isWanted = new Set<Column>(wanted.columns);
  const left = new Set([
    ...columns.filter((column) => !isWanted.has(column)).map(({ name }) => name),
    ...wanted.columns.map(({ name }) => name).filter((name) => byName(columns, name) === undefined),
  ]);
  if (left.size === 0) return wanted;
  const usesLeft = (table: Table): ((item: { readonly name: string }) => boolean) => {
    const used = new Set([...left].flatMap((column) => usesOf(table, column).map(({ name }) => name)));
    return ({ name }) => used.has(name);
  };
  const [foundUses, wantedUses] = [usesLeft(present(found, left)), usesLeft(present(wanted, left))];
  const parts = <T extends { readonly name: string }>(before: readonly T[], after: readonly T[]): T[] => {
    const staying = before.filter(foundUses);
    const names = new Set(staying.map(({ name }) => name));
    return [...after.filter((item) => !wantedUses(item) && !names.has(item.name)), ...staying];
  };
  const keys = [found.primaryKey, wanted.primaryKey];
  const { primaryKey: _, ...rest } = wanted;
  const key = keys.some((each) => each?.columns.some((name) => left.has(name))) ? keys[0] : keys[1];
  return {
    ...rest,
    columns,
    ...(key && { primaryKey: key }),
    indexes: parts(found.indexes, wanted.indexes),
    uniques: parts(found.uniques, wanted.uniques),
    checks: parts(found.checks, wanted.checks),
    foreignKeys: parts(found.foreignKeys, wanted.foreignKeys),
    exclusions: parts(found.exclusions, wanted.exclusions),
  };
}

/** `usesOf` asks for columns that are there. */
function present(table: Table, names: ReadonlySet<string>): Table {
  const missing = [...names].filter((name) => byName(table.columns, name) === undefined);
  if (missing.length === 0) return table;
  const columns = missing.map((name): Column => ({ name, type: { kind: 'text' }, nullable: true }));
  return { ...table, columns: [...table.columns, ...columns] };
}

/** A model's key to a table that is left out and not there would refer to nothing. */
function withoutDangling(table: Table, names: ReadonlySet<string>, model: Table | undefined): Table {
  const foreignKeys = table.foreignKeys.filter(
    (key) => names.has(key.refTable) || !model?.foreignKeys.includes(key),
  );
  return foreignKeys.length === table.foreignKeys.length ? table : { ...table, foreignKeys };
}

/** Enums that what is left out is made of. */
function withEnums(found: Schema, wanted: Schema): Schema {
  const used = new Set(
    wanted.tables.flatMap(({ columns }) =>
      columns.flatMap(({ type }) => {
        let element = type;
        while (element.kind === 'array') element = element.of;
        return element.kind === 'enum' ? [element.name] : [];
      }),
    ),
  );
  const missing = found.enums.filter(
    ({ name }) => used.has(name) && byName(wanted.enums, name) === undefined,
  );
  return missing.length === 0 ? wanted : { ...wanted, enums: [...wanted.enums, ...missing] };
}
