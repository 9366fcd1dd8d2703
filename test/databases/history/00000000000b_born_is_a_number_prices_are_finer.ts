/** born is a number, prices are finer
 *
 * Revision ID: 00000000000b
 * Revises: 000000000006
 * Create Date: 2026-11-22 18:25:16 UTC
 */
import type { Operations } from 'limbeck';
export const revision = '00000000000b';
export const downRevision: string | string[] | null = '000000000006';
export const branchLabels: string[] = [];
export const dependsOn: string[] = [];

export function upgrade(op: Operations): void {
  op.alterColumn('authors', 'born', { type: 'integer' });
  op.alterColumn('books', 'price', { type: 'decimal', precision: 12, scale: 4 });
  op.alterColumn('books', 'pages', { type: 'integer' });
  op.alterColumn('books', 'in_print', { type: 'integer', default: 1 });
}

export function downgrade(op: Operations): void {
  op.alterColumn('books', 'in_print', { type: 'boolean', default: true });
  op.alterColumn('books', 'pages', { type: 'smallint' });
  op.alterColumn('books', 'price', { type: 'decimal', precision: 8, scale: 2 });
  op.alterColumn('authors', 'born', { type: 'varchar', length: 10 });
}
