/**
 * Orders tables so that nothing is referenced before it exists.
 *
 * Foreign keys that form a cycle are named, so that the caller can take them out and add them last.
 */

import { stronglyConnected } from '../base/graph.js';
import type { ForeignKey, Table } from './model.js';

/** Tables in an order in which they can be made, and the foreign keys to add when all of them are there. */
export interface CreationOrder {
  /** Parents first; without the detached keys. */
  readonly tables: readonly Table[];
  readonly detached: readonly { readonly table: string; readonly foreignKey: ForeignKey }[];
}

/**
 * The order in which to make tables; dropping goes through it backwards, detached keys first.
 *
 * @param tables not mutated; the order given is kept among tables that do not depend on each other
 * @returns parents first, the keys of cycles between tables detached; a key of a table to itself stays. O(V + E)
 */
export function creationOrder(tables: readonly Table[]): CreationOrder {
  const present = new Map(tables.map((table) => [table.name, table]));
  const parents = (table: Table): string[] =>
    table.foreignKeys.map((key) => key.refTable).filter((name) => present.has(name));
  const groups = stronglyConnected(
    tables.map((table) => table.name),
    (name) => parents(present.get(name) as Table),
  );
  const ordered: Table[] = [];
  const detached: { table: string; foreignKey: ForeignKey }[] = [];
  for (const group of groups) {
    const cycle = new Set(group.length > 1 ? group : []);
    for (const name of group) {
      const table = present.get(name) as Table;
      const inCycle = (key: ForeignKey): boolean => key.refTable !== name && cycle.has(key.refTable);
      for (const foreignKey of table.foreignKeys) {
        if (inCycle(foreignKey)) detached.push({ table: name, foreignKey });
      }
      const foreignKeys = table.foreignKeys.filter((key) => !inCycle(key));
      ordered.push(foreignKeys.length === table.foreignKeys.length ? table : { ...table, foreignKeys });
    }
  }
  return { tables: ordered, detached };
}
