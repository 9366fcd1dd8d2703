/** tidy up
 *
 * Revision ID: 000000000010
 * Revises: 00000000000f
 * Create Date: 2026-11-22 18:25:16 UTC
 */
import type { Operations } from 'limbeck';
export const revision = '000000000010';
export const downRevision: string | string[] | null = '00000000000f';
export const branchLabels: string[] = [];
export const dependsOn: string[] = [];

export function upgrade(op: Operations): void {
  op.dropIndex('ix_books_genre', 'publications');
  op.dropColumn('publications', 'pages');
  op.alterEnum('book_status', { remove: ['archived'], columns: ['publications.status'] });
  op.alterColumn('authors', 'name', { type: 'text' });
  op.createIndex('ix_publications_made_at', 'publications', ['made_at']);
}

export function downgrade(op: Operations): void {
  op.dropIndex('ix_publications_made_at', 'publications');
  op.alterColumn('authors', 'name', { type: 'varchar', length: 100 });
  op.alterEnum('book_status', { add: ['archived'], columns: ['publications.status'] });
  op.addColumn('publications', 'pages', { type: 'integer' }, { fill: 100 });
  op.createIndex('ix_books_genre', 'publications', ['genre', { name: 'heading', order: 'desc' }]);
}
