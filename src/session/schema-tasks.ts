/**
 * `createSchema`, `dropSchema` and `synchronize`: from the schema that the entities want to DDL on an open
 * database, each in one transaction. Migrations are the way for data that matters; these are for tests,
 * prototypes and tools.
 */

import { error } from '../base/error-codes.js';
import type { Connection, Database, Dialect, PlanCheck } from '../dialects/contract.js';
import { refuseToWait } from '../dialects/shared/holding.js';
import { runPlan } from '../dialects/shared/run-plan.js';
import { settledSameness } from '../dialects/shared/settled-sameness.js';
import { ownTables } from '../migration/environment.js';
import { stepName } from '../migration/target-database.js';
import { enumOf } from '../schema/apply.js';
import { diff } from '../schema/diff.js';
import { byName, EMPTY_SCHEMA, type Schema, type Table } from '../schema/model.js';
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

/** Makes the tables that are missing; those that are there stay as they are. */
export async function createSchema(place: SchemaPlace): Promise<void> {
  await inOneTransaction(place, async (found, { wanted }) => {
    const isMissing = ({ name }: { readonly name: string }): boolean =>
      byName(found.tables, name) === undefined;
    const target: Schema = {
      ...found,
      tables: [...found.tables, ...wanted.tables.filter(isMissing)],
      enums: [...found.enums, ...wanted.enums.filter(({ name }) => byName(found.enums, name) === undefined)],
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
      dropsReferenced ? withoutOthers(found, ours) : withoutKeysOfOthers(found, place.wanted, ours),
    { ignore: [], dropsReferenced },
  );
}

/** Tables that stay are left out of the picture: their keys to what goes are no reason to stop. */
function withoutOthers(found: Schema, ours: (name: string) => boolean): Change {
  const tables = found.tables.filter(({ name }) => ours(name)).map((table) => withKeysTo(table, ours));
  const before: Schema = { ...EMPTY_SCHEMA, tables, enums: found.enums };
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
  return { before: found, operations: diff(found, { ...found, tables, enums, triggers }) };
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

/** Reads the schema, asks what to change, and does it; foreign keys are off only where the plan needs it. */
async function inOneTransaction(
  place: SchemaPlace,
  decide: (found: Schema, place: SchemaPlace, connection: Connection) => Promise<Change>,
  { ignore = ownTables(place), dropsReferenced = false }: TaskOptions = {},
): Promise<void> {
  const { dialect } = place.database;
  refuseToWait(place.database);
  const lease = await place.database.acquire('write');
  try {
    const { connection } = lease;
    const attempt = (suspends: boolean): Promise<boolean> =>
      transaction(dialect, connection, place, suspends, async () => {
        const { before, operations } = await decide(
          await dialect.introspect(connection, { ignoreTables: ignore, schemas: schemasIn(place.wanted) }),
          place,
          connection,
        );
        const plan = dialect.plan(before, operations);
        if (plan.suspendsForeignKeys && !suspends) return false;
        await runPlan(connection, plan, blocked);
        return true;
      });
    if (!(await attempt(dropsReferenced))) await attempt(true);
  } finally {
    lease.release();
  }
}

async function transaction<R>(
  dialect: Dialect,
  connection: Connection,
  { lockTimeoutMs }: SchemaPlace,
  suspends: boolean,
  work: () => Promise<R>,
): Promise<R> {
  const { revisions } = dialect;
  if (suspends) await revisions.begin(connection, { enforceForeignKeys: false, timeoutMs: lockTimeoutMs });
  else await connection.run(dialect.begin.write);
  try {
    const result = await work();
    if (suspends) await revisions.commit(connection);
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
