/** Which values two schemas have in common, and so must be the same on the way between them. */

import { deepEqual } from '../../src/base/structure';
import { byName, type Column, type Schema, type Table } from '../../src/schema/model';
import { quotedNames } from './arbitrary-names';

interface Side {
  readonly table: Table;
  readonly schema: Schema;
}

/** The columns of a table whose values stay; what is generated stays where all that it is made from does. */
export function keptColumns(before: Side, after: Side): string[] {
  const kept = before.table.columns.filter((column) =>
    isKept(column, before.schema, byName(after.table.columns, column.name), after.schema),
  );
  const plain = kept.filter((column) => !column.generated).map(({ name }) => name);
  return kept
    .filter(({ generated }) => !generated || quotedNames(generated.sql).every((name) => plain.includes(name)))
    .map(({ name }) => name);
}

function isKept(column: Column, a: Schema, other: Column | undefined, b: Schema): boolean {
  if (
    other === undefined ||
    !deepEqual(column.type, other.type) ||
    !deepEqual(column.generated, other.generated)
  )
    return false;
  const { type } = column;
  return type.kind !== 'enum' || deepEqual(byName(a.enums, type.name), byName(b.enums, type.name));
}
