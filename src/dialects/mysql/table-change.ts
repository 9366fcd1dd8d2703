/**
 * The changes of one table that wait to be carried out together: which columns come, go or become something else,
 * and which operation asked for it.
 */

import type { Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { Operation, OperationOf } from '../../schema/operations.js';

export class TableChange {
  readonly operations: Operation[] = [];
  /** Columns that rows have no value for yet. */
  readonly added = new Map<string, OperationOf<'addColumn'>>();
  /** Columns that are others of the same name. */
  readonly replaced = new Set<string>();
  readonly altered = new Map<string, OperationOf<'alterColumn'>>();
  /** Values of an enum that are called something else afterwards, by column. */
  readonly renamedValues = new Map<string, ReadonlyMap<string, string>>();

  addColumn(op: OperationOf<'addColumn'>, lying: Table): void {
    const { name } = op.column;
    this.added.set(name, op);
    this.altered.delete(name);
    if (lying.columns.some((column) => column.name.toLowerCase() === name.toLowerCase()))
      this.replaced.add(name);
  }

  dropColumn(name: string): void {
    this.added.delete(name);
    this.replaced.delete(name);
    this.altered.delete(name);
  }

  alterColumn(op: OperationOf<'alterColumn'>): void {
    const before = this.altered.get(op.name);
    // What one of them allows is allowed of the whole.
    const options = { ...before?.options, ...op.options };
    const using = op.using ?? before?.using;
    this.altered.set(op.name, {
      ...op,
      ...(using !== undefined && { using }),
      ...(Object.keys(options).length > 0 && { options }),
    });
  }

  /** Whether SQL of the user's waits, which speaks of the columns as they lie. */
  get hasFreeSql(): boolean {
    return [...this.altered.values()].some(({ using }) => using !== undefined);
  }

  /** The operation that touched one of some columns, or a thing of a name, last; else the last one of the table. */
  causeOf(names: readonly string[]): Operation {
    const isAbout = (operation: Operation): boolean =>
      ('column' in operation && names.includes(operation.column.name)) ||
      ('name' in operation && names.includes(operation.name)) ||
      ['primaryKey', 'unique', 'check', 'index', 'foreignKey'].some((key) =>
        names.includes(
          (operation as unknown as Record<string, { name?: string } | undefined>)[key]?.name ?? '',
        ),
      );
    const found = this.operations.findLast(isAbout) ?? this.operations.at(-1);
    return found ?? { kind: 'setTableComment', table: '', comment: null };
  }

  allowsLoss(column: string): boolean {
    return this.altered.get(column)?.options?.allowLoss !== undefined;
  }

  /** Whether a column of the new definition is one of the old one, however changed. */
  isKept(column: string, from: Table): boolean {
    return (
      !this.replaced.has(column) && !this.added.has(column) && byName(from.columns, column) !== undefined
    );
  }
}
