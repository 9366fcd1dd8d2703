/** The schema of a PostgreSQL database, from one reading of its catalog. */

import type { Schema, Table, Trigger } from '../../schema/model.js';
import { normalize } from '../../schema/normalize.js';
import { splitTableName } from '../../schema/table-names.js';
import type { Connection, IntrospectionScope } from '../contract.js';
import {
  type Catalog,
  type CatalogColumn,
  type CatalogTable,
  type QualifiedName,
  readCatalog,
} from './catalog.js';
import { type CatalogParts, describeTable } from './describe-table.js';

/**
 * Everything that the model can hold. Left out are tables of extensions, partitioned tables with their partitions,
 * foreign and temporary tables: nobody is to change or drop them for not being in a model.
 */
export async function introspect(connection: Connection, scope: IntrospectionScope): Promise<Schema> {
  const catalog = await readCatalog(connection, scope.schemas);
  const nameOf = namesIn(catalog.defaultSchema);
  const ignored = new Set(scope.ignoreTables);
  const tables = catalog.tables.filter(({ name }) => !ignored.has(nameOf(name)));
  const enums = new Map(catalog.enums.map(({ oid, name }) => [oid, nameOf(name)]));
  const parts = partsByTable(catalog);
  const { operatorClasses, collations } = catalog;
  const naming = { nameOf, enums, operatorClasses, collations, columnsOf: parts.columns };
  const owners = new Map<number, string>(
    [...tables, ...catalog.views].map(({ oid, name }) => [oid, nameOf(name)]),
  );
  return normalize({
    tables: tables.map((table): Table => describeTable(table, parts.of(table), naming)),
    enums: catalog.enums.map(({ name, values }) => ({ name: nameOf(name), values: values ?? [] })),
    views: catalog.views.map(({ name, query, materialized }) => ({
      name: nameOf(name),
      query: query.trim().replace(/;$/, ''),
      ...(materialized && { materialized }),
    })),
    sequences: catalog.sequences.map(({ name, start, increment }) => ({
      name: nameOf(name),
      // Downwards a sequence begins at -1 ("CREATE SEQUENCE").
      ...(start !== (increment < 0 ? -1 : 1) && { start }),
      ...(increment !== 1 && { increment }),
    })),
    triggers: catalog.triggers.flatMap(({ table, name, text }): Trigger[] => {
      const owner = owners.get(table);
      return owner === undefined ? [] : [{ name, table: owner, sql: { postgres: text } }];
    }),
  });
}

/** How the model calls what lies in a schema: bare in the default one, unless a dot in the name would mislead. */
export function namesIn(defaultSchema: string): (name: QualifiedName) => string {
  return ([schema, name]) => {
    const isBare = schema === defaultSchema && splitTableName(name).schema === undefined;
    return isBare ? name : `${schema}.${name}`;
  };
}

/** What belongs to each table, by its oid. */
function partsByTable(catalog: Catalog) {
  const group = <T extends { readonly table: number }>(list: readonly T[]): Map<number, T[]> => {
    const groups = new Map<number, T[]>();
    for (const item of list) {
      const found = groups.get(item.table);
      if (found) found.push(item);
      else groups.set(item.table, [item]);
    }
    return groups;
  };
  const columns = group(catalog.columns);
  const constraints = group(catalog.constraints);
  const indexes = group(catalog.indexes);
  const numbered = new Map<number, ReadonlyMap<number, CatalogColumn>>();
  return {
    of: ({ oid }: CatalogTable): CatalogParts => ({
      columns: columns.get(oid) ?? [],
      constraints: constraints.get(oid) ?? [],
      indexes: indexes.get(oid) ?? [],
    }),
    columns(oid: number): ReadonlyMap<number, CatalogColumn> {
      let found = numbered.get(oid);
      if (found === undefined) {
        found = new Map((columns.get(oid) ?? []).map((column) => [column.number, column]));
        numbered.set(oid, found);
      }
      return found;
    },
  };
}
