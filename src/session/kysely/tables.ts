/**
 * The tables of all entities as a query names them: property names beside the columns that they mean.
 *
 * A to-one relation appears as the key that its table holds (`authorId`), what lies in an embedded object under
 * its path in camel case (`addressStreet`). Read from the registry when a table is first named.
 */

import type { JoinColumnMetadata } from '../../metadata/entity.js';
import {
  type EntityMap,
  isOwningToOne,
  type MappedColumn,
  type Mapping,
} from '../../query/mapping/entity-map.js';

/** A column of something that a query reads. */
export interface NamedColumn {
  /** Its name in SQL. */
  readonly sql: string;
  /** How its values are written and read; undefined where they are what the driver makes of them. */
  readonly codec?: MappedColumn | undefined;
}

/** A table that entities, or a many-to-many relation, lie in. */
export interface KnownTable {
  readonly name: string;
  /** By the name under which a query knows it. */
  readonly columns: ReadonlyMap<string, NamedColumn>;
  /** By the name in the database, for whoever names that. */
  readonly bySql: ReadonlyMap<string, NamedColumn>;
  /** Entities that lie in it. */
  readonly owner: string;
  /** What is a property and no column, with the names to use in its place. */
  readonly others: ReadonlyMap<string, readonly string[]>;
}

export class KnownTables {
  readonly #mapping: Mapping;
  readonly #known = new Map<string, KnownTable | undefined>();

  constructor(mapping: Mapping) {
    this.#mapping = mapping;
  }

  /** A table by its name in the database; undefined where no entity has it. */
  get(name: string): KnownTable | undefined {
    if (this.#known.has(name)) return this.#known.get(name);
    const table = this.#entityTable(name) ?? this.#joinTable(name);
    this.#known.set(name, table);
    return table;
  }

  #entityTable(name: string): KnownTable | undefined {
    // Classes of one family may share a table.
    const metas = this.#mapping.registry.entities.filter(({ tableName }) => tableName === name);
    if (metas.length === 0) return undefined;
    const table = new TableNames(name, metas.map((meta) => meta.name).join(', '));
    const maps = metas.map(({ target }) => this.#mapping.of(target));
    for (const map of maps) table.addProperties(map);
    for (const map of maps) table.addKeys(map);
    return table;
  }

  #joinTable(name: string): KnownTable | undefined {
    for (const { target, relations } of this.#mapping.registry.entities) {
      const relation = relations.find(({ joinTable, owning }) => owning && joinTable?.name === name);
      if (relation?.joinTable === undefined) continue;
      const table = new TableNames(name, `${name}`);
      const { joinColumns, inverseJoinColumns } = relation.joinTable;
      table.addReferences(this.#mapping.of(target), joinColumns);
      table.addReferences(this.#mapping.of(relation.target), inverseJoinColumns);
      return table;
    }
    return undefined;
  }
}

class TableNames implements KnownTable {
  readonly name: string;
  readonly owner: string;
  readonly columns = new Map<string, NamedColumn>();
  readonly bySql = new Map<string, NamedColumn>();
  readonly others = new Map<string, readonly string[]>();

  constructor(name: string, owner: string) {
    this.name = name;
    this.owner = owner;
  }

  addProperties(map: EntityMap): void {
    for (const column of map.columns) {
      const { path, role, name } = column.meta;
      this.#add(this.bySql, name, column, name);
      if (role === 'relation' || path.length === 0) continue;
      this.#add(this.columns, flatName(path), column, name);
      if (path.length > 1) this.#addOther(path[0] as string, flatName(path));
    }
  }

  /** The keys of to-one relations, beside properties of their own that may say the same. */
  addKeys(map: EntityMap): void {
    for (const relation of map.relations()) {
      const { path } = relation.meta;
      const outer = path[0] as string;
      if (!isOwningToOne(relation.meta)) {
        if (!this.others.has(outer)) this.others.set(outer, []);
        continue;
      }
      relation.local.forEach((column, i) => {
        const key = flatName([...path, queryName(relation.remote[i] as MappedColumn)]);
        this.#add(this.columns, key, column, column.meta.name);
        this.#addOther(outer, key);
      });
    }
  }

  /** Columns of a join table, which have no names but their own. */
  addReferences(map: EntityMap, columns: readonly JoinColumnMetadata[]): void {
    for (const { column, referenced } of columns) {
      this.#add(this.columns, column, map.columnNamed(referenced), column);
      this.#add(this.bySql, column, map.columnNamed(referenced), column);
    }
  }

  #add(names: Map<string, NamedColumn>, name: string, codec: MappedColumn, sql: string): void {
    if (!names.has(name)) names.set(name, { sql, codec });
  }

  #addOther(property: string, name: string): void {
    this.others.set(property, [...(this.others.get(property) ?? []), name]);
  }
}

/** The name of a column where another table's key is made of it; that key may be a relation's itself. */
function queryName(column: MappedColumn): string {
  const { path, role } = column.meta;
  if (role !== 'relation' || column.relation === undefined) return flatName(path);
  return flatName([...path, queryName(column.relation.referenced())]);
}

/** `['address', 'street']` → `addressStreet`. */
function flatName([first = '', ...rest]: readonly string[]): string {
  return first + rest.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
}
