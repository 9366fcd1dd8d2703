/**
 * A unit of work from beginning to end: what is asked for → graph → plan → statements. What changes nothing sends
 * nothing; one statement goes alone, several go in a transaction (or a savepoint inside one).
 *
 * `save`, `remove`, `softRemove`, `recover` of repositories and `flush` of sessions all come through here.
 */

import type { Connection, MaybePromise } from '../../dialects/contract.js';
import { rowOf } from '../../query/mapping/row-state.js';
import { chain } from '../../query/maybe-promise.js';
import { staleError } from '../../query/write/delete.js';
import { readMade } from '../../query/write/made-by-update.js';
import { absorbUpdate, changesOf } from '../../query/write/update.js';
import { updateRows } from '../../query/write/update-rows.js';
import { type EntityHooks, NO_HOOKS } from '../entity-hooks.js';
import type { Journal } from '../scope.js';
import type { Runner } from '../transactions.js';
import { aloneIn, changesAlone, insertAlone, keepMade, updateAlone } from './alone.js';
import { concerns, type Happening, happeningsOf, isHeard, tell, validate } from './events.js';
import { execute } from './execute.js';
import { collect, type Entry, type Graph, type Work } from './graph.js';
import { Holders, hasUnasked } from './holders.js';
import { Memory } from './memory.js';
import { type Plan, planOf, sizeOf } from './plan.js';
import { resolve, unknownOf } from './resolve.js';
import { settleKeys, settleList } from './settle.js';
import type { Subject } from './subject.js';
import { treeChanges } from './trees.js';

/** What a unit of work has done. */
export interface Written {
  readonly graph: Graph;
  readonly plan: Plan;
}

/**
 * Writes a unit of work, whole or not at all.
 *
 * @throws OPTIMISTIC_LOCK · ROW_GONE · RELATED_NOT_SAVED · RELATION_REQUIRED · SAVE_CYCLE · KEY_MISSING
 */
export function write(
  runner: Runner,
  work: Work,
  hooks: EntityHooks = NO_HOOKS,
): Promise<Written | undefined> {
  try {
    const alone = aloneIn(work);
    if (alone !== undefined && !hooks.concerns(alone.map)) return writeAlone(runner, alone);
    const graph = collect(work);
    if (concerns(hooks, graph)) return writeHeard(runner, work, graph, hooks);
    const unknown = unknownOf(graph);
    if (unknown.length > 0 || hasUnasked(graph)) return writeUnknown(runner, graph, unknown);
    return writePlan(runner, graph, planOf(graph));
  } catch (cause) {
    return Promise.reject(cause);
  }
}

function writeAlone(runner: Runner, entry: Entry): Promise<undefined> {
  if (rowOf(entry.entity) === undefined) {
    return runner.write((connection, journal) =>
      insertAlone(connection, entry, journal),
    ) as Promise<undefined>;
  }
  const changes = changesAlone(entry);
  if (changes === undefined) return Promise.resolve(undefined);
  return runner.write((connection, journal) =>
    updateAlone(connection, entry, changes, journal),
  ) as Promise<undefined>;
}

/** A plan in as few round trips as it takes. */
function writePlan(runner: Runner, graph: Graph, plan: Plan): Promise<Written | undefined> {
  const size = sizeOf(plan);
  if (size === 0) {
    settleLists(graph);
    return Promise.resolve(undefined);
  }
  const run = (connection: Connection, journal: Journal): MaybePromise<Written> =>
    chain(execute(connection, graph, plan, journal), () => ({ graph, plan }));
  return size === 1 && isOneStatement(plan) ? runner.write(run) : runner.atomic(run);
}

/** Whether a row is written by one statement, whatever else it may need to ask. */
function isOneStatement(plan: Plan): boolean {
  const { links, late, isDeferred } = plan;
  // Of a tree more is kept than the row.
  if (treeChanges(plan) !== undefined) return false;
  return !isDeferred && late.length === 0 && !links.some(({ isDoubtful }) => isDoubtful);
}

const NOTHING_TO_UNDO: Journal = { remember: () => {} };

/** Lists that changed nothing in the database may still be known from now on. */
function settleLists(graph: Graph): void {
  if (graph.lists.length === 0) return;
  const memory = new Memory(NOTHING_TO_UNDO);
  for (const list of graph.lists) settleList(list, memory);
}

/** Rows that nobody has read, or their holders: they are asked for, all of a class or relation in one query. */
function writeUnknown(
  runner: Runner,
  graph: Graph,
  unknown: readonly Subject[],
): Promise<Written | undefined> {
  const [only] = unknown;
  const isTree = only?.map.meta.tree !== undefined;
  // Whether a row of a tree is new or moves is to be known before.
  if (graph.subjects.size === 1 && only !== undefined && graph.lists.length === 0 && !isTree) {
    return runner.atomic((connection, journal) => updateOrInsert(connection, graph, only, journal));
  }
  return runner.atomic((connection, journal) =>
    chain(ask(connection, graph, unknown), () => executePlanned(connection, graph, journal)),
  );
}

/** Completes a graph by what only the database knows. */
function ask(
  connection: Connection,
  graph: Graph,
  unknown: readonly Subject[],
  holders = new Holders(),
): MaybePromise<void> {
  return chain(resolve(connection, graph, unknown), () =>
    hasUnasked(graph) ? holders.ask(connection, graph) : undefined,
  );
}

/** One entity with a key that was never read: UPDATE, and INSERT where no row has that key. */
function updateOrInsert(
  connection: Connection,
  graph: Graph,
  subject: Subject,
  journal: Journal,
): MaybePromise<Written> {
  const { map, entity } = subject;
  const changes = changesOf(map, entity);
  if (changes.changes.length === 0) {
    return chain(resolve(connection, graph, [subject]), () => executePlanned(connection, graph, journal));
  }
  let isMatched = true;
  const note = { ...changes, entity, subject };
  const memory = new Memory(journal);
  const update = updateRows(
    connection,
    map,
    [note],
    () => {},
    () => {
      isMatched = false;
      return true;
    },
  );
  return chain(update, () => {
    if (isMatched) {
      subject.knowledge = 'there';
      memory.keep(entity);
      for (const { column } of changes.changes) {
        if (column.meta.role !== 'relation') memory.keepPath(entity, column.meta.path);
      }
      absorbUpdate(map, entity, changes);
      settleKeys(subject, memory);
      const made = readMade(connection, map, [entity], keepMade(memory));
      return chain(made, () => ({ graph, plan: planOf(graph) }));
    }
    if (changes.version === undefined) {
      subject.knowledge = 'new';
      return executePlanned(connection, graph, journal);
    }
    return chain(resolve(connection, graph, [subject]), () => {
      if (subject.knowledge === 'there') throw staleError(map, entity, changes.version ?? null);
      return executePlanned(connection, graph, journal);
    });
  });
}

function executePlanned(connection: Connection, graph: Graph, journal: Journal): MaybePromise<Written> {
  const plan = planOf(graph);
  return chain(execute(connection, graph, plan, journal), () => ({ graph, plan }));
}

/**
 * Where somebody listens: in a transaction that their own writes join. Before-listeners may change entities and
 * add others, so the graph is made again until nobody new is in it.
 */
async function writeHeard(
  runner: Runner,
  work: Work,
  first: Graph,
  hooks: EntityHooks,
): Promise<Written | undefined> {
  if (unknownOf(first).length === 0 && !hasUnasked(first)) {
    const plan = planOf(first);
    const happenings = happeningsOf(plan);
    if (!isHeard(hooks, happenings)) {
      await validate(hooks, happenings);
      return writePlan(runner, first, plan);
    }
  }
  return runner.transaction(async (inner) => {
    const { graph, plan, happenings } = await prepare(inner, work, first, hooks);
    await validate(hooks, happenings);
    if (sizeOf(plan) > 0) {
      await inner.write((connection, journal) => execute(connection, graph, plan, journal));
    }
    await tell(hooks, 'after', happenings, inner);
    return { graph, plan };
  });
}

interface Prepared extends Written {
  readonly happenings: readonly Happening[];
}

/** Tells everybody who listens before the write, whoever comes in on the way included. */
async function prepare(inner: Runner, work: Work, first: Graph, hooks: EntityHooks): Promise<Prepared> {
  const told = new Set<object>();
  const holders = new Holders();
  for (let graph = first; ; graph = collect(work)) {
    const unknown = unknownOf(graph);
    if (unknown.length > 0 || hasUnasked(graph)) {
      await inner.read((connection) => ask(connection, graph, unknown, holders));
    }
    const plan = planOf(graph);
    const happenings = happeningsOf(plan);
    const news = happenings.filter(({ subject }) => !told.has(subject.entity));
    for (const { subject } of news) told.add(subject.entity);
    if (!(await tell(hooks, 'before', news, inner))) return { graph, plan, happenings };
  }
}
