/** What a unit of work writes of trees: their other shape is kept within its transaction. */

import type { Connection } from '../../dialects/contract.js';
import type { EntityMap, MappedRelation, Values } from '../../query/mapping/entity-map.js';
import { rowOf } from '../../query/mapping/row-state.js';
import { isKept, keepTree, lockTree, type Places, showPlace } from '../../query/trees/keep-tree.js';
import type { Memory } from './memory.js';
import type { Plan } from './plan.js';
import { isEntity, ownerOf, type Subject, type Update } from './subject.js';

/** The rows of one tree whose place is new. */
export interface TreeChange {
  readonly map: EntityMap;
  readonly inserted: object[];
  readonly moved: object[];
  /** How others are kept from changing the tree meanwhile, where this needs it. */
  lock: 'share' | 'update' | undefined;
}

/** Undefined where a plan leaves every tree as it is: which is known without looking at rows. */
export function treeChanges(plan: Plan): readonly TreeChange[] | undefined {
  let found: Map<unknown, TreeChange> | undefined;
  const changeOf = (map: EntityMap): TreeChange => {
    found ??= new Map();
    const change = found.get(treeName(map)) ?? { map, inserted: [], moved: [], lock: undefined };
    found.set(treeName(map), change);
    return change;
  };
  for (const { map, subjects } of plan.inserts) {
    if (!isKept(map)) continue;
    const change = changeOf(map);
    change.inserted.push(...subjects.map(({ entity }) => entity));
    if (subjects.some((subject) => standsBelowOld(subject))) change.lock = 'share';
  }
  const move = (subject: Subject, isMoved: boolean): void => {
    const change = isMoved && subject.knowledge !== 'new' ? changeOf(subject.map) : undefined;
    if (change === undefined) return;
    change.lock = 'update';
    if (!change.moved.includes(subject.entity)) change.moved.push(subject.entity);
  };
  for (const update of [...plan.early, ...plan.updates]) {
    if (update.subject.map.meta.tree !== undefined) move(update.subject, hasNewParent(update));
  }
  // What they change is only known when it is written.
  for (const subject of plan.late) if (subject.map.meta.tree !== undefined) move(subject, true);
  for (const { map } of [...plan.earlyDeletes.batches, ...plan.deletes.batches]) {
    // Rows that go and rows that move could wait for each other.
    if (isKept(map) && map.dialect.writeForms.treeLock !== undefined) changeOf(map).lock = 'update';
  }
  return found === undefined ? undefined : [...found.values()];
}

/** What tells trees apart: classes of one family may share one. */
function treeName(map: EntityMap): unknown {
  const { tree } = map.meta;
  return tree?.owner === undefined ? map.root : map.mapOf(tree.owner);
}

function hasNewParent({ changes, subject: { map } }: Update): boolean {
  const { local, remote } = parentOf(map);
  // Where parents are not named by the primary key, a row may get another name.
  return changes.some(({ column }) => local.includes(column) || remote.includes(column));
}

function parentOf(map: EntityMap): Pick<MappedRelation, 'local' | 'remote'> {
  return map.relation(map.meta.tree?.parent ?? '') ?? { local: [], remote: [] };
}

/** Whether a new row's parent is not new itself, so that somebody else may be moving it. */
function standsBelowOld(subject: Subject): boolean {
  const { map, entity } = subject;
  const relation = map.relation(map.meta.tree?.parent ?? '');
  if (relation === undefined) return false;
  const owner = ownerOf(subject, relation);
  if (owner === null || owner === undefined) {
    return relation.local.some(
      ({ meta }) => meta.role !== 'relation' && (entity[meta.property] ?? null) !== null,
    );
  }
  return (
    !isEntity(owner) ||
    rowOf(owner) !== undefined ||
    relation.remote.every(({ meta }) => owner[meta.property] !== undefined)
  );
}

/** Before anything is written. */
export async function beginTrees(connection: Connection, trees: readonly TreeChange[]): Promise<void> {
  for (const { map, lock } of trees) if (lock !== undefined) await lockTree(connection, map, lock);
}

/** When the rows stand with their parents' keys; their entities are told their places. @throws TREE_CYCLE */
export async function finishTrees(
  connection: Connection,
  trees: readonly TreeChange[],
  memory: Memory,
): Promise<void> {
  for (const { map, inserted, moved } of trees) {
    if (inserted.length === 0 && moved.length === 0) continue;
    const places = await keepTree(connection, map, inserted, moved);
    const told = new Set<object>();
    for (const entity of [...inserted, ...moved]) tellPlace(map, entity as Values, places, memory, told);
  }
}

/** Shows the place on an entity, and on those below it that were loaded into its lists. */
function tellPlace(map: EntityMap, entity: Values, places: Places, memory: Memory, told: Set<object>): void {
  if (told.has(entity) || rowOf(entity) === undefined) return;
  told.add(entity);
  const found = places(entity);
  for (const { column } of found) if (column.meta.path.length > 0) memory.keepPath(entity, column.meta.path);
  showPlace(map, entity, found);
  const children = entity[map.meta.tree?.children ?? ''];
  if (found.length === 0 || !Array.isArray(children)) return;
  for (const child of children) if (isEntity(child)) tellPlace(map, child, places, memory, told);
}
