/** Which difference a statement of unknown effect may have made: one that names what differs. */

import { tokenize } from '../../base/sql-tokens.js';
import type { Operation } from '../../schema/operations.js';
import { splitTableName } from '../../schema/table-names.js';
import type { OpaqueStep } from '../replay/record.js';

/** The statement that names what an operation is about; undefined where none does. */
export function explanationOf(
  operation: Operation,
  statements: readonly OpaqueStep[],
): OpaqueStep | undefined {
  return statements.find(({ text }) => names(wordsOf(text), operation));
}

/** Words, names and what strings hold: a statement may be built inside another one. */
function wordsOf(sql: string): ReadonlySet<string> {
  const words = new Set<string>();
  for (const { kind, value } of tokenize(sql)) {
    words.add(value.toLowerCase());
    if (kind === 'string') for (const inner of tokenize(value)) words.add(inner.value.toLowerCase());
  }
  return words;
}

function names(words: ReadonlySet<string>, op: Operation): boolean {
  const has = (name: string): boolean => words.has(splitTableName(name).name.toLowerCase());
  /** By its name, or by its table and kind where the database has chosen the name. */
  const part = (table: string, name: string, ...kinds: readonly string[]): boolean =>
    has(name) || (has(table) && kinds.some((kind) => words.has(kind)));
  switch (op.kind) {
    case 'createTable':
      return has(op.table.name);
    case 'dropTable':
    case 'setTableComment':
    case 'setTableOptions':
      return has(op.table);
    case 'renameTable':
      return has(op.table) && has(op.to);
    case 'addColumn':
      return has(op.table) && has(op.column.name);
    case 'dropColumn':
    case 'renameColumn':
    case 'alterColumn':
      return has(op.table) && has(op.name);
    case 'createPrimaryKey':
      return part(op.table, op.primaryKey.name, 'primary');
    case 'createUnique':
      return part(op.table, op.unique.name, 'unique');
    case 'createForeignKey':
      return part(op.table, op.foreignKey.name, 'references');
    case 'createCheck':
      return part(op.table, op.check.name, 'check');
    case 'createExclusion':
      return part(op.table, op.exclusion.name, 'exclude');
    case 'dropConstraint':
      return part(op.table, op.name, 'primary', 'unique', 'references', 'check', 'exclude');
    case 'createIndex':
      return part(op.table, op.index.name, 'index');
    case 'dropIndex':
      return part(op.table, op.name, 'index');
    case 'createView':
    case 'replaceView':
      return has(op.view.name);
    case 'createSequence':
    case 'alterSequence':
      return has(op.sequence.name);
    case 'createTrigger':
      return has(op.trigger.name);
    case 'createEnum':
    case 'alterEnum':
    case 'dropEnum':
    case 'dropView':
    case 'dropSequence':
    case 'dropTrigger':
      return has(op.name);
    default:
      return op satisfies never;
  }
}
