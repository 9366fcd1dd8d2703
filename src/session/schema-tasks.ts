/**
 * `createSchema`, `dropSchema` and `synchronize`: from the schema that the entities want to DDL on an open
 * database, each in one transaction where the database can. Migrations are the way for data that matters;
 * these are for tests, prototypes and tools.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { error } from '../base/error-codes.js';
import { isLimbeckError } from '../base/errors.js';
import { mentions } from '../base/sql-tokens.js';
import type { Connection, Database, Dialect, PlanCheck } from '../dialects/contract.js';
import { refuseToWait } from '../dialects/shared/holding.js';
import { type Carrier, runPlan } from '../dialects/shared/run-plan.js';
import { settledSameness } from '../dialects/shared/settled-sameness.js';
import { ownTables } from '../migration/environment.js';
import { stepName } from '../migration/target-database.js';
import { enumOf } from '../schema/apply.js';
import { diff } from '../schema/diff.js';
import { byName, EMPTY_SCHEMA, type Schema, type Table, type View } from '../schema/model.js';
import type { Operation } from '../schema/operations.js';
import { reconcile } from '../schema/reconcile.js';
import { schemasIn } from '../schema/table-names.js';

/** What the tasks work on. */
export interface SchemaPlace {
  readonly database: Database;
  /** What the entities want. */
  readonly wanted: Schema;
  readonly versionTable: string;
  readonly lockTimeoutMs: number;
}

/** Makes the tables and views that are missing; those that are there stay as they are. */
export async function createSchema(place: SchemaPlace): Promise<void> {
  await inOneTransaction(place, async (found, { wanted }) => {
    const isMissing = ({ name }: { readonly name: string }): boolean =>
      byName(found.tables, name) === undefined;
    const target: Schema = {
      ...found,
      tables: [...found.tables, ...wanted.tables.filter(isMissing)],
      enums: [...found.enums, ...wanted.enums.filter(({ name }) => byName(found.enums, name) === undefined)],
      views: [...found.views, ...wanted.views.filter(({ name }) => byName(found.views, name) === undefined)],
    };
    return { before: found, operations: diff(found, target) };
  });
}

/** Drops the tables of the entities and those of the migrations' own book-keeping, whoever refers to them. */
export async function dropSchema(place: SchemaPlace): Promise<void> {
  const own = ownTables(place);
  const ours = (name: string): boolean =>
    own.includes(name) || byName(place.wanted.tables, name) !== undefined;
  const dropsReferenced = place.database.dialect.capabilities.danglingForeignKeys;
  await inOneTransaction(
    place,
    async (found) =>
      dropsReferenced
        ? withoutOthers(found, place.wanted, ours)
        : withoutKeysOfOthers(found, place.wanted, ours),
    { ignore: [], dropsReferenced },
  );
}

/** Tables that stay are left out of the picture: their keys to what goes are no reason to stop. */
function withoutOthers(found: Schema, wanted: Schema, ours: (name: string) => boolean): Change {
  const tables = found.tables.filter(({ name }) => ours(name)).map((table) => withKeysTo(table, ours));
  const views = found.views.filter(({ name }) => byName(wanted.views, name) !== undefined);
  const before: Schema = { ...EMPTY_SCHEMA, tables, views, enums: found.enums };
  return { before, operations: diff(before, { ...EMPTY_SCHEMA, enums: found.enums }) };
}

/** Tables that stay lose their keys to what goes, without which it could not go; enums go that nobody has left. */
function withoutKeysOfOthers(found: Schema, wanted: Schema, ours: (name: string) => boolean): Change {
  const tables = found.tables
    .filter(({ name }) => !ours(name))
    .map((table) => withKeysTo(table, (name) => !ours(name)));
  const used = new Set(tables.flatMap((table) => table.columns.map(enumOf)));
  const enums = found.enums.filter(({ name }) => used.has(name) || byName(wanted.enums, name) === undefined);
  const triggers = found.triggers.filter(({ table }) => !ours(table));
  const target = { ...found, tables, enums, triggers, views: viewsThatStay(found, wanted, ours) };
  return { before: found, operations: diff(found, target) };
}

/** A view over a table that goes, or over such a view, goes with it: it could not stay either. So do the entities' own. */
function viewsThatStay(found: Schema, wanted: Schema, ours: (name: string) => boolean): readonly View[] {
  const isOurs = ({ name }: View): boolean => byName(wanted.views, name) !== undefined;
  const gone = [
    ...found.tables.map(({ name }) => name).filter(ours),
    ...found.views.filter(isOurs).map(({ name }) => name),
  ];
  let views = found.views.filter((view) => !isOurs(view));
  for (let before = -1; before !== gone.length; ) {
    before = gone.length;
    const goes = ({ query }: View): boolean =>
      gone.some((name) => mentions(query, name.slice(name.indexOf('.') + 1)));
    gone.push(...views.filter(goes).map(({ name }) => name));
    views = views.filter((view) => !goes(view));
  }
  return views;
}

function withKeysTo(table: Table, keeps: (name: string) => boolean): Table {
  return { ...table, foreignKeys: table.foreignKeys.filter(({ refTable }) => keeps(refTable)) };
}

/**
 * Brings the tables of the entities to what the entities say. Tables that no entity has are left alone.
 *
 * @throws SYNCHRONIZE_LOSS listing what would be destroyed, unless forced
 */
export async function synchronize(place: SchemaPlace, options: { readonly force: boolean }): Promise<void> {
  await inOneTransaction(place, async (found, { wanted, database }, connection) => {
    const { sameness } = await settledSameness(database.dialect, connection, found, wanted);
    const present = reconcile(found, wanted, sameness);
    const isOthers = ({ name }: Table): boolean => byName(wanted.tables, name) === undefined;
    const target = { ...wanted, tables: [...wanted.tables, ...present.tables.filter(isOthers)] };
    const operations = diff(present, target);
    const losses = operations.flatMap(lossesOf);
    if (losses.length > 0 && !options.force) throw error('SYNCHRONIZE_LOSS', { losses });
    return { before: present, operations: options.force ? operations.map(allowLoss) : operations };
  });
}

function lossesOf(operation: Operation): string[] {
  switch (operation.kind) {
    case 'dropTable':
      return [`table '${operation.table}' would be dropped`];
    case 'dropColumn':
      return [`column '${operation.table}.${operation.name}' would be dropped`];
    case 'alterEnum':
      return (operation.remove ?? []).map(
        (value) => `value '${value}' of enum '${operation.name}' would be removed`,
      );
    default:
      return [];
  }
}

function allowLoss(operation: Operation): Operation {
  if (lossesOf(operation).length === 0) return operation;
  return { ...operation, options: { allowLoss: 'synchronize({ force: true })' } } as Operation;
}

interface Change {
  readonly before: Schema;
  readonly operations: readonly Operation[];
}

interface TaskOptions {
  /** Tables that introspection leaves out; the migrations' own by default. */
  readonly ignore?: readonly string[];
  /** Tables go although others refer to them, so keys must not be enforced meanwhile. */
  readonly dropsReferenced?: boolean;
}

/** Under which conditions a change is made. */
interface Conditions {
  /** Foreign keys are not enforced; only where the plan needs it. */
  readonly suspends: boolean;
  /** What no transaction holds is run between two of them. */
  readonly stepwise: boolean;
}

const LOCK_PAUSE_MS = 200;

/** Reads the schema, asks what to change, and does it, begun again where it turns out to need other conditions. */
async function inOneTransaction(
  place: SchemaPlace,
  decide: (found: Schema, place: SchemaPlace, connection: Connection) => Promise<Change>,
  { ignore = ownTables(place), dropsReferenced = false }: TaskOptions = {},
): Promise<void> {
  const { dialect } = place.database;
  refuseToWait(place.database);
  const lease = await place.database.acquire('write');
  const deadline = Date.now() + place.lockTimeoutMs;
  try {
    const { connection } = lease;
    const attempt = (conditions: Conditions): Promise<boolean> =>
      transaction(place, connection, conditions, async () => {
        const { before, operations } = await decide(
          await dialect.introspect(connection, { ignoreTables: ignore, schemas: schemasIn(place.wanted) }),
          place,
          connection,
        );
        const plan = dialect.plan(before, operations, { commitEnumValues: conditions.stepwise });
        if (plan.suspendsForeignKeys && !conditions.suspends) return false;
        if (conditions.stepwise) await runPlan(connection, plan, blocked, inPieces(dialect, connection));
        else await runPlan(connection, plan, blocked);
        return true;
      });
    let conditions: Conditions = {
      suspends: dropsReferenced,
      stepwise: !dialect.capabilities.transactionalDdl,
    };
    for (;;) {
      try {
        if (await attempt(conditions)) return;
        conditions = { ...conditions, suspends: true };
      } catch (cause) {
        const code = isLimbeckError(cause) ? cause.code : undefined;
        if (code === 'ENUM_VALUE_UNCOMMITTED' && !conditions.stepwise)
          conditions = { ...conditions, stepwise: true };
        else if (code === 'LOCK_NOT_AVAILABLE' && Date.now() < deadline) await sleep(LOCK_PAUSE_MS);
        else throw cause;
      }
    }
  } finally {
    lease.release();
  }
}

/** What no transaction holds is run outside of one, the rest in as few as that leaves. */
function inPieces(dialect: Dialect, connection: Connection): Carrier {
  return async (step, run) => {
    const isOutside = step.kind === 'statement' && step.outside !== undefined;
    if (isOutside && connection.inTransaction) await connection.run('COMMIT');
    if (!isOutside && !connection.inTransaction) await connection.run(dialect.begin.write);
    return run();
  };
}

/** Under the runners' lock, where a database has more than one writer: what was read must still be so when it changes. */
async function transaction<R>(
  { database, lockTimeoutMs }: SchemaPlace,
  connection: Connection,
  { suspends, stepwise }: Conditions,
  work: () => Promise<R>,
): Promise<R> {
  const { revisions, begin } = database.dialect;
  const isLocked = suspends || !database.singleWriter;
  if (isLocked) {
    await revisions.begin(connection, {
      enforceForeignKeys: !suspends,
      timeoutMs: lockTimeoutMs,
      stepwise,
    });
  } else await connection.run(begin.write);
  try {
    const result = await work();
    if (isLocked) await revisions.commit(connection);
    else await connection.run('COMMIT');
    return result;
  } catch (cause) {
    await revisions.rollback(connection);
    throw cause;
  }
}

function blocked({ problem, remedy, operation }: PlanCheck, rows: number): unknown {
  return error('SYNCHRONIZE_BLOCKED', { rows, problem, step: stepName(operation), remedy });
}
