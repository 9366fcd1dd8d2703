/** require the genre
 *
 * Revision ID: 000000000005
 * Revises: 000000000004
 * Create Date: 2026-11-22 18:25:16 UTC
 */
import { type Operations, sql } from 'limbeck';
export const revision = '000000000005';
export const downRevision: string | string[] | null = '000000000004';
export const branchLabels: string[] = [];
export const dependsOn: string[] = [];

export async function upgrade(op: Operations): Promise<void> {
  await op.execute(sql`UPDATE books SET genre = ${'novel'} WHERE genre IS NULL`);
  op.alterColumn('books', 'genre', { nullable: false, default: 'novel' });
  op.addColumn('books', 'pages', { type: 'smallint' }, { fill: 100 });
}

export function downgrade(op: Operations): void {
  op.dropColumn('books', 'pages');
  op.alterColumn('books', 'genre', { nullable: true, default: null });
}
