/** Updates of many rows → groups that one text can write: of one class, the same columns, no row twice. */

import { keyName } from '../../query/find/row-keys.js';
import type { EntityMap } from '../../query/mapping/entity-map.js';
import type { Update } from './subject.js';

export interface UpdateGroup {
  readonly map: EntityMap;
  readonly rows: readonly Update[];
}

interface OpenGroup extends UpdateGroup {
  readonly rows: Update[];
  readonly keys: Set<unknown> | undefined;
}

export function groupUpdates(updates: readonly Update[]): readonly UpdateGroup[] {
  const groups: OpenGroup[] = [];
  let last: OpenGroup | undefined;
  for (const update of updates) {
    if (last === undefined || !fits(last, update)) {
      last = groups.find((group) => fits(group, update)) ?? open(groups, update);
    }
    last.rows.push(update);
    last.keys?.add(keyName(update.key));
  }
  return groups;
}

function open(groups: OpenGroup[], { subject: { map } }: Update): OpenGroup {
  // Row by row, writing a row twice is writing it twice; in one statement nobody knows which comes last.
  const { roundTrips } = map.dialect.capabilities;
  const group: OpenGroup = { map, rows: [], keys: roundTrips ? new Set() : undefined };
  groups.push(group);
  return group;
}

function fits({ map, rows, keys }: OpenGroup, update: Update): boolean {
  const first = rows[0] as Update;
  const { changes, version, key, subject } = update;
  if (subject.map !== map || changes.length !== first.changes.length) return false;
  if ((version === undefined) !== (first.version === undefined)) return false;
  for (let i = 0; i < changes.length; i++) {
    if (changes[i]?.column !== first.changes[i]?.column) return false;
  }
  return keys?.has(keyName(key)) !== true;
}
