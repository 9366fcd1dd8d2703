/** One entity whose row is known and whose relations say nothing: the commonest save, without a graph around it. */

import type { Connection, MaybePromise } from '../../dialects/contract.js';
import type { EntityMap, Values } from '../../query/mapping/entity-map.js';
import { rowOf } from '../../query/mapping/row-state.js';
import { chain } from '../../query/maybe-promise.js';
import { absorbUpdate, changesOf, type EntityChanges } from '../../query/write/update.js';
import { type RowUpdate, updateRows } from '../../query/write/update-rows.js';
import type { Journal } from '../scope.js';
import type { Entry, Work } from './graph.js';
import { Memory } from './memory.js';

/** The entity that is all there is to a unit of work, where it is one that can be written by itself. */
export function aloneIn({ save, insert, remove, softRemove, recover }: Work): Entry | undefined {
  if (save?.length !== 1 || isSome(insert) || isSome(remove) || isSome(softRemove) || isSome(recover)) {
    return undefined;
  }
  const [{ map, entity }] = save as readonly [Entry];
  if (rowOf(entity) === undefined) return undefined;
  const own = map.mapOfInstance(entity);
  return isBare(own, entity as Values) ? { map: own, entity } : undefined;
}

function isSome(entries: readonly Entry[] | undefined): boolean {
  return entries !== undefined && entries.length > 0;
}

function isBare(map: EntityMap, entity: Values): boolean {
  for (const { property } of map.meta.relations) if (entity[property] !== undefined) return false;
  return true;
}

/** What is written of it; undefined where that is nothing, which needs no connection. */
export function changesAlone({ map, entity }: Entry): EntityChanges | undefined {
  const changes = changesOf(map, entity);
  return changes.changes.length === 0 ? undefined : changes;
}

/** Its UPDATE. @throws OPTIMISTIC_LOCK · ROW_GONE */
export function updateAlone(
  connection: Connection,
  { map, entity }: Entry,
  changes: EntityChanges,
  journal: Journal,
): MaybePromise<void> {
  const row: RowUpdate = { entity, changes: changes.changes, key: changes.key, version: changes.version };
  return chain(updateRows(connection, map, [row], ignore, never), () => {
    const memory = new Memory(journal);
    memory.keep(entity);
    for (const { column } of changes.changes) {
      if (column === map.version || column === map.updateDate) memory.keepPath(entity, column.meta.path);
    }
    absorbUpdate(map, entity, changes);
  });
}

const ignore = (): void => {};
const never = (): boolean => false;
