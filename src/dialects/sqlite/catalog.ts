/**
 * What SQLite's catalog says, as typed rows: one statement for the whole database, so that it is one moment
 * of it, and its cost does not grow with a round trip a table.
 */

import type { Connection } from '../contract.js';

/** A column as `PRAGMA table_xinfo` tells it. */
export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly default: string | null;
  /** Place in the primary key from 1; 0 outside. */
  readonly key: number;
  /** 0 plain, 1 hidden, 2 virtual, 3 stored. */
  readonly hidden: number;
}

/** A table, index, view or trigger of sqlite_schema. */
export interface CatalogObject {
  readonly type: 'table' | 'index' | 'view' | 'trigger';
  readonly name: string;
  /** The table that an index or trigger belongs to. */
  readonly table: string;
  readonly sql: string;
  /** Of tables only. */
  readonly columns: readonly CatalogColumn[];
}

// Rows without SQL are the indexes behind PRIMARY KEY and UNIQUE. Names with sqlite_ are SQLite's own ("The
// Schema Table", 3). Virtual tables and the shadow tables behind them belong to their modules, which may not
// even be loaded: they are left out of everything we do.
const CATALOG = `
  SELECT s.type, s.name, s.tbl_name, s.sql,
    CASE WHEN s.type = 'table' THEN (
      SELECT json_group_array(json_array(x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden))
      FROM pragma_table_xinfo(s.name, 'main') x
    ) END
  FROM main.sqlite_schema s
  WHERE s.sql IS NOT NULL
    AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    AND s.sql NOT LIKE 'CREATE VIRTUAL %'
    AND NOT (s.type = 'table' AND s.name IN (
      SELECT l.name FROM pragma_table_list l WHERE l.schema = 'main' AND l.type = 'shadow'
    ))
  ORDER BY s.rowid`;

type ColumnRow = readonly [string, string, number, string | null, number, number];

/** Reads the catalog of the main database. */
export async function readCatalog(connection: Connection): Promise<CatalogObject[]> {
  const rows = await connection.queryArrays(CATALOG);
  return rows.map(([type, name, table, sql, columns]) => ({
    type: type as CatalogObject['type'],
    name: String(name),
    table: String(table),
    sql: String(sql),
    columns: columns === null ? [] : (JSON.parse(String(columns)) as ColumnRow[]).map(readColumn),
  }));
}

function readColumn([name, type, notNull, dflt, key, hidden]: ColumnRow): CatalogColumn {
  return { name, type, notNull: notNull === 1, default: dflt, key, hidden };
}
