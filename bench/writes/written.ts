/** What a candidate has written, so that only equal work is compared. */

import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';

/** Times of deletion are whenever they were; that there is one is what counts. */
const QUERIES = [
  'SELECT id, text, stars, written_at FROM notes ORDER BY id',
  'SELECT id, customer FROM orders ORDER BY id',
  'SELECT id, product, quantity, price, order_id FROM lines ORDER BY id',
  'SELECT id FROM drafts WHERE deleted_at IS NOT NULL ORDER BY id',
];

/** A digest of every row that a workload may have written. */
export function writtenBy(file: string): string {
  const db = new Database(file, { readonly: true });
  try {
    const hash = createHash('sha256');
    for (const sql of QUERIES)
      for (const row of db.prepare(sql).raw().iterate()) hash.update(JSON.stringify(row));
    return hash.digest('hex').slice(0, 12);
  } finally {
    db.close();
  }
}
