/**
 * What an entity holds after its row was written: keys of other rows by both of their names (`authorId` and
 * `author`), and lists that are known from now on.
 */

import { keyName } from '../../query/find/row-keys.js';
import { storedValue } from '../../query/mapping/column-values.js';
import {
  type EntityMap,
  type KeyLink,
  type MappedColumn,
  type MappedRelation,
  type Values,
  writePath,
} from '../../query/mapping/entity-map.js';
import { readColumn } from '../../query/mapping/read-column.js';
import { relatedOf, setRelated } from '../../query/mapping/related.js';
import {
  additionsOf,
  forgetHidden,
  isHidden,
  layoutOf,
  membersOf,
  rememberAdditions,
  rememberMembers,
  rowOf,
} from '../../query/mapping/row-state.js';
import { linksOf, tellingColumn } from '../../query/mapping/shared-keys.js';
import type { List } from './lists.js';
import type { Memory } from './memory.js';
import { settleListIds, settleRowIds } from './settle-ids.js';
import { isEntity, type Subject } from './subject.js';

/** Columns that hold the key of another row. */
const keyColumns = new WeakMap<EntityMap, readonly MappedColumn[]>();

function keyColumnsOf(map: EntityMap): readonly MappedColumn[] {
  let columns = keyColumns.get(map);
  if (columns === undefined) {
    columns = map.columns.filter(({ relation }) => relation !== undefined);
    keyColumns.set(map, columns);
  }
  return columns;
}

/** Lets the properties of a subject say what its row holds, where they said something else. */
export function settleKeys(subject: Subject, memory: Memory): void {
  const { map, entity, given, knowledge } = subject;
  const columns = keyColumnsOf(map);
  if (columns.length === 0) return;
  if (map.meta.relationIds.length > 0) settleRowIds(subject, memory);
  const row = rowOf(entity);
  const layout = layoutOf(entity);
  if (row === undefined || layout === undefined) return;
  for (const column of columns) {
    const stored = storedValue(row, layout, column);
    if (stored === undefined) continue;
    // What was not read is not shown; a new row is shown whole.
    const isShown = knowledge === 'new' || readColumn(column, entity) !== undefined;
    if (column.meta.role !== 'relation' && isShown) settleOwn(map, column, entity, stored, memory);
    for (const link of linksOf(column)) {
      const owner = given?.get(tellingColumn(link.map.local))?.owner;
      settleRelation({ ...link, column, row, layout }, entity, stored, owner, memory);
    }
  }
}

type Stored = NonNullable<ReturnType<typeof storedValue>> | null;

function settleOwn(
  map: EntityMap,
  column: MappedColumn,
  entity: Values,
  stored: Stored,
  memory: Memory,
): void {
  const own = readColumn(column, entity);
  if (own !== undefined && keyName([column.encode(own)]) === keyName([stored])) return;
  memory.keepPath(entity, column.meta.path);
  writePath(map, entity, column.meta.path, column.decode(stored));
}

interface LinkInRow extends KeyLink {
  readonly column: MappedColumn;
  readonly row: NonNullable<ReturnType<typeof rowOf>>;
  readonly layout: NonNullable<ReturnType<typeof layoutOf>>;
}

/** A related entity that is no longer the one of the row makes room for the one that is, where that is known. */
function settleRelation(
  { map: relation, referenced, column, row, layout }: LinkInRow,
  entity: Values,
  stored: Stored,
  owner: Values | undefined,
  memory: Memory,
): void {
  const { property } = relation.meta;
  const related = relatedOf(entity, relation);
  if (related === undefined || related === null) {
    const isStale = related === null && stored !== null && !isHidden(entity, property);
    const isWhole = (): boolean =>
      relation.local.every((each) => (storedValue(row, layout, each) ?? null) !== null);
    if (isStale && isWhole()) replace(entity, relation, owner, memory);
    return;
  }
  forgetHidden(entity, property);
  if (owner !== undefined && isEntity(related)) {
    if (related !== owner && !holds(related, referenced(), stored)) replace(entity, relation, owner, memory);
    return;
  }
  const key = isEntity(related) ? readColumn(referenced(), related) : related;
  if (stored === null) replace(entity, relation, null, memory);
  else if (keyName([column.encode(key)]) !== keyName([stored])) replace(entity, relation, undefined, memory);
}

function holds(entity: Values, column: MappedColumn, stored: Stored): boolean {
  const value = readColumn(column, entity);
  return value !== undefined && value !== null && keyName([column.encode(value)]) === keyName([stored]);
}

function replace(entity: Values, relation: MappedRelation, value: unknown, memory: Memory): void {
  memory.keepPath(entity, relation.meta.path);
  setRelated(entity, relation, value);
}

/** Remembers who is in a list: whole where it was loaded or its owner is new, else as far as it was added to. */
export function settleList(list: List, memory: Memory): void {
  const { subject, relation, members, isWhole } = list;
  const { map, entity, knowledge } = subject;
  const { property } = relation.meta;
  if (rowOf(entity) === undefined) return;
  const isAllKnown = isWhole || knowledge === 'new';
  if (isAllKnown && map.meta.relationIds.length > 0) settleListIds(list, memory);
  const known = isAllKnown ? membersOf(entity, property) : additionsOf(entity, property);
  if (known !== undefined && known.size === members.length && members.every((each) => known.has(each)))
    return;
  memory.keep(entity);
  (isAllKnown ? rememberMembers : rememberAdditions)(entity, property, members);
}
