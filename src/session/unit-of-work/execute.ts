/**
 * A plan → statements, in an order in which every key is there before it is used: updates that make room,
 * inserts, updates, rows of join tables, deletes.
 */

import { crypto } from '../../base/crypto.js';
import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import { keyName } from '../../query/find/row-keys.js';
import { relatedNotSaved } from '../../query/mapping/column-values.js';
import { type EntityMap, type MappedColumn, writePath } from '../../query/mapping/entity-map.js';
import { readColumn } from '../../query/mapping/read-column.js';
import { forgetRow, layoutOf, rememberRow, rowOf } from '../../query/mapping/row-state.js';
import { nulledColumns } from '../../query/mapping/shared-keys.js';
import { chain, inTurn } from '../../query/maybe-promise.js';
import { deleteEntities } from '../../query/write/delete-rows.js';
import type { Given } from '../../query/write/given.js';
import { type GivenOf, insertEntities } from '../../query/write/insert.js';
import {
  deleteJoinRows,
  insertJoinRows,
  type JoinRow,
  missingJoinRows,
} from '../../query/write/join-rows.js';
import { readMade } from '../../query/write/made-by-update.js';
import { parkRows } from '../../query/write/park-rows.js';
import { absorbUpdate, keyOf } from '../../query/write/update.js';
import { updateRows } from '../../query/write/update-rows.js';
import type { Journal } from '../scope.js';
import { keepMade } from './alone.js';
import type { Graph } from './graph.js';
import type { JoinChange } from './lists.js';
import { Memory } from './memory.js';
import type { Batch, CutNeed } from './order.js';
import { type Deletes, type Plan, updateOf } from './plan.js';
import { settleKeys, settleList } from './settle.js';
import type { Subject, Update } from './subject.js';
import { beginTrees, finishTrees, treeChanges } from './trees.js';
import type { Park } from './uniques.js';
import { groupUpdates } from './update-groups.js';

/** What one run of a plan needs everywhere. */
interface Run {
  readonly connection: Connection;
  readonly graph: Graph;
  readonly memory: Memory;
}

/** Writes what a plan says, and tells the entities. */
export function execute(
  connection: Connection,
  graph: Graph,
  plan: Plan,
  journal: Journal,
): MaybePromise<void> {
  const run: Run = { connection, graph, memory: new Memory(journal) };
  const trees = treeChanges(plan);
  const steps: (() => MaybePromise<void>)[] = [
    () => trees && beginTrees(connection, trees),
    () => park(run, plan.parks),
    () => writeDeletes(run, plan.earlyDeletes),
    () => writeUpdates(run, plan.early),
    () => writeInserts(run, plan),
    () => writeUpdates(run, plan.updates),
    () => writeLate(run, plan.late),
    () => trees && finishTrees(connection, trees, run.memory),
    () => writeJoins(run, plan.links, link),
    () => writeJoins(run, plan.unlinks, unlink),
    () => writeDeletes(run, plan.deletes),
  ];
  return chain(
    inTurn(steps, (step) => step()),
    () => {
      for (const list of graph.lists) settleList(list, run.memory);
    },
  );
}

function writeInserts(run: Run, plan: Plan): MaybePromise<void> {
  if (plan.inserts.length === 0) return;
  if (plan.isDeferred) assignKeys(plan, run.memory);
  const given = givenToNew(plan);
  const givenOf: GivenOf | undefined = given.size === 0 ? undefined : (entity) => given.get(entity);
  const isCut = new Set(plan.cut.map(({ subject }) => subject));
  return chain(
    inTurn(plan.inserts, (batch) => insertBatch(run, batch, isCut, givenOf)),
    () => {
      for (const twin of run.graph.twins) adopt(twin, run.memory);
    },
  );
}

function insertBatch(
  { connection, memory }: Run,
  { map, subjects }: Batch,
  isCut: ReadonlySet<Subject>,
  givenOf: GivenOf | undefined,
): MaybePromise<void> {
  const entities = subjects.map(({ entity }) => {
    memory.keepNew(map, entity);
    return entity;
  });
  return chain(insertEntities(connection, map, entities, true, givenOf), () => {
    for (const subject of subjects) if (!isCut.has(subject)) settleKeys(subject, memory);
  });
}

/** Keys that are made here, before a row that refers to one of them is inserted. */
function assignKeys({ inserts }: Plan, memory: Memory): void {
  for (const { map, subjects } of inserts) {
    const made = map.key.filter(({ meta }) => meta.generation === 'uuid');
    for (const { entity } of made.length === 0 ? [] : subjects) {
      for (const column of made) {
        if ((readColumn(column, entity) ?? null) !== null) continue;
        memory.keepPath(entity, column.meta.path);
        writePath(map, entity, column.meta.path, crypto().randomUUID());
      }
    }
  }
}

/** What the columns of new rows are given from outside, NULL for keys that come later included. */
function givenToNew({ inserts, cut }: Plan): Map<object, ReadonlyMap<MappedColumn, Given>> {
  const given = new Map<object, ReadonlyMap<MappedColumn, Given>>();
  for (const { subjects } of inserts) {
    for (const subject of subjects) if (subject.given !== undefined) given.set(subject.entity, subject.given);
  }
  for (const { subject, relation } of cut) {
    const own = new Map(given.get(subject.entity));
    for (const column of nulledColumns(relation.local)) own.set(column, { value: null });
    given.set(subject.entity, own);
  }
  return given;
}

/** Another instance of a row that was just inserted has that row now; where it says more, that is a change. */
function adopt({ twin, entity }: Subject, memory: Memory): void {
  const row = twin && rowOf(twin.entity);
  const layout = twin && layoutOf(twin.entity);
  if (row === undefined || layout === undefined) return;
  memory.keep(entity);
  rememberRow(entity, row.slice(), layout);
}

function writeUpdates({ connection, memory }: Run, updates: readonly Update[]): MaybePromise<void> {
  if (updates.length === 0) return;
  return inTurn(groupUpdates(updates), ({ map, rows }) => {
    const written = (row: Update): void => {
      memory.keep(row.entity);
      for (const { column } of row.changes) {
        if (column === map.version || column.meta.role === 'updateDate' || row.subject.given?.has(column)) {
          if (column.meta.role !== 'relation') memory.keepPath(row.entity, column.meta.path);
        }
      }
      absorbUpdate(map, row.entity, row);
      showGiven(map, row);
      settleKeys(row.subject, memory);
    };
    return chain(updateRows(connection, map, rows, written, isLoose), () =>
      readMade(
        connection,
        map,
        rows.map(({ entity }) => entity),
        keepMade(memory),
      ),
    );
  });
}

/** Puts rows aside that give up unique values; what they hold meanwhile is what their next write starts from. */
function park({ connection, memory }: Run, parks: readonly Park[]): MaybePromise<void> {
  const groups = new Map<MappedColumn, Park[]>();
  for (const each of parks) groups.set(each.column, [...(groups.get(each.column) ?? []), each]);
  return inTurn([...groups.values()], (group) => {
    const { subject, column } = group[0] as Park;
    const rows = group.map(({ subject: { map, entity }, value }) => ({ key: keyOf(map, entity), value }));
    return chain(parkRows(connection, subject.map, column, rows), () => {
      for (const { subject, value } of group) rememberParked(subject, column, value, memory);
    });
  });
}

function rememberParked(
  { entity, action }: Subject,
  column: MappedColumn,
  value: SqlValue,
  memory: Memory,
): void {
  const [row, layout] = [rowOf(entity), layoutOf(entity)];
  if (action === 'remove' || row === undefined || layout === undefined) return;
  memory.keep(entity);
  const parked = row.slice();
  parked[layout.positions[column.index] as number] = value;
  rememberRow(entity, parked, layout);
}

/** A time of deletion, say, that the entity does not hold itself. */
function showGiven(map: EntityMap, { subject: { given }, entity, changes }: Update): void {
  if (given === undefined) return;
  for (const { column, value } of changes) {
    if (!given.has(column) || column.relation !== undefined) continue;
    writePath(map, entity, column.meta.path, column.decode(value));
  }
}

/** Of a row that was neither read nor asked for nobody knows whether it is there. */
function isLoose({ subject, version }: Update): boolean {
  return subject.action !== 'save' && subject.knowledge === 'unknown' && version === undefined;
}

function writeLate(run: Run, subjects: readonly Subject[]): MaybePromise<void> {
  if (subjects.length === 0) return;
  const updates: Update[] = [];
  for (const subject of subjects) {
    const update = updateOf(subject);
    if (update !== undefined) updates.push(update);
  }
  return writeUpdates(run, updates);
}

type JoinTableOf = Parameters<typeof insertJoinRows>[1];
type WriteJoin = (connection: Connection, table: JoinTableOf, rows: JoinRows) => MaybePromise<void>;

interface JoinRows {
  readonly certain: readonly JoinRow[];
  readonly doubtful: readonly JoinRow[];
}

function writeJoins(
  { connection }: Run,
  changes: readonly JoinChange[],
  write: WriteJoin,
): MaybePromise<void> {
  if (changes.length === 0) return;
  const tables = new Map<
    string,
    { table: JoinTableOf; certain: Map<unknown, JoinRow>; doubtful: Map<unknown, JoinRow> }
  >();
  for (const change of changes) {
    const { table, row } = joinRowOf(change);
    const name = table.sql + table.columns.join();
    let known = tables.get(name);
    if (known === undefined) {
      known = { table, certain: new Map(), doubtful: new Map() };
      tables.set(name, known);
    }
    (change.isDoubtful ? known.doubtful : known.certain).set(keyName(row), row);
  }
  return inTurn([...tables.values()], ({ table, certain, doubtful }) => {
    for (const name of certain.keys()) doubtful.delete(name);
    return write(connection, table, { certain: [...certain.values()], doubtful: [...doubtful.values()] });
  });
}

const link: WriteJoin = (connection, table, { certain, doubtful }) => {
  if (doubtful.length === 0) return insertJoinRows(connection, table, certain);
  return chain(missingJoinRows(connection, table, doubtful), (missing) => {
    const rows = [...certain, ...missing];
    return rows.length === 0 ? undefined : insertJoinRows(connection, table, rows);
  });
};

const unlink: WriteJoin = (connection, table, { certain }) => deleteJoinRows(connection, table, certain);

/** The row of a join table, the same from whichever side it is seen. */
function joinRowOf({ relation, owner, member }: JoinChange): {
  readonly table: JoinTableOf;
  readonly row: JoinRow;
} {
  const { joinTable, local, remote, target, meta } = relation;
  const { sql, local: own, remote: other } = joinTable as NonNullable<typeof joinTable>;
  const values = (columns: readonly MappedColumn[], entity: object): SqlValue[] =>
    columns.map((column) => {
      const value = readColumn(column, entity) ?? null;
      if (value === null) throw relatedNotSaved(owner.map, relation);
      return column.encode(value);
    });
  const [a, b] = [values(local, owner.entity), values(remote, member)];
  const columns = meta.owning ? [...own, ...other] : [...other, ...own];
  return { table: { sql, columns, dialect: target.dialect }, row: meta.owning ? [...a, ...b] : [...b, ...a] };
}

/** NULL in keys of rows that are about to be deleted, where they run in a circle. */
function release(run: Run, cuts: readonly CutNeed[]): MaybePromise<void> {
  const updates: Update[] = [];
  for (const { subject, relation } of cuts) {
    const nulled = nulledColumns(relation.local);
    const given = new Map<MappedColumn, Given>(nulled.map((column) => [column, { value: null }]));
    const update = updateOf({ ...subject, given, saves: false });
    if (update !== undefined) updates.push({ ...update, subject: { ...subject, given } });
  }
  return writeUpdates(run, updates);
}

function writeDeletes(run: Run, { releases, batches }: Deletes): MaybePromise<void> {
  return chain(release(run, releases), () => inTurn(batches, (batch) => deleteBatch(run, batch)));
}

function deleteBatch({ connection, memory }: Run, { map, subjects }: Batch): MaybePromise<void> {
  const entities = subjects.map(({ entity }) => entity);
  return chain(deleteEntities(connection, map, entities), () => {
    for (const entity of entities) {
      memory.keep(entity);
      forgetRow(entity);
    }
  });
}
