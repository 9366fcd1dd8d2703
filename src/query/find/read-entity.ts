/**
 * Rows → entities. One reader is made for each list of columns: it calls `new E()`, sets plain own properties,
 * and keeps the row with the instance.
 */

import type { SqlValue } from '../../dialects/contract.js';
import { type MappedColumn, type RowLayout, type Values, writePath } from '../mapping/entity-map.js';
import { placeIn } from '../mapping/row-layout.js';
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
  const fill = makeFiller(columns.filter((column) => column.meta.path.length === 1).map(placed(layout)));
  const deep = columns.filter((column) => column.meta.path.length > 1).map(placed(layout));
  if (deep.length === 0) {
    return (row) => {
      const entity = new target() as Values;
      fill(entity, row);
      rememberRow(entity, row, layout);
      return entity;
    };
  }
  return (row) => {
    const entity = new target() as Values;
    fill(entity, row);
    for (const { path, decode, place } of deep) {
      writePath(layout.map, entity, path, decode(row[place] as SqlValue));
    }
    rememberRow(entity, row, layout);
    return entity;
  };
}

/** A column and where it stands in a row. */
interface PlacedColumn {
  readonly path: readonly string[];
  readonly decode: MappedColumn['decode'];
  readonly place: number;
}

function placed(layout: RowLayout): (column: MappedColumn) => PlacedColumn {
  return (column) => ({ path: column.meta.path, decode: column.decode, place: placeIn(layout, column) });
}

type Filler = (entity: Values, row: readonly SqlValue[]) => void;

/**
 * Sets the properties of an entity from a row.
 *
 * The code is generated, so that every property has a place of its own in it: V8 then knows the class and the
 * codec that it will meet there, where one loop for all entities meets them all ("megamorphic").
 */
function makeFiller(columns: readonly PlacedColumn[]): Filler {
  const decoders = columns.map(({ decode }) => decode);
  const names = columns.map(({ path }) => path[0] as string);
  const lines = columns.map(
    ({ place }, i) => `entity[${JSON.stringify(names[i])}] = decode${i}(row[${place}]);`,
  );
  const unpacked = columns.map((_, i) => `decode${i}`).join(', ');
  try {
    const make = new Function(
      'decoders',
      `'use strict'; const [${unpacked}] = decoders; return (entity, row) => { ${lines.join(' ')} };`,
    ) as (list: readonly unknown[]) => Filler;
    return make(decoders);
  } catch (cause) {
    // Node may be told to generate none (--disallow-code-generation-from-strings).
    if (!(cause instanceof EvalError)) throw cause;
    return (entity, row) => {
      for (let i = 0; i < columns.length; i++) {
        const { decode, place } = columns[i] as PlacedColumn;
        entity[names[i] as string] = decode(row[place] as SqlValue);
      }
    };
  }
}
