/** books are publications
 *
 * Revision ID: 00000000000e
 * Revises: 00000000000d
 * Create Date: 2026-11-22 18:25:16 UTC
 */
import type { Operations } from 'limbeck';
export const revision = '00000000000e';
export const downRevision: string | string[] | null = '00000000000d';
export const branchLabels: string[] = [];
export const dependsOn: string[] = [];

export function upgrade(op: Operations): void {
  op.renameTable('books', 'publications');
  op.createUniqueConstraint('uq_publications_heading', 'publications', ['heading', 'author_id']);
  op.createCheckConstraint('ck_publications_price', 'publications', 'price >= 0');
}

export function downgrade(op: Operations): void {
  op.dropConstraint('ck_publications_price', 'publications');
  op.dropConstraint('uq_publications_heading', 'publications');
  op.renameTable('publications', 'books');
}
