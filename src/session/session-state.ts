/**
 * What a session stands for at one moment, to go back to it when a transaction is rolled back that the session has
 * joined: what was added and removed, and what was changed in entities and not flushed.
 */

import { type EntityMap, type Values, writePath } from '../query/mapping/entity-map.js';
import { readColumn } from '../query/mapping/read-column.js';
import { relatedOf, setRelated } from '../query/mapping/related.js';
import { changesOf } from '../query/write/update.js';
import { isChanged } from './adopt.js';
import type { Managed } from './identity-map.js';

/** Puts back what was changed in an entity, over what its row holds. */
type Redo = () => void;

/** What was changed in entities and not flushed. */
export class Changes {
  readonly #byEntity = new Map<object, readonly Redo[]>();

  constructor(all: Iterable<Managed>) {
    for (const { map, entity } of all) {
      const changes = changesIn(map, entity);
      if (changes.length > 0) this.#byEntity.set(entity, changes);
    }
  }

  redo(entity: object): void {
    for (const redo of this.#byEntity.get(entity) ?? []) redo();
  }
}

/** Whether anything in an entity differs from its row and from the lists that were loaded. */
export function isModified(map: EntityMap, entity: Values): boolean {
  return changesIn(map, entity).length > 0;
}

function changesIn(map: EntityMap, entity: Values): Redo[] {
  const redo: Redo[] = [];
  for (const column of changedColumns(map, entity)) {
    if (column.meta.role === 'relation') continue;
    const value = readColumn(column, entity);
    if (value !== undefined) redo.push(() => writePath(map, entity, column.meta.path, value));
  }
  for (const relation of map.relations()) {
    if (!isChanged(relation, entity)) continue;
    const value = relatedOf(entity, relation);
    redo.push(() => setRelated(entity, relation, Array.isArray(value) ? [...value] : value));
  }
  return redo;
}

function changedColumns(map: EntityMap, entity: Values) {
  try {
    return changesOf(map, entity).changes.map(({ column }) => column);
  } catch {
    // What does not fit a column: the flush will say so.
    return map.columns;
  }
}
