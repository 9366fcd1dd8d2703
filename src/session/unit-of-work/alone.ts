/** One entity whose relations say nothing, new or with a known row: the commonest saves, without a graph around it. */

import type { Connection, MaybePromise } from '../../dialects/contract.js';
import type { EntityMap, MappedColumn, Values } from '../../query/mapping/entity-map.js';
import { valueAt } from '../../query/mapping/related.js';
import { rowOf } from '../../query/mapping/row-state.js';
import { chain } from '../../query/maybe-promise.js';
import { insertEntities } from '../../query/write/insert.js';
import { readMade } from '../../query/write/made-by-update.js';
import { absorbUpdate, changesOf, type EntityChanges } from '../../query/write/update.js';
import { type RowUpdate, updateRows } from '../../query/write/update-rows.js';
import type { Journal } from '../scope.js';
import type { Entry, Work } from './graph.js';
import { Memory } from './memory.js';
import { isKeyless } from './subject.js';

/** The entity that is all there is to a unit of work, where it is one that can be written by itself. */
export function aloneIn({ save, insert, remove, softRemove, recover }: Work): Entry | undefined {
  if (save?.length !== 1 || isSome(insert) || isSome(remove) || isSome(softRemove) || isSome(recover)) {
    return undefined;
  }
  const [{ map, entity }] = save as readonly [Entry];
  const own = map.mapOfInstance(entity);
  if (!isBare(own, entity as Values)) return undefined;
  if (rowOf(entity) === undefined && !(isKeyless(own, entity) && isPlain(own))) return undefined;
  return { map: own, entity };
}

function isSome(entries: readonly Entry[] | undefined): boolean {
  return entries !== undefined && entries.length > 0;
}

/** Whether a new row is written by one INSERT, and nothing beside it. */
function isPlain({ meta, parts }: EntityMap): boolean {
  return meta.tree === undefined && parts === undefined;
}

function isBare(map: EntityMap, entity: Values): boolean {
  for (const { path } of map.meta.relations) if (valueAt(entity, path) !== undefined) return false;
  return true;
}

/** What is written of it; undefined where that is nothing, which needs no connection. */
export function changesAlone({ map, entity }: Entry): EntityChanges | undefined {
  const changes = changesOf(map, entity);
  return changes.changes.length === 0 ? undefined : changes;
}

/** Its INSERT. */
export function insertAlone(
  connection: Connection,
  { map, entity }: Entry,
  journal: Journal,
): MaybePromise<void> {
  const memory = new Memory(journal);
  memory.keepNew(map, entity);
  return insertEntities(connection, map, [entity], true);
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
    return readMade(connection, map, [entity], keepMade(memory));
  });
}

/** Takes note of what an entity holds, before it is shown what the database has made of it. */
export function keepMade(memory: Memory): (entity: object, columns: readonly MappedColumn[]) => void {
  return (entity, columns) => {
    for (const { meta } of columns) memory.keepPath(entity, meta.path);
  };
}

const ignore = (): void => {};
const never = (): boolean => false;
