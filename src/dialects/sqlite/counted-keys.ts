/**
 * Whether the keys of rows that one INSERT writes are known from the last of them. SQLite counts on from the largest
 * ("ROWIDs and the INTEGER PRIMARY KEY"), which is as good as RETURNING and costs half; but not where a trigger
 * may write rows in between, a row may be left out, or the numbers come to their end.
 */

import { quoteIdentifier } from './literals.js';
import type { NativeDatabase, NativeStatement } from './native.js';

/** Beyond it SQLite may come near its largest key, and then takes others at random. */
const LARGEST = 2 ** 52;

const TABLE = `SELECT s.sql FROM pragma_table_list(?) AS l JOIN main.sqlite_schema AS s ON s.name = l.name
WHERE l.schema = 'main' AND l.type = 'table' AND l.wr = 0 AND s.type = 'table'`;
const KEY = `WITH t(name) AS (SELECT ?)
SELECT 1 FROM t, pragma_table_info(t.name) AS c WHERE c.pk > 0 AND (c.name <> ? OR upper(c.type) <> 'INTEGER')
UNION ALL SELECT 1 FROM t, pragma_index_list(t.name) AS i WHERE i.origin = 'pk'
UNION ALL SELECT 1 FROM t JOIN main.sqlite_schema AS s ON s.tbl_name = t.name COLLATE NOCASE AND s.type = 'trigger'
UNION ALL SELECT 1 FROM t JOIN temp.sqlite_schema AS s ON t.name COLLATE NOCASE IN (s.name, s.tbl_name)`;

/** What leaves the schema as it is, whatever else it does. */
const DATA = /^\s*(?:insert|update|delete|replace|select|with|begin|commit|savepoint|release)\b/i;

/** Whether a statement may change the schema, or bring a former one back. */
export function mayChangeSchema(sql: string): boolean {
  return !DATA.test(sql);
}

export class CountedKeys {
  readonly #native: NativeDatabase;
  /** By table and column: what asks for the largest key; undefined where keys are not counted. */
  readonly #tables = new Map<string, NativeStatement | undefined>();
  #version: NativeStatement | undefined;
  #knownVersion: unknown;

  constructor(native: NativeDatabase) {
    this.#native = native;
  }

  /** After a statement of this connection; those of others are seen by the version of the schema. */
  forget(): void {
    this.#tables.clear();
  }

  /** Whether rows that leave a column open get neighbouring numbers in it, in their order. */
  isCounted(table: string, column: string): boolean {
    this.#version ??= this.#native.prepare('PRAGMA main.schema_version').raw(true);
    const version = firstOf(this.#version);
    if (version !== this.#knownVersion) this.#tables.clear();
    this.#knownVersion = version;
    const name = `${table}\n${column}`;
    let largest = this.#tables.get(name);
    if (largest === undefined && !this.#tables.has(name)) {
      largest = this.#largestOf(table, column);
      this.#tables.set(name, largest);
    }
    return largest !== undefined && Number(firstOf(largest) ?? 0) < LARGEST;
  }

  #largestOf(table: string, column: string): NativeStatement | undefined {
    const [row] = this.#native.prepare(TABLE).raw(true).all([table]) as [string][];
    if (row === undefined || /\bon\s+conflict\b/i.test(row[0])) return undefined;
    if (this.#native.prepare(KEY).all([table, column]).length > 0) return undefined;
    const [key, from] = [quoteIdentifier(column), quoteIdentifier(table)];
    return this.#native.prepare(`SELECT max(${key}) FROM main.${from}`).raw(true);
  }
}

function firstOf(statement: NativeStatement): unknown {
  return (statement.all([])[0] as unknown[] | undefined)?.[0];
}
