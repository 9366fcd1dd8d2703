/**
 * Writing rows by criteria in a session's transaction: which of the rows that it has are meant is asked beforehand,
 * and what they hold is read again afterwards. It costs nothing where the session has no rows of the class.
 */

import type { Connection } from '../dialects/contract.js';
import { type EntityMap, isOwningToOne, type Values } from '../query/mapping/entity-map.js';
import { readCriteriaKeys } from '../query/write/criteria.js';
import { rowName } from '../query/write/keys.js';
import { keysIn, whereOf } from './criteria.js';
import type { EntityHooks } from './entity-hooks.js';
import { type Managed, nameOfKey } from './identity-map.js';
import { PinnedRunner } from './pinned-runner.js';
import type { Journal } from './scope.js';
import type { BulkWrite } from './session-bulk.js';
import type { SessionContents } from './session-contents.js';
import { keyObject, keyOfManaged } from './session-keys.js';
import type { SessionReader } from './session-reader.js';
import type { SessionTransaction } from './session-transaction.js';
import { Memory } from './unit-of-work/memory.js';
import { WriteRepository } from './write-repository.js';
import type { WriteResult } from './write-types.js';

export interface BulkPlace {
  readonly contents: SessionContents;
  readonly reader: SessionReader;
  readonly transaction: SessionTransaction;
  readonly hooks: EntityHooks;
}

/** Writes by criteria, and brings what the session has of the rows up to date. */
export async function bulkWrite<T extends object>(
  { contents, reader, transaction, hooks }: BulkPlace,
  map: EntityMap,
  { method, criteria, write }: BulkWrite<T>,
): Promise<WriteResult> {
  const where = whereOf(map, criteria, method);
  const held = contents.ofFamily(map);
  let touched: readonly Managed[] = [];
  const result = await transaction.atomic(async (connection, journal) => {
    if (held.length > 0) touched = await touchedBy(connection, map, { criteria, where, method }, held);
    const written = await write(new WriteRepository<T>(map, new PinnedRunner(connection), hooks));
    if (method === 'delete') journal.remember(contents.drop(touched));
    else keepAll(touched, journal);
    return written;
  });
  if (method === 'delete') contents.ageDependents(map);
  else await readAgain(reader, touched);
  return result;
}

interface Meant {
  readonly criteria: unknown;
  readonly where: unknown;
  readonly method: string;
}

/** Of the rows that the session has those that meet the criteria. */
async function touchedBy(
  connection: Connection,
  map: EntityMap,
  { criteria, where, method }: Meant,
  held: readonly Managed[],
): Promise<readonly Managed[]> {
  const keys = keysIn(criteria);
  const names =
    keys === undefined
      ? (await readCriteriaKeys(connection, map, where, method)).map((key) => rowName(map.key, key))
      : keys.map((key) => nameOfKey(map, keyObject(map, key)));
  const meant = new Set(names);
  return held.filter(({ name }) => meant.has(name));
}

/** What entities hold now is what they hold again when the transaction is rolled back. */
function keepAll(touched: readonly Managed[], journal: Journal): void {
  const memory = new Memory(journal);
  for (const { map, entity } of touched) {
    memory.keep(entity);
    for (const { meta } of map.columns) {
      if (meta.role !== 'relation' && meta.path.length > 0) memory.keepPath(entity, meta.path);
    }
    for (const { meta } of map.relations()) if (isOwningToOne(meta)) memory.keepPath(entity, meta.path);
  }
}

async function readAgain(reader: SessionReader, touched: readonly Managed[]): Promise<void> {
  const byMap = new Map<EntityMap, Values[]>();
  for (const managed of touched) {
    managed.goodUntil = -1;
    const { map } = managed;
    byMap.set(map, [...(byMap.get(map) ?? []), keyOfManaged(managed)]);
  }
  for (const [map, keys] of byMap) await reader.rows(map, keys);
}
