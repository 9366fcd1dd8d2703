/**
 * Drift: the database held against what the files make, as operations both ways. `revert` leads back to the
 * files, `adopt` from the files to the database as it is.
 *
 * Unlike models, files describe everything: a view, a trigger or a sequence that no revision has made is drift.
 * What a statement of unknown effect may have done is told, and is none.
 */

import { canonicalSql } from '../../base/sql-tokens.js';
import type { Connection, Dialect } from '../../dialects/contract.js';
import { settledSameness } from '../../dialects/shared/settled-sameness.js';
import { applyTo } from '../../schema/apply.js';
import { diff } from '../../schema/diff.js';
import { SchemaDraft } from '../../schema/draft.js';
import { byName, EMPTY_SCHEMA, type Schema, type Trigger } from '../../schema/model.js';
import { normalize } from '../../schema/normalize.js';
import type { Operation } from '../../schema/operations.js';
import { reconcile } from '../../schema/reconcile.js';
import { reverse } from '../../schema/reverse.js';
import { schemasIn } from '../../schema/table-names.js';
import type { RenderedStep, Section } from '../render/file.js';
import type { OpaqueStep, Replayed } from '../replay/record.js';
import { withNeutralFill } from './autogenerate.js';
import { describeChanges } from './changes.js';
import { explanationOf } from './explained.js';
import { lossWarnings } from './risks.js';

/** What differs, and both ways to end it. */
export interface FoundDrift {
  /** What has happened to the database since: `added column 'books.genre'`, one a change. */
  readonly changes: readonly string[];
  /** What cannot be judged: statements of unknown effect and what they may have done. */
  readonly notes: readonly string[];
  readonly revert: readonly Operation[];
  /** What the way back destroys or may fail on. */
  readonly revertWarnings: readonly string[];
  readonly adopt: readonly Operation[];
  /** As the functions of a revision that adopts. */
  readonly upgrade: readonly Section[];
  readonly downgrade: readonly Section[];
  /** The database in the words of the files, and as they say that it is to be. */
  readonly found: Schema;
  readonly wanted: Schema;
}

export interface DriftInput {
  readonly dialect: Dialect;
  /** Undefined where there is no database, which is an empty one. */
  readonly connection: Connection | undefined;
  readonly ignoreTables: readonly string[];
  /** What the files make. */
  readonly files: Replayed;
}

/** Compares the database with the files. */
export async function findDrift({
  dialect,
  connection,
  ignoreTables,
  files,
}: DriftInput): Promise<FoundDrift> {
  const scope = { ignoreTables, schemas: schemasIn(files.schema) };
  const introspected = connection ? await dialect.introspect(connection, scope) : EMPTY_SCHEMA;
  const told = files.schema;
  const { sameness, incomparable } = await settledSameness(dialect, connection, introspected, told);
  const { found, untold } = withObjects(reconcile(introspected, told, sameness), introspected, told, dialect);
  const { revert, notes } = unexplained(found, diff(found, told), files.opaque);
  const wanted = applied(found, revert);
  const steps: RenderedStep<Operation>[] = [];
  const draft = new SchemaDraft(found);
  for (const operation of revert) {
    const risks = await lossWarnings({ dialect, connection, ignoreTables }, operation, {
      draft,
      base: found,
      renames: [],
    });
    applyTo(draft, operation);
    const step = withNeutralFill(operation, found);
    steps.push({ ...step, warnings: [...(step.warnings ?? []), ...risks] });
  }
  const adopting = reverse(found, revert);
  return {
    changes: describeChanges(wanted, adopting),
    notes: [...files.opaque.map(opaqueText), ...incomparable, ...untold, ...notes],
    revert: steps.map(({ operation }) => operation),
    revertWarnings: steps.flatMap(({ warnings = [] }) => warnings),
    adopt: adopting,
    upgrade: [{ before: wanted, steps: adopting.map((operation) => withNeutralFill(operation, wanted)) }],
    downgrade: [{ before: found, steps }],
    found,
    wanted,
  };
}

/** A step of unknown effect in words. */
export function opaqueText({ kind, text, place = 'a step' }: OpaqueStep): string {
  return kind === 'rows'
    ? `${place} reads rows, and nobody knows what it does with them: ${text}`
    : `nobody knows the effect of ${place}: ${text}`;
}

/** Gives back the views, sequences and triggers that models need not know of. */
function withObjects(
  reconciled: Schema,
  found: Schema,
  wanted: Schema,
  dialect: Dialect,
): { readonly found: Schema; readonly untold: readonly string[] } {
  const untold: string[] = [];
  const extra = <T extends { readonly name: string }>(all: readonly T[], some: readonly T[]): T[] => [
    ...some,
    ...all.filter(({ name }) => byName(some, name) === undefined),
  ];
  const triggers = found.triggers.map((trigger): Trigger => {
    const file = wanted.triggers.find(({ table, name }) => table === trigger.table && name === trigger.name);
    if (file === undefined) return trigger;
    const [here, there] = [trigger, file].map(({ sql }) => sql[dialect.name] ?? sql.default);
    if (here === undefined || there === undefined || sameText(here, there)) return file;
    // A database that prints definitions in its own words says nothing about the ones that were written.
    if (dialect.settle === undefined) return trigger;
    untold.push(
      `trigger '${trigger.name}' on '${trigger.table}' cannot be compared: its text is the database's own`,
    );
    return file;
  });
  const schema = {
    ...reconciled,
    views: extra(found.views, reconciled.views),
    sequences: extra(found.sequences, reconciled.sequences),
    triggers,
  };
  return { found: normalize(schema), untold };
}

function sameText(a: string, b: string): boolean {
  const [one, other] = [a, b].map((sql) => canonicalSql(sql.trim().replace(/;$/, '')));
  return one === other;
}

/** Leaves out what a statement of unknown effect may have done. */
function unexplained(
  found: Schema,
  operations: readonly Operation[],
  opaque: readonly OpaqueStep[],
): { readonly revert: readonly Operation[]; readonly notes: readonly string[] } {
  const statements = opaque.filter(({ kind }) => kind === 'effect');
  const explained = operations.filter((operation) => explanationOf(operation, statements) !== undefined);
  if (explained.length === 0) return { revert: operations, notes: [] };
  const rest = operations.filter((operation) => !explained.includes(operation));
  const withoutExplained = standsAlone(found, rest) && standsAlone(found, explained);
  if (!withoutExplained) return { revert: operations, notes: [] };
  return {
    revert: rest,
    notes: explained.map((operation) => {
      const [change = operation.kind] = describeChanges(
        applied(found, [operation]),
        reverse(found, [operation]),
      );
      const { place = 'a step' } = explanationOf(operation, statements) as OpaqueStep;
      return `${change}: as it may be by ${place}`;
    }),
  };
}

function standsAlone(schema: Schema, operations: readonly Operation[]): boolean {
  try {
    for (const operation of operations) applied(schema, [operation]);
    applied(schema, operations);
    return true;
  } catch {
    return false;
  }
}

function applied(schema: Schema, operations: readonly Operation[]): Schema {
  const draft = new SchemaDraft(schema);
  for (const operation of operations) applyTo(draft, operation);
  return draft.finish();
}
