/** add a genre
 *
 * Revision ID: 000000000004
 * Revises: 000000000003
 * Create Date: 2026-11-22 18:25:16 UTC
 */
import type { Operations } from 'limbeck';
export const revision = '000000000004';
export const downRevision: string | string[] | null = '000000000003';
export const branchLabels: string[] = [];
export const dependsOn: string[] = [];

export function upgrade(op: Operations): void {
  op.addColumn('books', 'genre', { type: 'varchar', length: 50, nullable: true });
  op.createIndex('ix_books_genre', 'books', ['genre', { name: 'title', order: 'desc' }]);
}

export function downgrade(op: Operations): void {
  op.dropIndex('ix_books_genre', 'books');
  op.dropColumn('books', 'genre');
}
