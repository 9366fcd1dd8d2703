/** Runs a SELECT and what follows it. */

import type { Connection, MaybePromise } from '../../dialects/contract.js';
import type { EntityMap, Values } from '../mapping/entity-map.js';
import { chain } from '../maybe-promise.js';
import { loadRelations } from './load-relations.js';
import type { SelectCall } from './select.js';

const EXACT = { bigints: true };

/** The entities of a SELECT, with the relations that were asked for. */
export function readRows(
  connection: Connection,
  map: EntityMap,
  { select: { sql, selection }, params, values }: SelectCall,
): MaybePromise<Values[]> {
  const options = selection.bigints ? EXACT : undefined;
  const { read, relations, relationIds } = selection;
  if (relations.length + relationIds.length === 0) {
    return chain(connection.queryArrays(sql, params, options), (rows) => rows.map(read));
  }
  const all = async (): Promise<Values[]> => {
    const entities = (await connection.queryArrays(sql, params, options)).map(read);
    if (entities.length > 0)
      await loadRelations({ connection, values, seen: new Map() }, entities, selection);
    return entities;
  };
  return connection.inTransaction ? all() : inOneState(connection, map, all);
}

/** Several queries see one state of the database, so that no key leads to a row that is gone since. */
export async function inOneState<R>(
  connection: Connection,
  map: EntityMap,
  work: () => Promise<R>,
): Promise<R> {
  await connection.run(map.dialect.begin.read);
  try {
    return await work();
  } finally {
    await connection.run('COMMIT');
  }
}
