/** Operations in the words of the log: `added column 'books.genre'`, one line a change. */

import { applyTo } from '../../schema/apply.js';
import { findConstraint, SchemaDraft } from '../../schema/draft.js';
import type { ColumnType, ConstraintKind, Schema } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';

const CONSTRAINTS: Readonly<Record<ConstraintKind, string>> = {
  primaryKey: 'primary key',
  unique: 'unique constraint',
  check: 'check constraint',
  foreignKey: 'foreign key',
  exclusion: 'exclusion constraint',
};

interface Change {
  readonly verb: 'added' | 'removed' | 'changed' | '';
  /** What it is of, for telling a changed thing from one removed and another added. */
  readonly subject: string;
}

/** The lines for operations that start from a schema. What is dropped and made again under one name has changed. */
export function describeChanges(before: Schema, operations: readonly Operation[]): string[] {
  const draft = new SchemaDraft(before);
  const changes = operations.flatMap((operation) => {
    const described = describe(draft, operation);
    applyTo(draft, operation);
    return described;
  });
  const added = new Set(changes.filter(({ verb }) => verb === 'added').map(({ subject }) => subject));
  const removed = new Set(changes.filter(({ verb }) => verb === 'removed').map(({ subject }) => subject));
  const lines = changes.flatMap(({ verb, subject }) => {
    if (verb === '') return [subject];
    if (!added.has(subject) || !removed.has(subject)) return [`${verb} ${subject}`];
    return verb === 'removed' ? [] : [`changed ${subject}`];
  });
  return [...new Set(lines)];
}

function describe(draft: SchemaDraft, op: Operation): Change[] {
  const added = (subject: string): Change[] => [{ verb: 'added', subject }];
  const removed = (subject: string): Change[] => [{ verb: 'removed', subject }];
  const plain = (subject: string): Change[] => [{ verb: '', subject }];
  switch (op.kind) {
    case 'createTable':
      return [
        ...added(`table '${op.table.name}'`),
        ...op.table.indexes.flatMap((index) => added(`index '${index.name}' on '${op.table.name}'`)),
      ];
    case 'dropTable':
      return removed(`table '${op.table}'`);
    case 'renameTable':
      return plain(`renamed table '${op.table}' to '${op.to}'`);
    case 'setTableComment':
      return plain(`comment changed on '${op.table}'`);
    case 'setTableOptions':
      return plain(`options changed on '${op.table}'`);
    case 'addColumn':
      return added(`column '${op.table}.${op.column.name}'`);
    case 'dropColumn':
      return removed(`column '${op.table}.${op.name}'`);
    case 'renameColumn':
      return plain(`renamed column '${op.table}.${op.name}' to '${op.to}'`);
    case 'alterColumn':
      return alterations(draft, op).map((subject) => ({ verb: '', subject }));
    case 'createPrimaryKey':
      return added(`primary key '${op.primaryKey.name}' on '${op.table}'`);
    case 'createUnique':
      return added(`unique constraint '${op.unique.name}' on '${op.table}'`);
    case 'createForeignKey':
      return added(`foreign key '${op.foreignKey.name}' on '${op.table}'`);
    case 'createCheck':
      return added(`check constraint '${op.check.name}' on '${op.table}'`);
    case 'createExclusion':
      return added(`exclusion constraint '${op.exclusion.name}' on '${op.table}'`);
    case 'dropConstraint': {
      const kind = findConstraint(draft.table(op.table, op.kind), op.name) ?? 'check';
      return removed(`${CONSTRAINTS[kind]} '${op.name}' on '${op.table}'`);
    }
    case 'createIndex':
      return added(`index '${op.index.name}' on '${op.table}'`);
    case 'dropIndex':
      return removed(`index '${op.name}' on '${op.table}'`);
    case 'createEnum':
      return added(`enum '${op.name}'`);
    case 'alterEnum':
      return enumChanges(op);
    case 'dropEnum':
      return removed(`enum '${op.name}'`);
    case 'createView':
      return added(`view '${op.view.name}'`);
    case 'replaceView':
      return plain(`changed view '${op.view.name}'`);
    case 'dropView':
      return removed(`view '${op.name}'`);
    case 'createSequence':
      return added(`sequence '${op.sequence.name}'`);
    case 'alterSequence':
      return plain(`changed sequence '${op.sequence.name}'`);
    case 'dropSequence':
      return removed(`sequence '${op.name}'`);
    case 'createTrigger':
      return added(`trigger '${op.trigger.name}' on '${op.trigger.table}'`);
    case 'dropTrigger':
      return removed(`trigger '${op.name}' on '${op.table}'`);
    default:
      return op satisfies never;
  }
}

function alterations(draft: SchemaDraft, op: Extract<Operation, { kind: 'alterColumn' }>): string[] {
  const old = draft.column(draft.table(op.table, op.kind), op.name, op.kind);
  const { change } = op;
  const column = `'${op.table}.${op.name}'`;
  const lines: string[] = [];
  if (change.type)
    lines.push(`type change from ${typeText(old.type)} to ${typeText(change.type)} on ${column}`);
  if (change.nullable !== undefined)
    lines.push(`${change.nullable ? 'NULL' : 'NOT NULL'} on column ${column}`);
  if (change.default !== undefined) lines.push(`default changed on ${column}`);
  if (change.generated !== undefined) lines.push(`generated expression changed on ${column}`);
  if (change.autoIncrement !== undefined) lines.push(`auto-increment changed on ${column}`);
  if (change.collation !== undefined) lines.push(`collation changed on ${column}`);
  if (change.comment !== undefined) lines.push(`comment changed on ${column}`);
  return lines;
}

function enumChanges(op: Extract<Operation, { kind: 'alterEnum' }>): Change[] {
  const renames = Object.entries(op.rename ?? {});
  const renamed = renames.map(
    ([from, to]): Change => ({ verb: '', subject: `renamed enum value '${op.name}.${from}' to '${to}'` }),
  );
  return op.add || op.remove || op.order
    ? [...renamed, { verb: '', subject: `changed enum '${op.name}'` }]
    : renamed;
}

/** A type as people say it: `varchar(50)`, `decimal(10, 2)`, `text[]`. */
export function typeText(type: ColumnType): string {
  switch (type.kind) {
    case 'array':
      return `${typeText(type.of)}[]`;
    case 'native':
      return [...new Set(Object.values(type.sql))].join(' / ');
    case 'enum':
      return `enum ${type.name}`;
    default: {
      const { kind, ...parameters } = type;
      const values = Object.values(parameters);
      return values.length === 0 ? kind : `${kind}(${values.join(', ')})`;
    }
  }
}
