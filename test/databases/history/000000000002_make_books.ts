/** make books
 *
 * Revision ID: 000000000002
 * Revises: 000000000001
 * Create Date: 2026-11-22 18:25:16 UTC
 */
import type { Operations } from 'limbeck';
export const revision = '000000000002';
export const downRevision: string | string[] | null = '000000000001';
export const branchLabels: string[] = [];
export const dependsOn: string[] = [];

export function upgrade(op: Operations): void {
  op.createTable('books', {
    columns: {
      id: { type: 'integer', generated: 'increment' },
      title: { type: 'varchar', length: 200 },
      price: { type: 'decimal', precision: 8, scale: 2, default: 0 },
      status: {
        type: 'enum',
        enum: ['draft', 'printed', 'sold out'],
        enumName: 'book_status',
        default: 'draft',
      },
      in_print: { type: 'boolean', default: true },
      author_id: { type: 'integer' },
      made_at: { type: 'timestamp', default: () => 'CURRENT_TIMESTAMP' },
    },
    primaryKey: { columns: ['id'], name: 'pk_books' },
    foreignKeys: [
      {
        columns: ['author_id'],
        refTable: 'authors',
        refColumns: ['id'],
        name: 'fk_books_author_id_authors',
        onDelete: 'CASCADE',
      },
    ],
    indexes: [{ columns: ['author_id'], name: 'ix_books_author_id' }],
  });
}

export function downgrade(op: Operations): void {
  op.dropTable('books');
  op.dropEnum('book_status');
}
