/** Rows of classes that have a table each: into every table that they stand in, the first class's first. */

import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import { type EntityMap, type MappedColumn, writePath } from '../mapping/entity-map.js';
import { readColumn } from '../mapping/read-column.js';
import { layoutOfColumns } from '../mapping/row-layout.js';
import { forgetRow, layoutOf, rememberRow, rowOf } from '../mapping/row-state.js';
import { whole } from './whole.js';

/**
 * Inserts entities of one class, a statement for each table and chunk; the keys that the first one makes go into
 * the others.
 *
 * @param insertPart inserts them into one table and writes back what was generated
 */
export function insertParts(
  connection: Connection,
  map: EntityMap,
  entities: readonly object[],
  remember: boolean,
  insertPart: (part: EntityMap, remember: boolean) => MaybePromise<void>,
): Promise<void> {
  const unset = entities.map((entity) => map.key.filter((column) => isUnset(column, entity)));
  const isOwn = !connection.inTransaction;
  const insert = async (): Promise<void> => {
    const rows = entities.map(() => new Map<string, SqlValue>());
    for (const part of map.parts as readonly EntityMap[]) {
      await insertPart(part, remember);
      if (!remember) continue;
      entities.forEach((entity, i) => {
        keep(entity, part, rows[i] as Map<string, SqlValue>);
      });
    }
    const layout = layoutOfColumns(map, map.columns);
    if (!remember) return;
    entities.forEach((entity, i) => {
      const row = map.columns.map(({ meta }) => rows[i]?.get(meta.name) ?? null);
      rememberRow(entity, row, layout);
    });
  };
  return whole(connection, map.dialect, insert).catch((cause) => {
    // A transaction of the caller's takes back what its journal holds; this one has no journal.
    if (isOwn) {
      entities.forEach((entity, i) => {
        forgetRow(entity);
        for (const column of unset[i] ?? []) writePath(map, entity, column.meta.path, undefined);
      });
    }
    throw cause;
  });
}

function isUnset(column: MappedColumn, entity: object): boolean {
  return column.meta.role !== 'relation' && (readColumn(column, entity) ?? null) === null;
}

function keep(entity: object, part: EntityMap, values: Map<string, SqlValue>): void {
  const [row, layout] = [rowOf(entity), layoutOf(entity)];
  for (const column of part.columns) {
    values.set(column.meta.name, row?.[layout?.positions[column.index] as number] ?? null);
  }
}
