/**
 * Columns that an UPDATE changes without being told: generated ones, and those with ON UPDATE. They are read by key
 * after it, one query for all rows of a statement; entities without such columns pay nothing.
 */

import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import { isComputed } from '../mapping/column-values.js';
import { type EntityMap, type MappedColumn, writePath } from '../mapping/entity-map.js';
import { layoutOfColumns } from '../mapping/row-layout.js';
import { layoutOf, rememberRow, rowOf } from '../mapping/row-state.js';
import { chain } from '../maybe-promise.js';
import { type Key, readKeys, rowName } from './keys.js';
import { keyOf } from './update.js';

const columnsOf = new WeakMap<EntityMap, readonly MappedColumn[]>();

/** The columns of an entity that the database changes by itself; none of most. */
export function madeByUpdate(map: EntityMap): readonly MappedColumn[] {
  let columns = columnsOf.get(map);
  if (columns === undefined) {
    const changing = new Set(
      (map.parts ?? [map]).flatMap(({ meta }) =>
        meta.table.columns.filter((column) => map.dialect.writeForms.changesByItself(column)),
      ),
    );
    const names = new Set([...changing].map(({ name }) => name));
    columns = map.columns.filter(
      (column) => isComputed(column) || (column !== map.updateDate && names.has(column.meta.name)),
    );
    columnsOf.set(map, columns);
  }
  return columns;
}

/**
 * Shows entities what their rows hold after an UPDATE of them.
 *
 * @param told called before the properties of an entity are written
 */
export function readMade(
  connection: Connection,
  map: EntityMap,
  entities: readonly object[],
  told: (entity: object, columns: readonly MappedColumn[]) => void,
): MaybePromise<void> {
  const made = madeByUpdate(map);
  if (made.length === 0 || entities.length === 0) return;
  const keys = entities.map((entity) => keyOf(map, entity));
  return chain(readKeys(connection, map, keys, made), (found) => {
    entities.forEach((entity, i) => {
      const values = found.get(rowName(map.key, keys[i] as Key));
      if (values === undefined) return;
      told(entity, made);
      take(map, entity, made, values);
    });
  });
}

function take(map: EntityMap, entity: object, made: readonly MappedColumn[], values: Key): void {
  made.forEach((column, i) => {
    writePath(map, entity, column.meta.path, column.decode(values[i] ?? null));
  });
  const [row, layout] = [rowOf(entity), layoutOf(entity)];
  if (row === undefined || layout === undefined) return;
  const stored = (column: MappedColumn): SqlValue | undefined => {
    const at = made.indexOf(column);
    return at >= 0 ? (values[at] ?? null) : row[layout.positions[column.index] ?? -1];
  };
  const columns = map.columns.filter((column) => stored(column) !== undefined);
  rememberRow(
    entity,
    columns.map((column) => stored(column) as SqlValue),
    layoutOfColumns(map, columns),
  );
}
