/** What `compareType` and `compareDefault` of the configuration say of columns that both sides have. */

import { deepEqual } from '../../base/structure.js';
import type { Column, Schema, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { ColumnChange, OperationOf } from '../../schema/operations.js';
import { callHook, hookFailed } from '../hooks/call.js';
import type { CompareColumns, MigrationHooks } from '../hooks/types.js';

type Comparers = Pick<MigrationHooks, 'compareType' | 'compareDefault'>;

/** The wanted schema where columns count as equal, and changes where they do not although nothing tells them apart. */
export interface ComparedColumns {
  readonly wanted: Schema;
  readonly forced: readonly OperationOf<'alterColumn'>[];
}

/**
 * Asks the hooks.
 *
 * @param found as the database tells it
 * @param base the same in the models' words
 */
export function comparedColumns(
  found: Schema,
  base: Schema,
  wanted: Schema,
  hooks: Comparers,
): ComparedColumns {
  const { compareType = true, compareDefault = true } = hooks;
  if (compareType === true && compareDefault === true) return { wanted, forced: [] };
  const forced: OperationOf<'alterColumn'>[] = [];
  const tables = wanted.tables.map((table): Table => {
    const before = byName(base.tables, table.name);
    if (before === undefined) return table;
    const told = byName(found.tables, table.name) ?? before;
    const columns = table.columns.map((column) => {
      const old = byName(before.columns, column.name);
      if (old === undefined) return column;
      const asFound = byName(told.columns, column.name) ?? old;
      const types = answer('compareType', compareType, asFound, column, table.name);
      const defaults = answer('compareDefault', compareDefault, asFound, column, table.name);
      const change: ColumnChange = {
        ...(types === true && deepEqual(old.type, column.type) && { type: column.type }),
        ...(defaults === true &&
          deepEqual(old.default, column.default) && { default: column.default ?? null }),
      };
      if (Object.keys(change).length > 0)
        forced.push({ kind: 'alterColumn', table: table.name, name: column.name, change });
      return asBefore(column, old, { type: types === false, default: defaults === false });
    });
    return { ...table, columns };
  });
  const enums = base.enums.filter(
    ({ name }) => byName(wanted.enums, name) === undefined && isUsed(tables, name),
  );
  return { wanted: { ...wanted, tables, enums: [...wanted.enums, ...enums] }, forced };
}

function asBefore(
  column: Column,
  old: Column,
  same: { readonly type: boolean; readonly default: boolean },
): Column {
  const { default: wantedDefault, ...rest } = column;
  const value = same.default ? old.default : wantedDefault;
  return { ...rest, type: same.type ? old.type : column.type, ...(value && { default: value }) };
}

function answer(
  hook: 'compareType' | 'compareDefault',
  compare: boolean | CompareColumns,
  found: Column,
  wanted: Column,
  table: string,
): boolean | undefined {
  if (typeof compare === 'boolean') return compare ? undefined : false;
  const said: unknown = callHook(hook, () => compare(found, wanted, table));
  if (said === undefined || said === null || typeof said === 'boolean') return said ?? undefined;
  throw hookFailed(hook, `it must return true, false or undefined (${table}.${wanted.name})`);
}

function isUsed(tables: readonly Table[], name: string): boolean {
  return tables.some(({ columns }) =>
    columns.some(({ type }) => {
      let element = type;
      while (element.kind === 'array') element = element.of;
      return element.kind === 'enum' && element.name === name;
    }),
  );
}
