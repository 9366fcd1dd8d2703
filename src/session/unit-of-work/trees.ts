/** What a unit of work writes of trees: their other shape is kept within its transaction. */

import type { Connection } from '../../dialects/contract.js';
import type { EntityMap } from '../../query/mapping/entity-map.js';
import { keepTree, lockTree } from '../../query/trees/keep-tree.js';
import type { Plan } from './plan.js';
import type { Subject, Update } from './subject.js';

/** The rows of one tree whose place is new. */
export interface TreeChange {
  readonly map: EntityMap;
  readonly inserted: object[];
  readonly moved: object[];
}

/** Undefined where a plan leaves every tree as it is: which is known without looking at rows. */
export function treeChanges(plan: Plan): readonly TreeChange[] | undefined {
  let found: Map<EntityMap, TreeChange> | undefined;
  const changeOf = (map: EntityMap): TreeChange => {
    found ??= new Map();
    const change = found.get(map.root) ?? { map, inserted: [], moved: [] };
    found.set(map.root, change);
    return change;
  };
  for (const { map, subjects } of plan.inserts) {
    if (map.meta.tree === undefined || map.meta.tree.kind === 'adjacency') continue;
    changeOf(map).inserted.push(...subjects.map(({ entity }) => entity));
  }
  const move = (subject: Subject, isMoved: boolean): void => {
    const change = isMoved && subject.knowledge !== 'new' ? changeOf(subject.map) : undefined;
    if (change !== undefined && !change.moved.includes(subject.entity)) change.moved.push(subject.entity);
  };
  for (const update of [...plan.early, ...plan.updates]) {
    if (update.subject.map.meta.tree !== undefined) move(update.subject, hasNewParent(update));
  }
  // What they change is only known when it is written.
  for (const subject of plan.late) if (subject.map.meta.tree !== undefined) move(subject, true);
  return found === undefined ? undefined : [...found.values()];
}

function hasNewParent({ changes, subject: { map } }: Update): boolean {
  const parent = map.relation(map.meta.tree?.parent ?? '')?.local ?? [];
  return changes.some(({ column }) => parent.includes(column));
}

/** Before anything is written. */
export async function beginTrees(connection: Connection, trees: readonly TreeChange[]): Promise<void> {
  for (const { map } of trees) await lockTree(connection, map);
}

/** When the rows stand with their parents' keys. @throws TREE_CYCLE */
export async function finishTrees(connection: Connection, trees: readonly TreeChange[]): Promise<void> {
  for (const { map, inserted, moved } of trees) await keepTree(connection, map, inserted, moved);
}
