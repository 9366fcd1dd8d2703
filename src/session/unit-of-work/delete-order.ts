/** Rows to delete → batches in which those that refer to others go before them. */

import { keyName } from '../../query/find/row-keys.js';
import { storedValue } from '../../query/mapping/column-values.js';
import { isOwningToOne, type MappedColumn, type MappedRelation } from '../../query/mapping/entity-map.js';
import { readColumn } from '../../query/mapping/read-column.js';
import { layoutOf, rowOf } from '../../query/mapping/row-state.js';
import { type Cut, type Need, type Order, orderByNeeds } from './order.js';
import { isChecked, mayBeNull, type Subject } from './subject.js';

/** The order in which the rows would be inserted, turned round. */
export function deleteOrder(subjects: readonly Subject[]): Order {
  const index = new RowIndex(subjects);
  const { batches, cut } = orderByNeeds(subjects, (subject) => index.needsOf(subject), cutOfDelete);
  return { batches: [...batches].reverse(), cut };
}

/** Finds the rows that others refer to, by the values of the columns that they are referred to by. */
export class RowIndex {
  readonly #subjects: readonly Subject[];
  readonly #tables: ReadonlySet<string>;
  readonly #rows = new Map<string, Map<unknown, Subject>>();

  constructor(subjects: readonly Subject[]) {
    this.#subjects = subjects;
    this.#tables = new Set(subjects.map(({ map }) => map.meta.tableName));
  }

  needsOf(subject: Subject): readonly Need[] {
    const needs: Need[] = [];
    for (const relation of subject.map.relations()) {
      if (!isOwningToOne(relation.meta) || !this.#tables.has(relation.target.meta.tableName)) continue;
      const needed = this.#rowsBy(relation).get(nameOf(subject, relation.local));
      if (needed !== undefined && needed !== subject) needs.push({ subject: needed, relation });
    }
    return needs;
  }

  #rowsBy({ target, remote }: MappedRelation): Map<unknown, Subject> {
    const columns = remote.map(({ meta }) => meta.name);
    const { tableName } = target.meta;
    const name = JSON.stringify([tableName, ...columns]);
    let rows = this.#rows.get(name);
    if (rows === undefined) {
      rows = new Map();
      for (const subject of this.#subjects) {
        if (subject.map.meta.tableName === tableName) rows.set(nameOf(subject, remote), subject);
      }
      rows.delete(undefined);
      this.#rows.set(name, rows);
    }
    return rows;
  }
}

/** The values of some columns of a subject's row; undefined where one is NULL or not known. */
function nameOf({ entity }: Subject, columns: readonly MappedColumn[]): unknown {
  const row = rowOf(entity);
  const layout = layoutOf(entity);
  const values = columns.map((column) => {
    const stored = row !== undefined && layout !== undefined ? storedValue(row, layout, column) : undefined;
    return stored !== undefined ? stored : column.encode(readColumn(column, entity));
  });
  return values.includes(null) ? undefined : keyName(values);
}

function cutOfDelete(subject: Subject, { relation }: Need): Cut {
  if (mayBeNull(relation)) return 'null';
  return isChecked(subject, relation) && relation.meta.onDelete !== 'CASCADE' ? undefined : 'free';
}
