/**
 * The schema that the entities want: what autogenerate compares with the database, and what `createSchema`
 * makes. Plain data; functions such as transformers stay behind on the metadata.
 */

import { byName, type Enum, type Schema, type Table } from '../schema/model.js';
import { normalize } from '../schema/normalize.js';
import type { ColumnMetadata, EntityMetadata, EntityRegistry, JoinColumnMetadata } from './entity.js';

/** A name that an entity says its table or column had before. */
export type Rename =
  | { readonly kind: 'table'; readonly table: string; readonly to: string }
  /** `table` is the table's present name, `name` the column's former one. */
  | { readonly kind: 'column'; readonly table: string; readonly name: string; readonly to: string };

/** The schema of all entities, in normal form: everything that has a name is sorted by it. */
export function toSchema(registry: EntityRegistry): Schema {
  const tables = new Map<string, Table>();
  const own = registry.entities.filter(({ view }) => view === undefined);
  for (const { table } of own) tables.set(table.name, table);
  for (const table of registry.joinTables) tables.set(table.name, table);
  return normalize({
    tables: [...tables.values()],
    enums: enumsOf(own),
    views: registry.entities.flatMap(({ view }) => view ?? []),
    sequences: [],
    triggers: [],
  });
}

function enumsOf(entities: readonly EntityMetadata[]): Enum[] {
  const enums = new Map<string, Enum>();
  for (const column of entities.flatMap((entity) => entity.columns)) {
    const made = enumOf(column);
    if (made !== undefined) enums.set(made.name, made);
  }
  return [...enums.values()];
}

function enumOf({ type, enumValues }: ColumnMetadata): Enum | undefined {
  const single = type.kind === 'array' ? type.of : type;
  return single.kind === 'enum' && enumValues !== undefined
    ? { name: single.name, values: enumValues }
    : undefined;
}

/** What `renamedFrom` says, tables first; each once. */
export function renames(registry: EntityRegistry): readonly Rename[] {
  const found = new Map<string, Rename>();
  const add = (rename: Rename): void => {
    found.set(JSON.stringify(rename), rename);
  };
  const addColumns = (table: string, columns: readonly RenamedColumn[]): void => {
    for (const { renamedFrom, name } of columns) {
      if (renamedFrom !== undefined) add({ kind: 'column', table, name: renamedFrom, to: name });
    }
  };
  for (const { renamedFrom, tableName, relations } of registry.entities) {
    if (renamedFrom !== undefined) add({ kind: 'table', table: renamedFrom, to: tableName });
    for (const { joinTable } of relations) {
      if (joinTable?.renamedFrom !== undefined)
        add({ kind: 'table', table: joinTable.renamedFrom, to: joinTable.name });
    }
  }
  for (const { tableName, table, columns, relations, view } of registry.entities) {
    if (view !== undefined) continue;
    // Columns of a class above may stand in that one's table alone.
    const stands = ({ name }: RenamedColumn): boolean => byName(table.columns, name) !== undefined;
    addColumns(tableName, columns.filter(stands));
    for (const { owning, joinColumns, joinTable } of relations) {
      if (!owning) continue;
      addColumns(tableName, joinColumns.map(asColumn).filter(stands));
      if (joinTable === undefined) continue;
      const { name, inverseJoinColumns } = joinTable;
      addColumns(name, [...joinTable.joinColumns, ...inverseJoinColumns].map(asColumn));
    }
  }
  return [...found.values()];
}

type RenamedColumn = Pick<ColumnMetadata, 'name' | 'renamedFrom'>;

function asColumn({ column, ...rest }: JoinColumnMetadata): RenamedColumn {
  return { ...rest, name: column };
}
