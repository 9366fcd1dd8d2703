/** fill the shelves
 *
 * Revision ID: 000000000003
 * Revises: 000000000002
 * Create Date: 2026-11-22 18:25:16 UTC
 */
import { type Operations, sql } from 'limbeck';
export const revision = '000000000003';
export const downRevision: string | string[] | null = '000000000002';
export const branchLabels: string[] = [];
export const dependsOn: string[] = [];

export async function upgrade(op: Operations): Promise<void> {
  op.bulkInsert('authors', [
    { id: 1, name: 'Ursula', born: '1929' },
    { id: 2, name: 'Stanisław', born: null },
  ]);
  op.bulkInsert('books', [
    { id: 1, title: 'The Dispossessed', price: '12.50', status: 'printed', author_id: 1 },
    { id: 2, title: "It's Solaris", price: '8.99', status: 'draft', author_id: 2, in_print: false },
    { id: 3, title: 'Łód; -- "x"', price: '0.10', status: 'sold out', author_id: 1 },
  ]);
  await op.execute(sql`UPDATE books SET made_at = ${'2026-01-02 03:04:05.678'} WHERE id = ${1}`);
}

export async function downgrade(op: Operations): Promise<void> {
  await op.execute('DELETE FROM books');
  await op.execute('DELETE FROM authors');
}
