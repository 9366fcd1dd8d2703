/** Which rows are there, of those that nobody has read: one query a class, on keys alone. */

import type { Connection, MaybePromise } from '../../dialects/contract.js';
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
      subjects.forEach((subject, i) => {
        const name = rowName(map.key, keys[i] as NonNullable<(typeof keys)[number]>);
        const first = fresh.get(name);
        subject.knowledge = found.has(name) ? 'there' : 'new';
        if (found.has(name)) return;
        if (first === undefined) fresh.set(name, subject);
        else {
          subject.twin = first;
          graph.twins.push(subject);
        }
      });
    });
  });
}
