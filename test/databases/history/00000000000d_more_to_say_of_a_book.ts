/** more to say of a book
 *
 * Revision ID: 00000000000d
 * Revises: 00000000000c
 * Create Date: 2026-11-22 18:25:16 UTC
 */
import { type Operations, sql } from 'limbeck';
export const revision = '00000000000d';
export const downRevision: string | string[] | null = '00000000000c';
export const branchLabels: string[] = [];
export const dependsOn: string[] = [];

export async function upgrade(op: Operations): Promise<void> {
  op.alterEnum('book_status', {
    add: ['archived', { value: 'lost', before: 'printed' }],
    rename: { 'sold out': 'gone' },
    columns: ['books.status'],
  });
  await op.execute(sql`UPDATE books SET status = ${'lost'} WHERE id = ${2}`);
}

export async function downgrade(op: Operations): Promise<void> {
  await op.execute(sql`UPDATE books SET status = ${'draft'} WHERE id = ${2}`);
  op.alterEnum('book_status', {
    rename: { gone: 'sold out' },
    remove: ['archived', 'lost'],
    columns: ['books.status'],
  });
}
