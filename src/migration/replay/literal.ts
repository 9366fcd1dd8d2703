/** A value of JavaScript's as a literal of SQL, where no column says its type. */

import type { Dialect } from '../../dialects/contract.js';

export function sqlLiteral(dialect: Dialect, value: unknown): string {
  if (value === null || value === undefined) return dialect.literal(null);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) {
    const codec = dialect.codec({ kind: 'timestamp' }, { owner: 'a value in a migration' });
    return sqlLiteral(dialect, codec.encode(value));
  }
  if (value instanceof Uint8Array) return dialect.literal(value);
  return dialect.literal(
    typeof value === 'object' ? JSON.stringify(value) : (value as string | number | boolean),
  );
}
