/**
 * What changed in the keys, checks and indexes of a table: a changed one is dropped and made anew.
 *
 * The four phases keep the order right between tables: foreign keys go first and come last, because they
 * hold on to keys of other tables.
 */

import { deepEqual } from '../base/structure.js';
import type { ForeignKey, Table } from './model.js';
import type { Operation } from './operations.js';
import { pairByKey } from './pairs.js';

export interface ConstraintChanges {
  readonly dropForeignKeys: Operation[];
  readonly drop: Operation[];
  readonly create: Operation[];
  readonly createForeignKeys: Operation[];
}

/** The changes of one table's constraints and indexes, by phase. */
export function diffConstraints(from: Table, to: Table): ConstraintChanges {
  const table = to.name;
  const { dropped, created } = pairs(from.foreignKeys, to.foreignKeys);
  const uniques = pairs(from.uniques, to.uniques);
  const checks = pairs(from.checks, to.checks);
  const exclusions = pairs(from.exclusions, to.exclusions);
  const indexes = pairs(from.indexes, to.indexes);
  const keyChanged = !deepEqual(from.primaryKey, to.primaryKey);
  const dropConstraint = ({ name }: { readonly name: string }): Operation => ({
    kind: 'dropConstraint',
    table,
    name,
  });
  return {
    dropForeignKeys: dropped.map(dropConstraint),
    drop: [
      ...indexes.dropped.map(({ name }): Operation => ({ kind: 'dropIndex', table, name })),
      ...checks.dropped.map(dropConstraint),
      ...exclusions.dropped.map(dropConstraint),
      ...uniques.dropped.map(dropConstraint),
      ...(keyChanged && from.primaryKey ? [dropConstraint(from.primaryKey)] : []),
    ],
    create: [
      ...(keyChanged && to.primaryKey
        ? [{ kind: 'createPrimaryKey', table, primaryKey: to.primaryKey } as const]
        : []),
      ...uniques.created.map((unique): Operation => ({ kind: 'createUnique', table, unique })),
      ...exclusions.created.map((exclusion): Operation => ({ kind: 'createExclusion', table, exclusion })),
      ...checks.created.map((check): Operation => ({ kind: 'createCheck', table, check })),
      ...indexes.created.map((index): Operation => ({ kind: 'createIndex', table, index })),
    ],
    createForeignKeys: created.map(
      (foreignKey: ForeignKey): Operation => ({ kind: 'createForeignKey', table, foreignKey }),
    ),
  };
}

function pairs<T extends { readonly name: string }>(
  from: readonly T[],
  to: readonly T[],
): { readonly dropped: T[]; readonly created: T[] } {
  const { added, dropped, changed } = pairByKey(from, to, (item) => item.name);
  return {
    dropped: [...dropped, ...changed.map(([old]) => old)],
    created: [...changed.map(([, now]) => now), ...added],
  };
}
