/**
 * `save()`: an entity and what its relations cascade to → the statements that write what changed, in an order
 * in which every key exists before it is used.
 */

import { error } from '../base/error-codes.js';
import type { Connection, MaybePromise, SqlValue } from '../dialects/contract.js';
import { describeKey, relatedNotSaved } from '../query/mapping/column-values.js';
import {
  type EntityMap,
  isOwningToOne,
  type MappedColumn,
  type MappedRelation,
  type Values,
  writePath,
} from '../query/mapping/entity-map.js';
import { readColumn } from '../query/mapping/read-column.js';
import { forgetRow, layoutOf, rememberRow, rowOf } from '../query/mapping/row-state.js';
import { chain } from '../query/maybe-promise.js';
import { staleError } from '../query/write/delete.js';
import { insertEntities } from '../query/write/insert.js';
import { changesOf, type EntityChanges, rowExists, updateEntity } from '../query/write/update.js';
import { dropMembers, saveMembers, type ToMany } from './save-members.js';
import type { Journal } from './scope.js';
import type { Runner } from './transactions.js';

/** One entity that is to be saved. */
interface Subject {
  readonly map: EntityMap;
  readonly entity: Values;
  /** Entities of one level need nothing of each other; undefined while what they need is still being found. */
  level: number | undefined;
}

/** Everything that one call of `save()` touches. */
class SaveGraph {
  readonly subjects = new Map<object, Subject>();
  readonly lists: ToMany[] = [];

  add(declared: EntityMap, entity: Values, chainOfNames: readonly string[] = []): Subject {
    const map = declared.mapOfInstance(entity);
    const known = this.subjects.get(entity);
    if (known !== undefined) return this.#checkCycle(known, chainOfNames);
    const subject: Subject = { map, entity, level: undefined };
    this.subjects.set(entity, subject);
    const names = [...chainOfNames, map.meta.name];
    subject.level = this.#addOwners(subject, names);
    for (const relation of map.relations()) this.#addOthers(subject, relation);
    return subject;
  }

  #checkCycle(subject: Subject, names: readonly string[]): Subject {
    if (subject.level === undefined && names.length > 0 && isNew(subject.map, subject.entity)) {
      throw error('SAVE_CYCLE', { entities: [...names, subject.map.meta.name] });
    }
    return subject;
  }

  /** Entities whose key this one holds come before it. */
  #addOwners({ map, entity }: Subject, names: readonly string[]): number {
    let level = 0;
    for (const relation of map.relations()) {
      const related = entity[relation.meta.property];
      if (!isOwningToOne(relation.meta) || !isEntity(related)) continue;
      const reached = this.subjects.has(related) || cascadesTo(relation, related);
      if (reached) level = Math.max(level, (this.add(relation.target, related, names).level ?? -1) + 1);
    }
    return level;
  }

  /** Entities that hold this one's key come after it. */
  #addOthers({ map, entity }: Subject, relation: MappedRelation): void {
    if (isOwningToOne(relation.meta)) return;
    const value = entity[relation.meta.property];
    if (relation.toMany ? !Array.isArray(value) : !isEntity(value)) return;
    const members = (relation.toMany ? value : [value]) as Values[];
    // Of a new entity nobody else can be a member: its list says it all.
    this.lists.push({ map, entity, relation, members: [...members], isWhole: isNew(map, entity) });
  }
}

function isEntity(value: unknown): value is Values {
  return typeof value === 'object' && value !== null;
}

/** Whether saving goes on to a related entity. */
function cascadesTo({ meta, target }: MappedRelation, related: Values): boolean {
  if (rowOf(related) !== undefined) return meta.cascade.includes('update');
  if (isNew(target, related)) return meta.cascade.includes('insert');
  return meta.cascade.includes('insert') || meta.cascade.includes('update');
}

/** Whether an entity has no row yet, as far as can be told from it. */
function isNew(map: EntityMap, entity: object): boolean {
  return (
    rowOf(entity) === undefined && map.key.some((column) => (readColumn(column, entity) ?? null) === null)
  );
}

/**
 * Saves entities with what they cascade to; one statement where one is enough, else all in one transaction.
 */
export function saveEntities(runner: Runner, map: EntityMap, entities: readonly object[]): Promise<void> {
  try {
    const graph = new SaveGraph();
    for (const entity of entities) graph.add(map, entity as Values);
    const only =
      graph.subjects.size === 1 && graph.lists.length === 0 ? [...graph.subjects.values()][0] : undefined;
    if (only !== undefined && isSimple(map, only.entity)) return saveAlone(runner, map, only.entity);
    return runner.atomic((connection, journal) => saveGraph(connection, graph, journal));
  } catch (cause) {
    return Promise.reject(cause);
  }
}

/** Whether one statement says it all: a row that was read, or one that cannot be there. */
function isSimple(map: EntityMap, entity: object): boolean {
  return rowOf(entity) !== undefined || isNew(map, entity);
}

function saveAlone(runner: Runner, map: EntityMap, entity: Values): Promise<void> {
  if (rowOf(entity) === undefined) {
    return runner.write((connection, journal) => insertNoted(connection, map, [entity], journal));
  }
  const changes = changesOf(map, entity);
  // Nothing to write needs no connection, so saving twice costs no lease.
  if (changes.changes.length === 0) return Promise.resolve();
  return runner.write((connection, journal) => updateKnown(connection, map, entity, changes, journal));
}

async function saveGraph(connection: Connection, graph: SaveGraph, journal: Journal): Promise<void> {
  const save: SaveMore = (map, entity) => addAndSave(connection, graph, map, entity, journal);
  await saveLevels(connection, [...graph.subjects.values()], journal);
  const context = { save, cascadesTo, isNew, note, journal, relatedNotSaved };
  // Members may bring lists of their own, so the list of lists grows while it is worked off.
  for (const list of graph.lists) await saveMembers(connection, list, context);
  for (const list of graph.lists) await dropMembers(connection, list, context);
}

type SaveMore = (map: EntityMap, entities: readonly Values[]) => Promise<void>;

async function addAndSave(
  connection: Connection,
  graph: SaveGraph,
  map: EntityMap,
  entities: readonly Values[],
  journal: Journal,
): Promise<void> {
  const before = new Set(graph.subjects.keys());
  for (const entity of entities) graph.add(map, entity);
  const added = [...graph.subjects.values()].filter(({ entity }) => !before.has(entity));
  // What was saved already may have got an owner since; what has not changed costs no statement.
  const again = entities.flatMap((entity) =>
    before.has(entity) ? [graph.subjects.get(entity) as Subject] : [],
  );
  await saveLevels(connection, [...added, ...again], journal);
}

async function saveLevels(
  connection: Connection,
  subjects: readonly Subject[],
  journal: Journal,
): Promise<void> {
  const levels = [...new Set(subjects.map(({ level }) => level ?? 0))].sort((a, b) => a - b);
  for (const level of levels) {
    const here = subjects.filter((subject) => (subject.level ?? 0) === level);
    for (const map of new Set(here.map((subject) => subject.map))) {
      const entities = here.filter((subject) => subject.map === map).map(({ entity }) => entity);
      await saveSame(connection, map, entities, journal);
    }
  }
}

/** Saves entities of one class that need nothing of each other. */
async function saveSame(
  connection: Connection,
  map: EntityMap,
  entities: readonly Values[],
  journal: Journal,
): Promise<void> {
  const fresh = entities.filter((entity) => isNew(map, entity));
  if (fresh.length > 0) await insertNoted(connection, map, fresh, journal);
  const inserted = new Set(fresh);
  for (const entity of entities) {
    if (inserted.has(entity)) continue;
    const changes = changesOf(map, entity);
    if (rowOf(entity) === undefined) await updateOrInsert(connection, map, entity, changes, journal);
    else if (changes.changes.length > 0) await updateKnown(connection, map, entity, changes, journal);
  }
}

function insertNoted(
  connection: Connection,
  map: EntityMap,
  entities: readonly Values[],
  journal: Journal,
): MaybePromise<void> {
  for (const entity of entities) note(map, entity, journal);
  return insertEntities(connection, map, entities, true);
}

/** An entity that was read: its row must still be there, at the version at which it was read. */
function updateKnown(
  connection: Connection,
  map: EntityMap,
  entity: Values,
  changes: EntityChanges,
  journal: Journal,
): MaybePromise<void> {
  note(map, entity, journal);
  return chain(updateEntity(connection, map, entity, changes), (matched) => {
    if (!matched) throw goneOrStale(map, entity, changes.version);
  });
}

function goneOrStale(map: EntityMap, entity: object, version: SqlValue | undefined): Error {
  if (version !== undefined) return staleError(map, entity, version);
  return error('ROW_GONE', { entity: map.meta.name, key: describeKey(map, entity) });
}

/** An entity with a key that was never read: UPDATE, and INSERT where no row has that key. */
async function updateOrInsert(
  connection: Connection,
  map: EntityMap,
  entity: Values,
  changes: EntityChanges,
  journal: Journal,
): Promise<void> {
  note(map, entity, journal);
  if (changes.changes.length > 0) {
    if (await updateEntity(connection, map, entity, changes)) return;
    const isStale = changes.version !== undefined && (await rowExists(connection, map, changes.key));
    if (isStale) throw staleError(map, entity, changes.version as SqlValue);
  } else if (await rowExists(connection, map, changes.key)) return;
  await insertEntities(connection, map, [entity], true);
}

/**
 * Takes note of what an entity holds before it is written, for the case of a rollback. A generated key is
 * taken back too: the database may give it to another row, which the next save would overwrite.
 */
export function note(map: EntityMap, entity: object, journal: Journal): void {
  const row = rowOf(entity);
  const layout = layoutOf(entity);
  const unset = row !== undefined ? [] : map.key.filter((column) => isUnsetKey(column, entity));
  journal.remember(() => {
    if (row === undefined || layout === undefined) forgetRow(entity);
    else rememberRow(entity, row, layout);
    for (const column of unset) writePath(map, entity, column.meta.path, undefined);
  });
}

function isUnsetKey(column: MappedColumn, entity: object): boolean {
  return column.meta.role !== 'relation' && (readColumn(column, entity) ?? null) === null;
}
