/** `lock` options: which rows are locked until the transaction ends, or which version they must still have. */

import { error } from '../../base/error-codes.js';
import { nearestName } from '../../base/text.js';
import type { RowLock, SqlValue } from '../../dialects/contract.js';
import { describeKey, storedValue } from '../mapping/column-values.js';
import type { EntityMap, MappedColumn, Values } from '../mapping/entity-map.js';
import { layoutOf, rowOf } from '../mapping/row-state.js';
import { asOptions, unknownOption } from './option-errors.js';

/** Rows are locked, and others wait, fail or pass them over; only inside a transaction. */
export interface PessimisticLock {
  readonly mode:
    | 'pessimistic_read'
    | 'pessimistic_write'
    | 'pessimistic_partial_write'
    | 'pessimistic_write_or_fail'
    | 'for_no_key_update'
    | 'for_key_share';
  /** Rows that others have locked are an error, or passed over; they are waited for unless told. */
  readonly onLocked?: 'nowait' | 'skip_locked';
}

/** What is found must be at this version (`@VersionColumn`), or of this moment (`@UpdateDateColumn`). */
export interface OptimisticLock {
  readonly mode: 'optimistic';
  readonly version: number | bigint | string | Date;
}

export type FindLock = PessimisticLock | OptimisticLock;

type Strength = RowLock['strength'];

const MODES: Readonly<
  Record<string, { readonly strength: Strength; readonly onLocked?: RowLock['onLocked'] }>
> = {
  pessimistic_read: { strength: 'share' },
  pessimistic_write: { strength: 'update' },
  pessimistic_partial_write: { strength: 'update', onLocked: 'skip_locked' },
  pessimistic_write_or_fail: { strength: 'update', onLocked: 'nowait' },
  for_no_key_update: { strength: 'noKeyUpdate' },
  for_key_share: { strength: 'keyShare' },
};

const LOCK_OPTIONS = ['mode', 'version', 'onLocked'];

/** The lock that is written into a statement; undefined for an optimistic one. @throws OPTION_INVALID */
export function rowLockOf(lock: unknown): RowLock | undefined {
  const { mode, onLocked } = checkedLock(lock);
  if (mode === 'optimistic') return undefined;
  const known = MODES[mode as string] as NonNullable<(typeof MODES)[string]>;
  if (onLocked !== undefined && onLocked !== 'nowait' && onLocked !== 'skip_locked') {
    throw error('OPTION_INVALID', { option: 'lock.onLocked', problem: "expected 'nowait' or 'skip_locked'" });
  }
  return { strength: known.strength, onLocked: onLocked ?? known.onLocked };
}

function checkedLock(lock: unknown): Values {
  const options = asOptions('lock', lock);
  for (const option in options) {
    if (!LOCK_OPTIONS.includes(option)) throw unknownOption(option, 'lock', LOCK_OPTIONS);
  }
  const { mode } = options;
  const modes = [...Object.keys(MODES), 'optimistic'];
  if (typeof mode !== 'string' || !modes.includes(mode)) {
    const nearest = typeof mode === 'string' ? nearestName(mode, modes) : undefined;
    const problem = `there is no mode ${JSON.stringify(mode) ?? 'undefined'}${nearest === undefined ? '' : `; did you mean '${nearest}'?`}`;
    throw error('OPTION_INVALID', { option: 'lock', problem });
  }
  return options;
}

/** Locks are let go when a transaction ends, without one at once; and they are there for those who write. */
export function refuseLockOutside(lock: unknown, place: 'outside' | 'readOnly' | 'writing'): void {
  if (place === 'writing' || rowLockOf(lock) === undefined) return;
  const mode = String((lock as Values).mode);
  if (place === 'outside') throw error('LOCK_OUTSIDE_TRANSACTION', { mode });
  throw error('READ_ONLY', { reason: `lock: '${mode}' is for rows that are written` });
}

/** Compares what was found with the version that an optimistic lock names. @throws OPTIMISTIC_LOCK */
export function checkVersions(map: EntityMap, lock: unknown, entities: readonly Values[]): void {
  const { mode, version } = checkedLock(lock);
  if (mode !== 'optimistic') return;
  const isMoment = version instanceof Date;
  const column = isMoment ? map.updateDate : map.version;
  if (column === undefined || version === undefined || version === null) {
    const missing = isMoment ? 'update date' : 'version';
    const problem =
      column === undefined ? `'${map.meta.name}' has no ${missing} column` : "'optimistic' takes a version";
    throw error('OPTION_INVALID', { option: 'lock', problem });
  }
  for (const entity of entities) checkVersion(map, column, entity, version);
}

function checkVersion(map: EntityMap, column: MappedColumn, entity: Values, wanted: unknown): void {
  const row = rowOf(entity) as SqlValue[];
  const layout = layoutOf(entity);
  const stored = layout === undefined ? undefined : storedValue(row, layout, column);
  if (stored === undefined) {
    const problem = `'${column.owner}' is not selected, so nothing can be compared with it`;
    throw error('OPTION_INVALID', { option: 'lock', problem });
  }
  const found = column.decode(stored);
  if (sameVersion(found, wanted)) return;
  throw error('OPTIMISTIC_LOCK', {
    entity: map.meta.name,
    key: describeKey(map, entity),
    version: wanted instanceof Date ? wanted.toISOString() : String(wanted),
  });
}

function sameVersion(found: unknown, wanted: unknown): boolean {
  if (wanted instanceof Date) return new Date(found as Date | string).getTime() === wanted.getTime();
  return String(found) === String(wanted);
}
