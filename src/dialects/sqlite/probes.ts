/**
 * Whether views and triggers still work after a plan. SQLite keeps them as text and finds out at their next
 * use that a column or a table is gone, which is too late: so each is compiled before and after.
 */

import { topologicalSort } from '../../base/graph.js';
import { tokenize } from '../../base/sql-tokens.js';
import type { Schema, Trigger } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { OperationKind } from '../../schema/operations.js';
import type { PlanProbe } from '../contract.js';
import { foldName } from './describe-table.js';
import { quoteIdentifier as quote } from './literals.js';

/** Operations that nothing else can depend on yet, or that no SQL can see. */
const HARMLESS: ReadonlySet<OperationKind> = new Set([
  'createTable',
  'createEnum',
  'dropEnum',
  'createIndex',
  'createView',
  'createTrigger',
  'setTableComment',
]);

/** Whether operations may break views or triggers that they do not name. */
export function mayBreak(kinds: readonly OperationKind[]): boolean {
  return kinds.some((kind) => !HARMLESS.has(kind));
}

/** The probes of everything that stands at both ends of a plan. */
export function probesBetween(
  before: Schema,
  after: Schema,
): { readonly before: PlanProbe[]; readonly after: PlanProbe[] } {
  const views = after.views.filter(({ name }) => byName(before.views, name));
  const triggers = after.triggers.filter(({ name }) => byName(before.triggers, name));
  const groups = new Map<string, Trigger[]>();
  for (const trigger of innermostFirst(triggers)) {
    const sql = firingStatement(trigger, after);
    if (sql !== undefined) groups.set(sql, [...(groups.get(sql) ?? []), trigger]);
  }
  const probesAt = (moment: PlanProbe['moment']): PlanProbe[] => [
    ...views.map(({ name }): PlanProbe => {
      return { kind: 'probe', moment, object: `view '${name}'`, sql: `SELECT 1 FROM ${quote(name)} LIMIT 0` };
    }),
    ...[...groups].flatMap(([sqlAfter, [first, ...more]]): PlanProbe[] => {
      const old = byName(before.triggers, first?.name ?? '');
      const sql = moment === 'after' ? sqlAfter : old && firingStatement(old, before);
      const names = [first, ...more].map((trigger) => `'${trigger?.name}'`);
      return sql === undefined
        ? []
        : [{ kind: 'probe', moment, object: `trigger ${names.join(' or ')}`, sql }];
    }),
  ];
  return { before: probesAt('before'), after: probesAt('after') };
}

/** What a trigger fires comes before it, so that the one that is broken is the first to fail. */
function innermostFirst(triggers: readonly Trigger[]): Trigger[] {
  const mentions = (trigger: Trigger): string[] => {
    const words = new Set(tokenize(textOf(trigger)).map(({ value }) => foldName(value)));
    return triggers
      .filter(({ table }) => table !== trigger.table && words.has(foldName(table)))
      .map(({ name }) => name);
  };
  const names = triggers.map(({ name }) => name);
  return topologicalSort(names, (name) => mentions(byName(triggers, name) as Trigger)).map(
    (name) => byName(triggers, name) as Trigger,
  );
}

function textOf({ sql }: Trigger): string {
  return sql.sqlite ?? sql.default ?? '';
}

/**
 * A statement of no rows that would fire a trigger, and so is compiled together with it. (EXPLAIN would do
 * as well, but SQLite 3.53 crashes when a prepared one is run again after the schema has changed.)
 */
function firingStatement(trigger: Trigger, schema: Schema): string | undefined {
  const event = tokenize(textOf(trigger))
    .filter((token) => token.kind === 'word')
    .map((token) => token.text.toLowerCase())
    .find((word) => word === 'insert' || word === 'update' || word === 'delete');
  const target = quote(trigger.table);
  const table = byName(schema.tables, trigger.table);
  // Which columns a view has, only SQLite knows.
  const names = table?.columns.filter((column) => !column.generated).map(({ name }) => quote(name));
  switch (event) {
    case 'insert': {
      const [into, values] = names === undefined ? ['', '*'] : [` (${names.join(', ')})`, names.join(', ')];
      return `INSERT INTO ${target}${into} SELECT ${values} FROM ${target} WHERE 0`;
    }
    case 'delete':
      return `DELETE FROM ${target} WHERE 0`;
    case 'update':
      return names && `UPDATE ${target} SET ${names.map((name) => `${name} = ${name}`).join(', ')} WHERE 0`;
    default:
      return undefined;
  }
}
