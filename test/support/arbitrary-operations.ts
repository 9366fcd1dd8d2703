/**
 * Random lists of operations that fit a schema, of every kind and not only such as `diff` makes: renames,
 * columns dropped with what stands on them alone, enums edited in every way, steps that find nothing to do.
 */

import { isLimbeckError } from '../../src/base/errors';
import { apply } from '../../src/schema/apply';
import type { Column, ConstraintKind, Enum, Schema, Table } from '../../src/schema/model';
import type { ColumnChange, Operation } from '../../src/schema/operations';
import { type Choices, fromChoices } from './arbitrary-choices';
import {
  type Draft,
  draftOf,
  type SchemaOptions,
  type TableDraft,
  triggerText,
  viewQuery,
} from './arbitrary-draft';
import { NameSpace, text } from './arbitrary-names';
import { randomSchema } from './arbitrary-schema';
import {
  addCheck,
  addColumn,
  addExclusion,
  addForeignKey,
  addGeneratedColumn,
  addIndex,
  addTable,
  addUnique,
  columnBody,
  columnNames,
  relationNames,
  setPrimaryKey,
  valueExpression,
} from './arbitrary-tables';

export interface SchemaWithOperations {
  readonly schema: Schema;
  readonly operations: readonly Operation[];
}

/** A schema and up to ten operations that can be applied to it in this order. */
export function arbitraryOperations(
  options: SchemaOptions = {},
): import('fast-check').Arbitrary<SchemaWithOperations> {
  return fromChoices((choices) => {
    const schema = randomSchema(choices, options);
    return { schema, operations: randomOperations(choices, schema, options) };
  }, 1200);
}

/** Proposes operations and keeps those that the schema so far takes. */
export function randomOperations(c: Choices, schema: Schema, options: SchemaOptions = {}): Operation[] {
  const operations: Operation[] = [];
  let current = schema;
  for (let i = c.between(1, 10); i > 0; i--) {
    const draft = draftOf(current, options);
    const table = c.maybe(draft.tables);
    const proposed =
      table === undefined || table.columns.length === 0 || c.chance(30)
        ? ofSchema(c, draft)
        : ofTable(c, draft, table);
    for (const operation of proposed) {
      try {
        current = apply(current, [operation]);
      } catch (cause) {
        if (!isLimbeckError(cause)) throw cause;
        continue;
      }
      operations.push(operation);
    }
  }
  return operations;
}

function ofSchema(c: Choices, draft: Draft): Operation[] {
  const table = c.maybe(draft.tables);
  const found = c.maybe(draft.enums);
  const view = c.maybe(draft.views);
  const sequence = c.maybe(draft.sequences);
  const trigger = c.maybe(draft.triggers);
  const free = relationNames(draft);
  switch (c.below(14)) {
    case 0:
      return [{ kind: 'createTable', table: addTable(c, draft) }];
    case 1:
      return table
        ? [{ kind: 'createTable', table: { ...table, checks: [] }, options: { ifNotExists: true } }]
        : [];
    case 2:
      return [{ kind: 'dropTable', table: free.draw(c), options: { ifExists: true } }];
    case 3:
      return [{ kind: 'createEnum', name: enumNames(draft).draw(c), values: ['a', 'b', text(c)] }];
    case 4:
      return found ? [{ kind: 'dropEnum', name: found.name }] : [];
    case 5:
    case 6:
    case 7:
      return found ? [alterEnum(c, found)] : [];
    case 8:
      return table
        ? [{ kind: 'createView', view: { name: free.draw(c), query: viewQuery(table.name, 'x') } }]
        : [];
    case 9:
      return view ? [{ kind: 'replaceView', view: { ...view, query: 'SELECT 2' } }] : [];
    case 10:
      return view
        ? [
            { kind: 'createTrigger', trigger: { name: 'of view', table: view.name, sql: { sqlite: 'x' } } },
            { kind: 'dropView', name: view.name },
          ]
        : [];
    case 11:
      if (sequence === undefined)
        return [{ kind: 'createSequence', sequence: { name: 'counter', start: 3 } }];
      return [{ kind: 'alterSequence', sequence: { name: sequence.name, increment: c.below(7) } }];
    case 12:
      return sequence ? [{ kind: 'dropSequence', name: sequence.name }] : [];
    default:
      return trigger ? [{ kind: 'dropTrigger', name: trigger.name, table: trigger.table }] : [];
  }
}

function enumNames(draft: Draft): NameSpace {
  return new NameSpace(
    draft.rules,
    draft.enums.map(({ name }) => name),
  );
}

/** Renames (exchanges included), removes, adds and orders at once; an old name may be given to a new value. */
function alterEnum(c: Choices, found: Enum): Operation {
  const renamed = c.some(found.values, 0, 2);
  const goals = c.chance(40) ? [...renamed].reverse() : renamed.map((value, i) => `${value} renamed ${i}`);
  const rename = Object.fromEntries(renamed.map((value, i) => [value, goals[i] as string]));
  const values = found.values.map((value) =>
    Object.hasOwn(rename, value) ? (rename[value] as string) : value,
  );
  const remove = c.some(values, 0, 2);
  const rest = values.filter((value) => !remove.includes(value));
  const news = c.some([...renamed, ...remove, 'added', text(c)], 0, 2);
  const add = [...new Set(news)]
    .filter((value) => !rest.includes(value))
    .map((value) => {
      const before = c.chance(50) ? c.maybe(rest) : undefined;
      return { value, ...(before !== undefined && { before }) };
    });
  const order = c.chance(30) && { order: c.shuffle([...rest, ...add.map(({ value }) => value)]) };
  return { kind: 'alterEnum', name: found.name, rename, remove, add, ...order };
}

function ofTable(c: Choices, draft: Draft, table: TableDraft): Operation[] {
  const name = table.name;
  const column = c.pick(table.columns);
  const index = c.maybe(table.indexes);
  switch (c.below(19)) {
    case 0:
      return [{ kind: 'dropTable', table: name }];
    case 1:
      return [{ kind: 'renameTable', table: name, to: relationNames(draft).draw(c) }];
    case 2:
      return [{ kind: 'setTableComment', table: name, comment: c.chance(30) ? null : text(c) }];
    case 3:
      return [
        {
          kind: 'setTableOptions',
          table: name,
          options: c.chance(30) ? {} : { 'sqlite.strict': c.chance(50) },
        },
      ];
    case 4:
      addColumn(c, draft, table);
      return additions(draft, table);
    case 5:
      return [
        {
          kind: 'addColumn',
          table: name,
          column: { ...column, nullable: !column.nullable },
          options: { ifNotExists: true },
        },
      ];
    case 6:
    case 7:
    case 8:
      return [
        {
          kind: 'dropColumn',
          table: name,
          name: column.name,
          ...(c.chance(30) && { options: { ifExists: true } }),
        },
      ];
    case 9:
    case 10:
      return [
        { kind: 'renameColumn', table: name, name: column.name, to: columnNames(draft, table).draw(c) },
      ];
    case 11:
    case 12:
      return [
        {
          kind: 'alterColumn',
          table: name,
          name: column.name,
          change: columnChange(c, draft, table, column),
        },
      ];
    case 13:
      return [
        { kind: 'dropConstraint', table: name, name: constraint(c, table), options: { ifExists: true } },
      ];
    case 14:
      return [{ kind: 'dropIndex', table: name, name: index?.name ?? 'none', options: { ifExists: true } }];
    case 15:
      return index
        ? [
            {
              kind: 'createIndex',
              table: name,
              index: { ...index, columns: [] },
              options: { ifNotExists: true },
            },
          ]
        : [];
    case 16:
      return [
        {
          kind: 'createTrigger',
          trigger: { name: 'later', table: name, sql: { sqlite: triggerText('later', name) } },
        },
      ];
    default: {
      const add = [
        addUnique,
        addCheck,
        addExclusion,
        addIndex,
        addForeignKey,
        addGeneratedColumn,
        newPrimaryKey,
      ];
      c.pick(add)(c, draft, table);
      return additions(draft, table);
    }
  }
}

function newPrimaryKey(c: Choices, draft: Draft, table: TableDraft): void {
  if (table.primaryKey === undefined) setPrimaryKey(c, draft, table);
}

/** What was added to a table of the draft, as operations. */
function additions(draft: Draft, now: TableDraft): Operation[] {
  const table = now.name;
  const added = draft.tables.includes(now) ? now : undefined;
  if (added === undefined) return [];
  const last = <T>(list: readonly T[]): T | undefined => list.at(-1);
  const unique = last(added.uniques);
  const check = last(added.checks);
  const exclusion = last(added.exclusions);
  const foreignKey = last(added.foreignKeys);
  const index = last(added.indexes);
  // Those that are there already are refused, and so left out.
  return [
    ...added.columns.map((column): Operation => ({ kind: 'addColumn', table, column })),
    ...(added.primaryKey ? [{ kind: 'createPrimaryKey', table, primaryKey: added.primaryKey } as const] : []),
    ...(unique ? [{ kind: 'createUnique', table, unique } as const] : []),
    ...(check ? [{ kind: 'createCheck', table, check } as const] : []),
    ...(exclusion ? [{ kind: 'createExclusion', table, exclusion } as const] : []),
    ...(foreignKey ? [{ kind: 'createForeignKey', table, foreignKey } as const] : []),
    ...(index ? [{ kind: 'createIndex', table, index } as const] : []),
  ];
}

function columnChange(c: Choices, draft: Draft, table: TableDraft, column: Column): ColumnChange {
  const body = columnBody(c, draft, table);
  const all: ColumnChange = {
    type: body.type,
    nullable: body.nullable,
    default: body.default ?? null,
    generated: c.chance(30) ? { sql: valueExpression(c, [column.name]), stored: c.chance(50) } : null,
    autoIncrement: c.chance(20) ? 'increment' : null,
    collation: body.collation ?? null,
    comment: c.chance(50) ? text(c) : null,
  };
  return Object.fromEntries(c.some(Object.entries(all), 1, 4));
}

const CONSTRAINTS: Readonly<Record<ConstraintKind, (table: Table) => readonly { readonly name: string }[]>> =
  {
    primaryKey: ({ primaryKey }) => (primaryKey ? [primaryKey] : []),
    unique: ({ uniques }) => uniques,
    check: ({ checks }) => checks,
    foreignKey: ({ foreignKeys }) => foreignKeys,
    exclusion: ({ exclusions }) => exclusions,
  };

function constraint(c: Choices, table: Table): string {
  return c.maybe(Object.values(CONSTRAINTS).flatMap((list) => list(table)))?.name ?? 'none';
}
