/** What a graph of entities comes to: which rows are inserted, updated, linked and deleted, and in which order. */

import { isOwningToOne } from '../../query/mapping/entity-map.js';
import { changesOf } from '../../query/write/update.js';
import { deleteOrder } from './delete-order.js';
import type { Graph } from './graph.js';
import type { JoinChange } from './lists.js';
import { type Batch, type Cut, type CutNeed, type Need, type Order, orderByNeeds } from './order.js';
import { isChecked, isEntity, isKeyless, mayBeNull, ownerOf, type Subject, type Update } from './subject.js';
import { type Park, type Turnover, turnoverOf } from './uniques.js';

export interface Plan {
  /** Unique values that change hands: their rows are put aside, or go before everything else. */
  readonly parks: readonly Park[];
  readonly earlyDeletes: Deletes;
  /** Updates that make room for what is inserted. */
  readonly early: readonly Update[];
  readonly inserts: readonly Batch[];
  /** Keys of new rows that are NULL until the rows that they refer to are there. */
  readonly cut: readonly CutNeed[];
  /** Whether rows refer to rows that come after them, so that keys must be known before anything is inserted. */
  readonly isDeferred: boolean;
  readonly updates: readonly Update[];
  /** What refers to new rows: its changes are known when those have their keys. */
  readonly late: readonly Subject[];
  readonly links: readonly JoinChange[];
  readonly unlinks: readonly JoinChange[];
  readonly deletes: Deletes;
}

export interface Deletes {
  /** References among the rows that run in a circle. */
  readonly releases: readonly CutNeed[];
  readonly batches: readonly Batch[];
}

/** How many rows are written, as far as it matters: none, one, or several. */
export function sizeOf(plan: Plan): number {
  const rows = (batches: readonly Batch[]): number =>
    batches.reduce((sum, { subjects }) => sum + subjects.length, 0);
  const deletes = ({ releases, batches }: Deletes): number => releases.length + rows(batches);
  const updates = plan.parks.length + plan.early.length + plan.updates.length + plan.late.length;
  const joins = plan.links.length + plan.unlinks.length;
  return rows(plan.inserts) + updates + joins + deletes(plan.earlyDeletes) + deletes(plan.deletes);
}

/**
 * The plan of a graph whose rows are known to be there or not.
 *
 * @throws SAVE_CYCLE · RELATED_NOT_SAVED · VALUE_INVALID, before anything is written
 */
export function planOf(graph: Graph): Plan {
  const fresh: Subject[] = [];
  const gone: Subject[] = [];
  const others: Subject[] = [];
  for (const subject of graph.subjects.values()) {
    if (subject.action === 'remove') {
      if (subject.knowledge !== 'new') gone.push(subject);
    } else if (subject.knowledge !== 'new') others.push(subject);
    else if (subject.inserts && subject.twin === undefined) fresh.push(subject);
  }
  const needsOf = (subject: Subject): readonly Need[] => needsOfNew(graph, subject);
  const order = fresh.length === 0 ? NO_ORDER : orderByNeeds(fresh, needsOf, cutOfInsert);
  const cut = order.cut.filter(({ kind }) => kind === 'null');
  const updates = planUpdates(graph, others, fresh.length > 0, cut);
  const turnover = turnoverOf({ fresh, ...updates, gone, others });
  return {
    inserts: order.batches,
    cut,
    isDeferred: cut.length < order.cut.length,
    links: graph.joins.filter(({ kind }) => kind === 'link'),
    unlinks: graph.joins.filter(({ kind }) => kind === 'unlink'),
    ...(turnover === undefined
      ? { ...updates, parks: [], earlyDeletes: NO_DELETES, deletes: deletesOf(gone) }
      : planTurnover(turnover, updates, gone)),
  };
}

const NO_ORDER: Order = { batches: [], cut: [] };
const NO_DELETES: Deletes = { batches: [], releases: [] };

function deletesOf(subjects: readonly Subject[]): Deletes {
  if (subjects.length === 0) return NO_DELETES;
  const { batches, cut } = deleteOrder(subjects);
  return { batches, releases: cut.filter(({ kind }) => kind === 'null') };
}

type Updates = Pick<Plan, 'early' | 'updates' | 'late'>;

/** Who was put aside is written by what it holds then, so its changes are found when it comes to that. */
function planTurnover(
  { parks, first, gone: early }: Turnover,
  { early: earlier, updates, late }: Updates,
  gone: readonly Subject[],
): Updates & Pick<Plan, 'parks' | 'earlyDeletes' | 'deletes'> {
  const parked = new Set(parks.map(({ subject }) => subject));
  const isPlanned = ({ subject }: Update): boolean => !parked.has(subject) && !first.has(subject);
  const isParked = ({ subject }: Update): boolean => parked.has(subject);
  return {
    parks,
    earlyDeletes: deletesOf(gone.filter((subject) => early.has(subject))),
    early: [
      ...earlier.filter((update) => !isParked(update)),
      ...updates.filter(({ subject }) => first.has(subject)),
    ],
    updates: updates.filter(isPlanned),
    late: [...late, ...[...earlier, ...updates].filter(isParked).map(({ subject }) => subject)],
    deletes: deletesOf(gone.filter((subject) => !early.has(subject))),
  };
}

function planUpdates(
  graph: Graph,
  subjects: readonly Subject[],
  hasNew: boolean,
  cut: readonly CutNeed[],
): Updates {
  const early: Update[] = [];
  const updates: Update[] = [];
  const late = new Set(cut.map(({ subject }) => subject));
  for (const subject of subjects) {
    if (!subject.saves && subject.given === undefined) continue;
    if (hasNew && needsOfNew(graph, subject).length > 0) {
      late.add(subject);
      continue;
    }
    const update = updateOf(subject);
    if (update !== undefined) (subject.early ? early : updates).push(update);
  }
  for (const subject of graph.twins) late.add(subject);
  return { early, updates, late: [...late] };
}

/** What is written of a subject whose row is there; undefined where that is nothing. */
export function updateOf(subject: Subject): Update | undefined {
  const { map, entity, given, saves } = subject;
  const changes = changesOf(map, entity, given, !saves);
  return changes.changes.length === 0 ? undefined : { subject, entity, ...changes };
}

/** The new rows whose keys a subject's columns are to hold. */
function needsOfNew(graph: Graph, subject: Subject): readonly Need[] {
  const needs: Need[] = [];
  for (const relation of subject.map.relations()) {
    if (!isOwningToOne(relation.meta)) continue;
    const owner = ownerOf(subject, relation);
    if (!isEntity(owner)) continue;
    const found = graph.subjects.get(owner);
    const needed = found?.twin ?? found;
    if (needed?.knowledge === 'new' && needed.action === 'save' && needed.inserts) {
      needs.push({ subject: needed, relation });
    }
  }
  return needs;
}

function cutOfInsert(subject: Subject, { subject: needed, relation }: Need): Cut {
  const isKnown = isKeyAhead(needed);
  // A row may refer to itself from the start.
  if (isKnown && needed === subject) return 'free';
  if (mayBeNull(relation)) return 'null';
  return isKnown && !isChecked(subject, relation) ? 'free' : undefined;
}

/** Whether the key of a new row is known before it is inserted. */
function isKeyAhead({ map, entity }: Subject): boolean {
  return map.key.every(({ meta }) => meta.generation === 'uuid') || !isKeyless(map, entity);
}
