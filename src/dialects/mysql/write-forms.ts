/**
 * The words of MySQL and MariaDB for rows that may be there already, and for exact arithmetic.
 *
 * ON DUPLICATE KEY UPDATE cannot be told by which key ("INSERT ... ON DUPLICATE KEY UPDATE Statement"): every
 * assignment asks whether the row is there by the key that is meant, so that a row which is there by another one
 * keeps its values.
 */

import { error } from '../../base/error-codes.js';
import type { UpsertParts, WriteForms } from '../shared/write-forms.js';
import { packedRows } from './packed-rows.js';
import { HOLDS } from './statement-kinds.js';

export function writeForms(database: string): WriteForms {
  return {
    upsertKind: 'on-duplicate-key-update',
    upsert: (parts) => onDuplicateKey(database, parts),
    changesByItself: ({ options }) => (options?.['mysql.onUpdate'] ?? false) !== false,
    packedRows,
    sum(column, operator, value, type) {
      // A number that is bound is a DOUBLE, beside which every other number becomes one.
      switch (type.kind) {
        case 'smallint':
        case 'integer':
        case 'bigint':
          return `${column} ${operator} CAST(${value} AS SIGNED)`;
        case 'decimal':
          return `${column} ${operator} CAST(${value} AS DECIMAL(65, ${type.scale ?? 0}))`;
        default:
          return `${column} ${operator} ${value}`;
      }
    },
  };
}

function onDuplicateKey(database: string, { target, targetWhere, set, changed, where }: UpsertParts): string {
  if (targetWhere !== undefined) {
    throw error('CAPABILITY_MISSING', {
      database,
      feature: 'unique index on some rows only',
      object: 'upsert({ indexPredicate })',
    });
  }
  const key = target[0] as string;
  if (set.length === 0) return ` ON DUPLICATE KEY UPDATE ${key} = ${key}`;
  const conditions = [
    ...target.map((column) => `${column} <=> VALUES(${column})`),
    ...(changed === undefined
      ? []
      : [`(${changed.map((column) => `NOT (${column} <=> VALUES(${column}))`).join(' OR ')})`]),
    ...(where === undefined ? [] : [`(${where})`]),
  ];
  const assignments = set.map(({ column, value }, i) => {
    const holds = i === 0 ? `(${HOLDS} := (${conditions.join(' AND ')}))` : HOLDS;
    const becomes = value === 'inserted' ? `VALUES(${column})` : `${column} + 1`;
    return `${column} = IF(${holds}, ${becomes}, ${column})`;
  });
  return ` ON DUPLICATE KEY UPDATE ${assignments.join(', ')}`;
}
