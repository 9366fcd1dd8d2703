/** Who is told of a unit of work: listeners and subscribers before and after, rules of validation in between. */

import type { MaybePromise } from '../../dialects/contract.js';
import type { ListenerEvent } from '../../metadata/entity.js';
import { isOwningToOne } from '../../query/mapping/entity-map.js';
import { relatedOf } from '../../query/mapping/related.js';
import { layoutOf, rowOf } from '../../query/mapping/row-state.js';
import { linksOf } from '../../query/mapping/shared-keys.js';
import { chain, inTurn } from '../../query/maybe-promise.js';
import type { EntityHooks, HookSubject } from '../entity-hooks.js';
import type { Runner } from '../transactions.js';
import type { Graph } from './graph.js';
import { type Plan, updateOf } from './plan.js';
import type { Subject, Update } from './subject.js';

type Deed = 'Insert' | 'Update' | 'Remove' | 'SoftRemove' | 'Recover';

/** Something that happens to an entity. */
export interface Happening {
  readonly subject: Subject;
  readonly deed: Deed;
  readonly update?: Update | undefined;
  readonly before: HookSubject['before'];
}

/** Whether anybody listens to writes of the entities of a graph, or has rules for them. */
export function concerns(hooks: EntityHooks, graph: Graph): boolean {
  let last: unknown;
  for (const { map } of graph.subjects.values()) {
    if (map === last) continue;
    if (hooks.concerns(map)) return true;
    last = map;
  }
  return false;
}

/** What a plan does to entities, in the order in which it does it. */
export function happeningsOf(plan: Plan): Happening[] {
  const happenings: Happening[] = [];
  const add = (subject: Subject, deed: Deed, update?: Update): void => {
    const [row, layout] = [rowOf(subject.entity), layoutOf(subject.entity)];
    const before = row === undefined || layout === undefined ? undefined : { row, layout };
    happenings.push({ subject, deed, update, before });
  };
  const addUpdate = (update: Update): void => add(update.subject, deedOf(update.subject), update);
  for (const { subjects } of plan.inserts) for (const subject of subjects) add(subject, 'Insert');
  plan.early.forEach(addUpdate);
  plan.updates.forEach(addUpdate);
  const inserted = new Set(happenings.map(({ subject }) => subject));
  // What waits for the key of a new row changes in any case; what else changes in it can be told already.
  for (const subject of plan.late) {
    if (!inserted.has(subject) && subject.twin === undefined) add(subject, deedOf(subject));
  }
  for (const { subjects } of [...plan.earlyDeletes.batches, ...plan.deletes.batches]) {
    for (const subject of subjects) add(subject, 'Remove');
  }
  return happenings;
}

function deedOf({ action }: Subject): Deed {
  if (action === 'soft-remove') return 'SoftRemove';
  return action === 'recover' ? 'Recover' : 'Update';
}

/** Whether anybody listens to what happens. */
export function isHeard(hooks: EntityHooks, happenings: readonly Happening[]): boolean {
  return happenings.some(
    ({ subject: { map }, deed }) =>
      hooks.listens(map, `before${deed}` as ListenerEvent) ||
      hooks.listens(map, `after${deed}` as ListenerEvent),
  );
}

/** Tells of happenings one after the other. @returns whether anybody was told */
export function tell(
  hooks: EntityHooks,
  moment: 'before' | 'after',
  happenings: readonly Happening[],
  runner: Runner,
): MaybePromise<boolean> {
  const heard = happenings.filter(({ subject, deed }) =>
    hooks.listens(subject.map, `${moment}${deed}` as ListenerEvent),
  );
  const told = inTurn(heard, (happening) => {
    const { subject, deed, before } = happening;
    const { map, entity } = subject;
    const hookSubject = { map, entity, before, runner, changedProperties: changedProperties(happening) };
    return hooks.emit(`${moment}${deed}` as ListenerEvent, hookSubject);
  });
  return chain(told, () => heard.length > 0);
}

/** The properties of columns and relations that an update writes. */
export function changedProperties({ subject, update, deed }: Happening): readonly string[] {
  if (deed === 'Insert' || deed === 'Remove') return [];
  const names = new Set<string>();
  for (const { column } of (update ?? lateUpdate(subject))?.changes ?? []) {
    if (column.meta.role !== 'relation') names.add(column.meta.property);
    for (const { map } of linksOf(column)) names.add(map.meta.property);
  }
  if (update === undefined) {
    for (const relation of subject.map.relations()) {
      const { meta } = relation;
      if (isOwningToOne(meta) && relatedOf(subject.entity, relation) !== undefined) names.add(meta.property);
    }
  }
  return [...names];
}

/** The changes that can be told while a related entity has no key yet: none, where it stands in the way. */
function lateUpdate(subject: Subject): Update | undefined {
  try {
    return updateOf(subject);
  } catch {
    return undefined;
  }
}

/** Asks the rules of every entity that is written. @throws VALIDATION_FAILED */
export function validate(hooks: EntityHooks, happenings: readonly Happening[]): MaybePromise<void> {
  const entities = happenings.flatMap(({ subject: { map, entity, saves }, deed }) => {
    const isWritten = deed === 'Insert' || (deed === 'Update' && saves);
    if (!isWritten || !hooks.validates(map)) return [];
    return [{ map, entity, mode: deed === 'Insert' ? ('insert' as const) : ('update' as const) }];
  });
  return entities.length === 0 ? undefined : hooks.validate(entities);
}
