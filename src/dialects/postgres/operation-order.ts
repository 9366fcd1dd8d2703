/**
 * Operations in an order in which PostgreSQL can carry them out. It binds a view to its tables, and a default to
 * its sequence, the moment they are made, while operations that were written for any database, or turned round to
 * be taken back, may say them in another order.
 */

import type { Column, Schema } from '../../schema/model.js';
import type { Operation, OperationOf } from '../../schema/operations.js';
import { creationOrderOf, namesIn, saysName } from './dependents.js';

type ViewOperation = OperationOf<'createView' | 'replaceView'>;

/** The same operations: sequences before the defaults that use them, views behind what they show. */
export function inOrder(before: Schema, operations: readonly Operation[]): Operation[] {
  return viewsLast(sequencesAround(before, operations));
}

function sequencesAround(before: Schema, operations: readonly Operation[]): Operation[] {
  if (!operations.some(({ kind }) => kind === 'createSequence' || kind === 'dropSequence'))
    return [...operations];
  const old = before.tables.flatMap(({ columns }) => columns.flatMap(defaultNames));
  const fresh = operations.flatMap((op) => columnsOf(op).flatMap(defaultNames));
  const says = (list: readonly ReadonlySet<string>[], name: string): boolean =>
    list.some((names) => saysName(names, name));
  const first: Operation[] = [];
  const last: Operation[] = [];
  const rest = operations.filter((op) => {
    if (op.kind === 'createSequence' && says(fresh, op.sequence.name)) first.push(op);
    else if (op.kind === 'dropSequence' && says(old, op.name)) last.push(op);
    else return true;
    return false;
  });
  return [...first, ...rest, ...last];
}

function columnsOf(op: Operation): Pick<Column, 'default'>[] {
  switch (op.kind) {
    case 'createTable':
      return [...op.table.columns];
    case 'addColumn':
      return [op.column, ...(op.fill ? [{ default: op.fill }] : [])];
    case 'alterColumn':
      return op.change.default ? [{ default: op.change.default }] : [];
    default:
      return [];
  }
}

/** Names in a default; what nextval is given is a text with the name in it. */
function defaultNames({ default: value }: Pick<Column, 'default'>): ReadonlySet<string>[] {
  if (value?.kind !== 'expression') return [];
  const inside = [...value.sql.matchAll(/'((?:[^']|'')*)'/g)].map(([, text = '']) => namesIn(text));
  return [namesIn(value.sql), ...inside];
}

/**
 * Views wait for everything that they may show, each for those that it is built on; only a rename, after which
 * their text would be wrong, and the end of the view itself are not waited for.
 */
function viewsLast(operations: readonly Operation[]): Operation[] {
  const ordered: Operation[] = [];
  let waiting: ViewOperation[] = [];
  let triggers: Operation[] = [];
  const release = (): void => {
    const byView = new Map(waiting.map((op) => [op.view, op]));
    for (const view of creationOrderOf([...byView.keys()])) ordered.push(byView.get(view) as Operation);
    ordered.push(...triggers);
    waiting = [];
    triggers = [];
  };
  const isWaiting = (name: string): boolean => waiting.some(({ view }) => view.name === name);
  for (const op of operations) {
    if (op.kind === 'createView' || op.kind === 'replaceView') {
      if (isWaiting(op.view.name)) release();
      waiting.push(op);
    } else if (op.kind === 'createTrigger' && isWaiting(op.trigger.table)) triggers.push(op);
    else {
      const touches =
        op.kind === 'renameTable' ||
        op.kind === 'renameColumn' ||
        (op.kind === 'dropView' && isWaiting(op.name)) ||
        (op.kind === 'dropTrigger' && isWaiting(op.table));
      if (touches) release();
      ordered.push(op);
    }
  }
  release();
  return ordered;
}
