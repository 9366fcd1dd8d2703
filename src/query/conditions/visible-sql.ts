/** The conditions that stand on every query of an entity, and the WHERE that holds them. */

import type { SqlValue } from '../../dialects/contract.js';
import type { Discriminator, EntityMap } from '../mapping/entity-map.js';
import type { StatementWriter } from '../statement.js';

/** Which rows a statement may see beside its conditions. */
export interface Visibility {
  readonly withDeleted: boolean;
}

/** The conditions that stand on every query of the entity: its class, and whether its rows are deleted. */
export function writeVisible(
  map: EntityMap,
  alias: string,
  writer: StatementWriter,
  visible: Visibility,
): string[] {
  const parts: string[] = [];
  // Where each class has a table, those that are joined say of which class a row is.
  const values = map.meta.parts === undefined ? classValues(map) : undefined;
  if (values !== undefined) {
    const list = values.map((value) => writer.constant(value)).join(', ');
    parts.push(`${alias}.${(map.discriminator as Discriminator).column.sql} IN (${list})`);
  }
  if (!visible.withDeleted) for (const sql of deleteDates(map)) parts.push(`${alias}.${sql} IS NULL`);
  return parts;
}

const NONE: readonly string[] = [];
const datesOfFamilies = new WeakMap<EntityMap, readonly string[]>();

/** The columns that hide a row: the class's own, and those that only classes below it have. */
function deleteDates(map: EntityMap): readonly string[] {
  const { family, deleteDate } = map;
  if (deleteDate !== undefined) return [deleteDate.sql];
  if (family === undefined) return NONE;
  let known = datesOfFamilies.get(map);
  if (known === undefined) {
    const dates = family.flatMap((member) =>
      member.deleteDate === undefined ? [] : [map.columnBelow(member, member.deleteDate).sql],
    );
    known = [...new Set(dates)];
    datesOfFamilies.set(map, known);
  }
  return known;
}

/** What the discriminator of a row must be for it to be of the class; undefined where every row of the table is. */
export function classValues({ meta, discriminator }: EntityMap): readonly SqlValue[] | undefined {
  // Rows of a class that nobody knows are the first class's as well: not to see them would hide a mistake.
  return meta.parent === undefined ? undefined : discriminator?.values;
}

/** The same as a condition of a statement by key, with its values bound last; nothing where every row is of the class. */
export function classCondition(map: EntityMap, placeholder: () => string): readonly string[] {
  const values = classValues(map);
  if (values === undefined) return [];
  return [`${map.discriminator?.column.sql} IN (${values.map(placeholder).join(', ')})`];
}

/** ` WHERE a AND b`, or nothing. */
export function whereClause(parts: readonly string[]): string {
  const real = parts.filter((part) => part !== '');
  return real.length === 0 ? '' : ` WHERE ${real.join(' AND ')}`;
}
