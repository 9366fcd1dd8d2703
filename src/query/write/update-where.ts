/** UPDATE of the rows that meet some criteria. */

import { error } from '../../base/error-codes.js';
import type { Connection, MaybePromise } from '../../dialects/contract.js';
import { isComputed, moment, valueToWrite } from '../mapping/column-values.js';
import type { EntityMap, Values } from '../mapping/entity-map.js';
import { chain } from '../maybe-promise.js';
import { StatementWriter } from '../statement.js';
import { writeCriteria } from './criteria.js';
import type { Change } from './update.js';

/**
 * Writes values to the rows that meet some criteria.
 *
 * @throws CRITERIA_EMPTY · UPDATE_EMPTY · PROPERTY_UNKNOWN
 */
export function updateWhere(
  connection: Connection,
  map: EntityMap,
  where: unknown,
  values: Values,
): MaybePromise<number> {
  const writer = new StatementWriter(map.dialect);
  const changes = assignments(map, values);
  const set = changes.map(({ column, value }) => `${column.sql} = ${writer.constant(value)}`);
  if (map.version !== undefined && !changes.some(({ column }) => column === map.version)) {
    set.push(`${map.version.sql} = ${map.version.sql} + 1`);
  }
  const { text, params } = writeCriteria(map, where, writer, 'update');
  const sql = `UPDATE ${map.sql} SET ${set.join(', ')}${text}`;
  return chain(connection.run(sql, params), (result) => result.changes);
}

/** To set what is computed on read would do nothing, which nobody can mean. */
function refuseComputed(map: EntityMap, values: Values): void {
  const computed = Object.keys(values).find((property) => {
    const field = map.fields.get(property);
    const isRead = field === undefined || (field.kind === 'column' && field.meta.role === 'virtual');
    return values[property] !== undefined && isRead;
  });
  if (computed === undefined) return;
  const problem = `'${map.meta.name}.${computed}' is computed when it is read; leave it out`;
  throw error('OPTION_INVALID', { option: 'values', problem });
}

function assignments(map: EntityMap, values: Values): Change[] {
  for (const property in values) if (!map.knows(property)) throw map.unknown(property, 'values');
  refuseComputed(map, values);
  const toMany = Object.keys(values).find((property) => {
    const field = map.fields.get(property);
    return values[property] !== undefined && field?.kind === 'relation' && field.toMany;
  });
  if (toMany !== undefined) {
    throw error('OPTION_INVALID', {
      option: 'values',
      problem: `'${map.meta.name}.${toMany}' has many members; save() writes them`,
    });
  }
  const changes: Change[] = [];
  for (const column of map.columns) {
    const value = valueToWrite(map, column, values);
    if (value !== undefined && !isComputed(column)) changes.push({ column, value: column.encode(value) });
  }
  if (changes.length === 0) throw error('UPDATE_EMPTY', { entity: map.meta.name });
  const { updateDate } = map;
  if (updateDate !== undefined && !changes.some(({ column }) => column === updateDate)) {
    changes.push({ column: updateDate, value: updateDate.encode(moment(updateDate, new Date())) });
  }
  return changes;
}
