/** Which rows are there, of those that nobody has read: one query a class, on keys alone. */

import type { Connection, MaybePromise } from '../../dialects/contract.js';
import type { EntityMap } from '../../query/mapping/entity-map.js';
import { chain, inTurn } from '../../query/maybe-promise.js';
import { readKeys, rowName } from '../../query/write/keys.js';
import { keyOf } from '../../query/write/update.js';
import { type Graph, mustAsk } from './graph.js';
import { type Batch, byClass } from './order.js';
import type { Subject } from './subject.js';

/** The subjects of a graph whose rows the database has to be asked for. */
export function unknownOf(graph: Graph): Subject[] {
  const unknown: Subject[] = [];
  for (const subject of graph.subjects.values()) if (mustAsk(subject)) unknown.push(subject);
  return unknown;
}

/** Asks for the rows of subjects; several instances of a row that is not there are one new row. */
export function resolve(
  connection: Connection,
  graph: Graph,
  subjects: readonly Subject[],
): MaybePromise<void> {
  return inTurn(byClass(subjects), ({ map, subjects }: Batch) => {
    const keys = subjects.map(({ entity, given }) => keyOf(map, entity, given));
    return chain(readKeys(connection, map, keys), (found) => {
      const fresh = new Map<unknown, Subject>();
      const going = removedOf(graph, map);
      subjects.forEach((subject, i) => {
        const name = rowName(map.key, keys[i] as NonNullable<(typeof keys)[number]>);
        const first = fresh.get(name);
        // Its row is there, but goes: it is another one that comes in its place.
        const isThere = found.has(name) && !going.has(name);
        subject.knowledge = isThere ? 'there' : 'new';
        if (isThere) return;
        if (first === undefined) fresh.set(name, subject);
        else {
          subject.twin = first;
          graph.twins.push(subject);
        }
      });
    });
  });
}

/** The rows of a family that the graph deletes. */
function removedOf(graph: Graph, { root }: EntityMap): ReadonlySet<unknown> {
  const names = new Set<unknown>();
  for (const { action, map, entity } of graph.subjects.values()) {
    if (action === 'remove' && map.root === root) names.add(rowName(map.key, keyOf(map, entity)));
  }
  return names;
}
