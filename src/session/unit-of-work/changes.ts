/** What a unit of work would write, as data to read: nothing is sent. */

import type { EntityClass } from '../../metadata/entity.js';
import { storedValue } from '../../query/mapping/column-values.js';
import type { MappedColumn, Values } from '../../query/mapping/entity-map.js';
import { readColumn } from '../../query/mapping/read-column.js';
import { relatedOf } from '../../query/mapping/related.js';
import { layoutOf, rowOf } from '../../query/mapping/row-state.js';
import { linksOf, staysOnNull } from '../../query/mapping/shared-keys.js';
import type { Graph } from './graph.js';
import type { JoinChange } from './lists.js';
import { type Deletes, type Plan, planOf, updateOf } from './plan.js';
import type { Subject, Update } from './subject.js';

interface ChangeOf<K extends string> {
  readonly kind: K;
  readonly entity: EntityClass;
  readonly table: string;
}

/** A row that comes. */
export interface InsertChange extends ChangeOf<'insert'> {
  /** By property; a key that the database makes is not there yet. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** A row that changes. */
export interface UpdateChange extends ChangeOf<'update'> {
  readonly key: Readonly<Record<string, unknown>>;
  /** By property: what the row holds, as far as it was read, and what it will hold. */
  readonly changed: Readonly<Record<string, readonly [before: unknown, after: unknown]>>;
}

/** A row that goes. */
export interface DeleteChange extends ChangeOf<'delete'> {
  readonly key: Readonly<Record<string, unknown>>;
}

/** A row of a join table that comes or goes; `undefined` for keys that are not made yet. */
export interface LinkChange extends ChangeOf<'link' | 'unlink'> {
  readonly property: string;
  readonly key: Readonly<Record<string, unknown>>;
  readonly member: Readonly<Record<string, unknown>>;
}

/** One row that a flush would write. */
export type PlannedChange = InsertChange | UpdateChange | DeleteChange | LinkChange;

/** The changes of a graph, in the order in which they would be written. */
export function changesOfGraph(graph: Graph): PlannedChange[] {
  const plan: Plan = planOf(graph);
  return [
    ...deletedOf(plan.earlyDeletes),
    ...plan.early.map(updated),
    ...plan.inserts.flatMap(({ subjects }) => subjects.map(inserted)),
    ...plan.updates.map(updated),
    ...plan.late.flatMap(lateUpdated),
    ...plan.links.map(joined),
    ...plan.unlinks.map(joined),
    ...deletedOf(plan.deletes),
  ];
}

function deletedOf({ batches }: Deletes): DeleteChange[] {
  return batches.flatMap(({ subjects }) => subjects.map(deleted));
}

function headOf<K extends string>(kind: K, { map: { meta } }: Subject): ChangeOf<K> {
  return { kind, entity: meta.target, table: meta.tableName };
}

function inserted(subject: Subject): InsertChange {
  const values: Values = {};
  for (const column of subject.map.columns) {
    const value = plannedValue(subject, column);
    if (value !== undefined) values[column.meta.property] = value;
  }
  return { ...headOf('insert', subject), values };
}

function updated({ subject, changes }: Update): UpdateChange {
  const changed: Record<string, readonly [unknown, unknown]> = {};
  for (const { column, value } of changes) {
    changed[column.meta.property] = [before(subject, column), column.decode(value)];
  }
  return { ...headOf('update', subject), key: keyOf(subject), changed };
}

/** What waits for a key that is not made yet shows the new row's place as undefined. */
function lateUpdated(subject: Subject): UpdateChange[] {
  const changed: Record<string, readonly [unknown, unknown]> = {};
  try {
    const update = updateOf(subject);
    if (update !== undefined) return [updated(update)];
  } catch {
    // A key that is still to be made.
  }
  for (const column of subject.map.columns) {
    if (column.relation === undefined) continue;
    const after = plannedValue(subject, column);
    const then = before(subject, column);
    if (after !== then) changed[column.meta.property] = [then, after];
  }
  return [{ ...headOf('update', subject), key: keyOf(subject), changed }];
}

function deleted(subject: Subject): DeleteChange {
  return { ...headOf('delete', subject), key: keyOf(subject) };
}

function joined({ kind, relation, owner, member }: JoinChange): LinkChange {
  const head = { kind, entity: owner.map.meta.target, table: relation.meta.joinTable?.name ?? '' };
  const memberKey = relation.target.key.map((column) => [column.meta.property, readColumn(column, member)]);
  return {
    ...head,
    property: relation.meta.property,
    key: keyOf(owner),
    member: Object.fromEntries(memberKey),
  };
}

function keyOf({ map, entity }: Subject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(map.key.map((column) => [column.meta.property, readColumn(column, entity)]));
}

function before({ entity }: Subject, column: MappedColumn): unknown {
  const [row, layout] = [rowOf(entity), layoutOf(entity)];
  const stored = row !== undefined && layout !== undefined ? storedValue(row, layout, column) : undefined;
  return stored === undefined ? undefined : column.decode(stored);
}

function plannedValue({ entity, given }: Subject, column: MappedColumn): unknown {
  const told = given?.get(column);
  if (told !== undefined) return told.owner === undefined ? told.value : readColumn(told.column, told.owner);
  const own = column.meta.role === 'relation' ? undefined : readColumn(column, entity);
  if (own !== undefined || column.relation === undefined) return own;
  const said = linksOf(column).map(({ map, referenced }) => {
    const related = relatedOf(entity, map);
    if (related === null) return staysOnNull(column, map) ? undefined : null;
    return typeof related === 'object' ? readColumn(referenced(), related) : related;
  });
  return said.find((value) => value !== undefined);
}
