/**
 * Autogenerate: the live database held against the models, as operations with their way back.
 *
 * Both sides go through one canonical form; renames are decided before anything is compared; what a step
 * destroys or may fail on is counted while a database is at hand.
 */

import { error } from '../../base/error-codes.js';
import { settledSameness } from '../../dialects/shared/settled-sameness.js';
import { applyTo } from '../../schema/apply.js';
import { diff } from '../../schema/diff.js';
import { SchemaDraft } from '../../schema/draft.js';
import type { Column, ColumnDefault, ColumnType, Schema } from '../../schema/model.js';
import { byName, EMPTY_SCHEMA } from '../../schema/model.js';
import type { Operation, OperationOf } from '../../schema/operations.js';
import { reconcile } from '../../schema/reconcile.js';
import { reverse } from '../../schema/reverse.js';
import { schemasIn } from '../../schema/table-names.js';
import { isCall } from '../custom/custom.js';
import type { WantedModels } from '../environment.js';
import type { MigrationHooks, RevisionOperation } from '../hooks/types.js';
import type { RenderedStep, Section } from '../render/file.js';
import type { Decider, RevisionOptions } from '../types.js';
import { describeChanges, typeText } from './changes.js';
import { comparedColumns } from './compared-columns.js';
import { type DecisionOptions, decide, type OpenDecision } from './decisions.js';
import { type FillInput, fillValue } from './fill-value.js';
import { withoutPartsLeftOut, withoutTablesLeftOut } from './filters.js';
import { flagPath, readNameSpec } from './names.js';
import { describeRewritten, rewritten } from './rewrite.js';
import { type ComparedDatabase, countRows, formerName, lossWarnings } from './risks.js';

/** What autogenerate found and decided. */
export interface Generated {
  readonly operations: readonly RevisionOperation[];
  readonly changes: readonly string[];
  readonly warnings: readonly string[];
  /** Questions that nobody answered; while there are any, what stands here is not to be written. */
  readonly open: readonly OpenDecision[];
  readonly upgrade: readonly Section[];
  readonly downgrade: readonly Section[];
}

export type GenerateOptions = DecisionOptions & Pick<RevisionOptions, 'fills' | 'message'>;

/**
 * Compares and decides.
 *
 * @throws DECISION_UNKNOWN for a flag that speaks of nothing; CAPABILITY_MISSING for what the database cannot do
 */
export async function generate(
  database: ComparedDatabase,
  models: WantedModels,
  options: GenerateOptions,
  decider: Decider | undefined,
  hooks: MigrationHooks = {},
): Promise<Generated> {
  const { dialect, connection } = database;
  const scope = { ignoreTables: database.ignoreTables, schemas: schemasIn(models.schema) };
  const found =
    database.replayed ?? (connection ? await dialect.introspect(connection, scope) : EMPTY_SCHEMA);
  const modelled = withoutTablesLeftOut(found, models.schema, hooks);
  const { decided, open } = await decide(found, modelled, models.renames, options, decider);
  const { sameness, incomparable } = await settledSameness(dialect, connection, decided.schema, modelled);
  const base = reconcile(decided.schema, modelled, sameness);
  const looked = withoutPartsLeftOut(base, modelled, hooks);
  const { wanted, forced } = comparedColumns(decided.schema, base, looked, hooks);
  const plain = [...diff(base, wanted), ...forced];
  const filled = await fillNewColumns(
    { plain, database, renamed: decided.operations, base, wanted },
    options,
    decider,
  );
  if (hooks.processOperations !== undefined) {
    const all = [...decided.operations, ...filled.operations];
    const start = beforeRenames(base, found, decided.operations);
    const rewriting = { database, start, base, operations: all };
    const generated = await rewrittenRevision(rewriting, hooks, options.message ?? '');
    return {
      ...generated,
      warnings: [...incomparable, ...generated.warnings],
      open: [...open, ...filled.open],
    };
  }
  const steps = await withWarnings(database, base, filled.operations, decided.operations);
  const operations = [...decided.operations, ...filled.operations];
  // What the database cannot do is refused now, not when somebody runs the file.
  dialect.plan(base, filled.operations);
  return {
    operations,
    changes: [...describeChanges(found, decided.operations), ...describeChanges(base, filled.operations)],
    warnings: [...incomparable, ...steps.flatMap((step) => step.warnings ?? [])],
    open: [...open, ...filled.open],
    upgrade: [
      { before: found, steps: decided.operations.map((operation) => ({ operation })) },
      { before: base, steps },
    ],
    downgrade: downgradeOf(found, decided.operations, base, filled.operations),
  };
}

interface Rewriting {
  readonly database: ComparedDatabase;
  readonly start: Schema;
  /** After the renames. */
  readonly base: Schema;
  readonly operations: readonly Operation[];
}

/** What is generated where the configuration rewrites it. */
async function rewrittenRevision(
  { database, start, base, operations }: Rewriting,
  hooks: MigrationHooks,
  message: string,
): Promise<Omit<Generated, 'open'>> {
  const followed = await rewritten(database.dialect, operations, hooks, { schema: start, message });
  const renames = operations.filter(({ kind }) => kind === 'renameTable' || kind === 'renameColumn');
  const steps: RenderedStep[] = [];
  for (const { operation, before, effect } of followed) {
    if (isCall(operation)) steps.push({ operation, effect });
    else {
      const draft = new SchemaDraft(before);
      const warnings = await lossWarnings(database, operation, { draft, base, renames });
      steps.push(warnings.length > 0 ? { operation, warnings } : { operation });
    }
  }
  const back = [...followed]
    .reverse()
    .flatMap(({ back: undone, before }) =>
      undone.map(
        ({ operation, effect }): RenderedStep =>
          isCall(operation) ? { operation, effect } : withNeutralFill(operation, before),
      ),
    );
  return {
    operations: followed.map(({ operation }) => operation),
    changes: describeRewritten(start, followed),
    warnings: steps.flatMap((step) => step.warnings ?? []),
    upgrade: [{ before: start, steps }],
    downgrade: [{ before: followed.at(-1)?.after ?? start, steps: back }],
  };
}

/** The found schema in the models' words, under the names that it had before the renames. */
function beforeRenames(base: Schema, found: Schema, renames: readonly Operation[]): Schema {
  const draft = new SchemaDraft(base);
  for (const operation of reverse(found, renames)) applyTo(draft, operation);
  return draft.finish();
}

function downgradeOf(
  found: Schema,
  renames: readonly Operation[],
  base: Schema,
  operations: readonly Operation[],
): Section[] {
  const after = new SchemaDraft(base);
  for (const operation of operations) applyTo(after, operation);
  const renamed = new SchemaDraft(found);
  for (const operation of renames) applyTo(renamed, operation);
  const steps = reverse(base, operations).map((operation) => withNeutralFill(operation, base));
  return [
    { before: after.finish(), steps },
    { before: renamed.finish(), steps: reverse(found, renames).map((operation) => ({ operation })) },
  ];
}

/**
 * A dropped NOT NULL column comes back without its values; a neutral one lets it come back at all, and the
 * file says so. Where no value is neutral (a foreign key, a unique key) the run will ask for one.
 */
export function withNeutralFill(operation: Operation, base: Schema): RenderedStep<Operation> {
  if (operation.kind !== 'addColumn' || !needsFill(operation.column)) return { operation };
  const { column, table } = operation;
  const keys = byName(base.tables, table);
  const mustRefer = keys?.foreignKeys.some((key) => key.columns.includes(column.name)) ?? false;
  const mustDiffer = [...(keys?.uniques ?? []), ...(keys?.primaryKey ? [keys.primaryKey] : [])].some(
    ({ columns }) => columns.length === 1 && columns[0] === column.name,
  );
  const value = mustRefer || mustDiffer ? undefined : neutralValue(column.type, base);
  if (value === undefined) {
    return {
      operation,
      warnings: [`rows that are there by then have no value for '${column.name}': give a fill`],
    };
  }
  const fill: ColumnDefault = { kind: 'literal', value };
  return {
    operation: { ...operation, fill },
    warnings: [`the values of '${table}.${column.name}' do not come back`],
  };
}

function neutralValue(type: ColumnType, schema: Schema): string | number | boolean | undefined {
  switch (type.kind) {
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'real':
    case 'double':
    case 'decimal':
      return 0;
    case 'boolean':
      return false;
    case 'char':
    case 'varchar':
    case 'text':
    case 'simple-array':
      return '';
    case 'date':
      return '1970-01-01';
    case 'time':
      return '00:00:00';
    case 'timestamp':
    case 'timestamptz':
      return '1970-01-01 00:00:00.000';
    case 'json':
      return 'null';
    case 'uuid':
      return '00000000-0000-0000-0000-000000000000';
    case 'enum':
      return byName(schema.enums, type.name)?.values[0];
    default:
      return undefined;
  }
}

/** Whether rows that are there need a value for a new column. */
export function needsFill(column: Column): boolean {
  return !column.nullable && !column.default && !column.generated && !column.autoIncrement;
}

interface Comparison {
  readonly plain: readonly Operation[];
  readonly database: ComparedDatabase;
  readonly renamed: readonly Operation[];
  /** After the renames. */
  readonly base: Schema;
  readonly wanted: Schema;
}

/** Gives new NOT NULL columns the value that a person chose for the rows that are there. */
async function fillNewColumns(
  { plain, database, renamed, base, wanted }: Comparison,
  options: GenerateOptions,
  decider: Decider | undefined,
): Promise<{ readonly operations: Operation[]; readonly open: OpenDecision[] }> {
  const fills = readFills(options.fills ?? {});
  const read = (value: FillInput, name: string, type: ColumnType, table: string): FillInput =>
    fillValue(value, { table, name, type, schema: wanted }, database.dialect);
  const open: OpenDecision[] = [];
  const operations: Operation[] = [];
  for (const operation of plain) {
    const place = placeOfFill(operation);
    const given =
      place &&
      (fills.take(place.table, place.column) ?? fills.take(formerName(place.table, renamed), place.column));
    if (operation.kind === 'alterColumn' && given !== undefined)
      operations.push(
        ...withoutNulls(operation, base, (type) => read(given, operation.name, type, operation.table)),
      );
    else if (operation.kind === 'addColumn' && needsFill(operation.column)) {
      const table = formerName(operation.table, renamed);
      const rows = await rowsThatAreThere(database, table);
      let value = given;
      if (value === undefined && rows !== 0) {
        const column = flagPath([operation.table, operation.column.name]);
        const answer = await decider?.fill({ column, type: typeText(operation.column.type), rows });
        if (answer === undefined) open.push(fillQuestion(operation, rows, column));
        else value = answer;
      }
      operations.push(
        value === undefined
          ? operation
          : {
              ...operation,
              fill: {
                kind: 'literal',
                value: read(value, operation.column.name, operation.column.type, operation.table),
              },
            },
      );
    } else operations.push(operation);
  }
  fills.requireAllTaken();
  return { operations, open };
}

async function rowsThatAreThere(
  { connection, dialect, replayed }: ComparedDatabase,
  table: string,
): Promise<number | undefined> {
  if (connection !== undefined) return countRows(connection, dialect, table);
  return replayed === undefined ? 0 : undefined;
}

function placeOfFill(operation: Operation): { readonly table: string; readonly column: string } | undefined {
  if (operation.kind === 'addColumn') return { table: operation.table, column: operation.column.name };
  if (operation.kind === 'alterColumn' && operation.change.nullable === false) {
    return { table: operation.table, column: operation.name };
  }
  return undefined;
}

/** A new type comes first, by itself: `using` would take the place of the cast and of its check. */
function withoutNulls(
  operation: OperationOf<'alterColumn'>,
  base: Schema,
  read: (type: ColumnType) => FillInput,
): Operation[] {
  const { table, name, change } = operation;
  const before = byName(byName(base.tables, table)?.columns ?? [], name);
  const literal = read(change.type ?? before?.type ?? { kind: 'text' });
  const text = typeof literal === 'string' ? `'${literal.replaceAll("'", "''")}'` : String(literal);
  const using = `coalesce("${name.replaceAll('"', '""')}", ${text})`;
  if (change.type === undefined) return [{ ...operation, using }];
  const { nullable: _nullable, ...rest } = change;
  return [
    { ...operation, change: rest },
    { ...operation, change: { nullable: false }, using },
  ];
}

function fillQuestion(
  operation: OperationOf<'addColumn'>,
  rows: number | undefined,
  column: string,
): OpenDecision {
  const { table } = operation;
  const those = rows === undefined ? 'rows' : `the ${rows} ${rows === 1 ? 'row' : 'rows'}`;
  return {
    text: `new column '${table}.${operation.column.name}' is NOT NULL and has no default: what do ${those} of '${table}' get?`,
    candidate: { kind: 'fill', table, column: operation.column.name, rows },
    flags: [`--fill ${column}=LITERAL`],
  };
}

/** Fills by column, each to be used. */
function readFills(given: NonNullable<RevisionOptions['fills']>): {
  take(table: string, column: string): string | number | boolean | undefined;
  requireAllTaken(): void;
} {
  const fills = new Map(
    Object.entries(given).map(([text, value]) => [
      JSON.stringify(readNameSpec('--fill', text).path),
      { text, value },
    ]),
  );
  return {
    take(table, column) {
      const key = JSON.stringify([table, column]);
      const fill = fills.get(key);
      fills.delete(key);
      return fill?.value;
    },
    requireAllTaken() {
      for (const { text } of fills.values()) {
        const problem = 'no new column and no column that becomes NOT NULL is called so';
        throw error('DECISION_UNKNOWN', { flag: `--fill ${text}`, problem });
      }
    },
  };
}

async function withWarnings(
  database: ComparedDatabase,
  base: Schema,
  operations: readonly Operation[],
  renames: readonly Operation[],
): Promise<RenderedStep[]> {
  const draft = new SchemaDraft(base);
  const steps: RenderedStep[] = [];
  for (const operation of operations) {
    const warnings = await lossWarnings(database, operation, { draft, base, renames });
    applyTo(draft, operation);
    steps.push(warnings.length > 0 ? { operation, warnings } : { operation });
  }
  return steps;
}
