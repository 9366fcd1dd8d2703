/** What a revision has its hands on: the objects of the schema, and the tables whose rows it works with. */

import { tokenize } from '../../base/sql-tokens.js';
import type { Schema } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import type { RecordedRun, RecordedStep } from '../replay/record.js';

/** A table, an enum, a view or a sequence as a whole, or something in a table. */
export interface TouchedObject {
  readonly owner: string;
  /** A column, a constraint, an index or a trigger. */
  readonly name?: string | undefined;
}

/** As messages name it. */
export function objectText({ owner, name }: TouchedObject): string {
  return name === undefined ? owner : `${owner}.${name}`;
}

/** Whether two are the same, or one is in the other. */
export function isShared(a: TouchedObject, b: TouchedObject): boolean {
  return a.owner === b.owner && (a.name === undefined || b.name === undefined || a.name === b.name);
}

/** The objects that some operations work on. */
export function touchedObjects(operations: readonly Operation[]): readonly TouchedObject[] {
  return operations.flatMap((operation) => objectsOf(operation).map(([owner, name]) => ({ owner, name })));
}

type Path = readonly [owner: string, name?: string];

function objectsOf(operation: Operation): Path[] {
  switch (operation.kind) {
    case 'createTable':
      return [[operation.table.name]];
    case 'dropTable':
    case 'setTableComment':
    case 'setTableOptions':
      return [[operation.table]];
    case 'renameTable':
      return [[operation.table], [operation.to]];
    case 'addColumn':
      return [[operation.table, operation.column.name]];
    case 'dropColumn':
    case 'alterColumn':
    case 'dropConstraint':
    case 'dropIndex':
    case 'dropTrigger':
      return [[operation.table, operation.name]];
    case 'renameColumn':
      return [
        [operation.table, operation.name],
        [operation.table, operation.to],
      ];
    case 'createPrimaryKey':
      return [[operation.table, operation.primaryKey.name]];
    case 'createUnique':
      return [[operation.table, operation.unique.name]];
    case 'createForeignKey':
      return [[operation.table, operation.foreignKey.name]];
    case 'createCheck':
      return [[operation.table, operation.check.name]];
    case 'createExclusion':
      return [[operation.table, operation.exclusion.name]];
    case 'createIndex':
      return [[operation.table, operation.index.name]];
    case 'createTrigger':
      return [[operation.trigger.table, operation.trigger.name]];
    case 'createEnum':
    case 'alterEnum':
    case 'dropEnum':
    case 'dropView':
    case 'dropSequence':
      return [[operation.name]];
    case 'createView':
    case 'replaceView':
      return [[operation.view.name]];
    case 'createSequence':
    case 'alterSequence':
      return [[operation.sequence.name]];
    default:
      return operation satisfies never;
  }
}

/** The operations of a run, effects of statements included. */
export function operationsOf({ steps }: Pick<RecordedRun, 'steps'>): readonly Operation[] {
  return steps.flatMap((step) =>
    step.kind === 'schema' ? step.operations : step.kind === 'execute' ? (step.effect ?? []) : [],
  );
}

/** A step that works with rows, or of which nobody knows what it does. */
export interface RowStep {
  readonly text: string;
  readonly place: string | undefined;
  /** Whether more than rows may be changed by it. */
  readonly isOpaque: boolean;
  /** Tables that it names; all that it could name are known by the schemas it runs between. */
  readonly tables: ReadonlySet<string>;
}

export function rowStepsOf(run: RecordedRun): readonly RowStep[] {
  const known = run.after.opaque.slice(run.before.opaque.length);
  const isOpaque = (place: string | undefined): boolean => known.some((each) => each.place === place);
  const tables = tableNames(run.before.schema, run.after.schema);
  const steps = run.steps.flatMap((step) => rowStep(step, tables, isOpaque));
  const questions = known.filter(({ kind }) => kind === 'rows');
  return [
    ...steps,
    ...questions.map(({ text, place }) => ({ text, place, isOpaque: true, tables: namedIn(text, tables) })),
  ];
}

function rowStep(
  step: RecordedStep,
  tables: ReadonlySet<string>,
  isOpaque: (place: string | undefined) => boolean,
): RowStep[] {
  switch (step.kind) {
    case 'insert':
      return [
        {
          text: `insert into ${step.table}`,
          place: step.site.place,
          isOpaque: false,
          tables: new Set([step.table]),
        },
      ];
    case 'execute': {
      const { place } = step.site;
      return [{ text: step.text, place, isOpaque: isOpaque(place), tables: namedIn(step.text, tables) }];
    }
    case 'schema':
    case 'require':
    case 'outside':
      return [];
    default:
      return step satisfies never;
  }
}

function tableNames(...schemas: readonly Schema[]): Set<string> {
  return new Set(schemas.flatMap(({ tables, views }) => [...tables, ...views].map(({ name }) => name)));
}

/** The known names that a statement mentions, whatever it does with them. */
function namedIn(sql: string, names: ReadonlySet<string>): Set<string> {
  const named = tokenize(sql).filter(({ kind }) => kind === 'word' || kind === 'quoted');
  const words = new Set(named.map(({ value }) => value.toLowerCase()));
  return new Set([...names].filter((name) => words.has(name.toLowerCase())));
}
