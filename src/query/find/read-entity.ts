/**
 * Rows → entities. One reader is made for each list of columns: it calls `new E()`, sets plain own properties,
 * and keeps the row with the instance.
 */

import type { SqlValue } from '../../dialects/contract.js';
import { type MappedColumn, type RowLayout, type Values, writePath } from '../mapping/entity-map.js';
import { rememberRow } from '../mapping/row-state.js';

export type ReadEntity = (row: SqlValue[]) => Values;

/**
 * The reader of a layout.
 *
 * @param layout what stands in a row; what stands behind it there is left alone
 * @param shown the columns that become properties; the others are only kept with the row
 */
export function makeReader(layout: RowLayout, shown: ReadonlySet<MappedColumn>): ReadEntity {
  const target = layout.map.meta.target as new () => object;
  const columns = layout.columns.filter((column) => column.meta.role !== 'relation' && shown.has(column));
  const plain = columns.filter((column) => column.meta.path.length === 1);
  const deep = columns.filter((column) => column.meta.path.length > 1);
  const names = plain.map((column) => column.meta.path[0] as string);
  const decoders = plain.map((column) => column.decode);
  const places = plain.map((column) => layout.positions[column.index] as number);
  const count = plain.length;
  return (row) => {
    const entity = new target() as unknown as Values;
    for (let i = 0; i < count; i++) {
      entity[names[i] as string] = (decoders[i] as MappedColumn['decode'])(
        row[places[i] as number] as SqlValue,
      );
    }
    for (const { meta, decode, index } of deep) {
      writePath(layout.map, entity, meta.path, decode(row[layout.positions[index] as number] as SqlValue));
    }
    rememberRow(entity, row, layout);
    return entity;
  };
}
