/** What `@RelationId` shows of an entity, after its row or one of its lists was written. */

import { deepEqual } from '../../base/structure.js';
import type { SqlValue } from '../../dialects/contract.js';
import { shownColumns, shownKey, shownValues } from '../../query/find/relation-ids.js';
import { storedValue } from '../../query/mapping/column-values.js';
import {
  type EntityMap,
  isOwningToOne,
  type MappedRelation,
  type Values,
  writePath,
} from '../../query/mapping/entity-map.js';
import { readColumn } from '../../query/mapping/read-column.js';
import { relatedOf, valueAt } from '../../query/mapping/related.js';
import { layoutOf, rowOf } from '../../query/mapping/row-state.js';
import type { List } from './lists.js';
import type { Memory } from './memory.js';
import type { Subject } from './subject.js';

/** Keys that the row itself holds, where the entity shows them or says what they are the keys of. */
export function settleRowIds({ map, entity }: Subject, memory: Memory): void {
  for (const { path, relation: name } of map.meta.relationIds) {
    const relation = map.relation(name) as MappedRelation;
    if (!isOwningToOne(relation.meta)) continue;
    if (valueAt(entity, path) === undefined && relatedOf(entity, relation) === undefined) continue;
    const [row, layout] = [rowOf(entity), layoutOf(entity)];
    if (row === undefined || layout === undefined) continue;
    const key = relation.local.map((column) => storedValue(row, layout, column));
    if (key.includes(undefined)) continue;
    const shown = key.includes(null) ? null : shownKey(relation.remote, key as SqlValue[]);
    show(map, entity, path, shown, memory);
  }
}

/** Keys of the members of a list that is known from end to end. */
export function settleListIds({ subject, relation, members }: List, memory: Memory): void {
  const { map, entity } = subject;
  for (const { path, relation: name } of map.meta.relationIds) {
    if (name !== relation.meta.property) continue;
    const columns = shownColumns(relation);
    const ids = members.map((member) =>
      shownValues(
        columns,
        columns.map((column) => readColumn(column, member)),
      ),
    );
    show(map, entity, path, relation.toMany ? ids : (ids[0] ?? null), memory);
  }
}

function show(map: EntityMap, entity: Values, path: readonly string[], value: unknown, memory: Memory): void {
  if (deepEqual(valueAt(entity, path), value)) return;
  memory.keepPath(entity, path);
  writePath(map, entity, path, value);
}
