/** make authors
 *
 * Revision ID: 000000000001
 * Revises: (base)
 * Create Date: 2026-11-22 18:25:16 UTC
 */
import type { Operations } from 'limbeck';
export const revision = '000000000001';
export const downRevision: string | string[] | null = null;
export const branchLabels: string[] = [];
export const dependsOn: string[] = [];

export function upgrade(op: Operations): void {
  op.createTable('authors', {
    columns: {
      id: { type: 'integer', generated: 'increment' },
      name: { type: 'varchar', length: 100 },
      born: { type: 'varchar', length: 10, nullable: true },
    },
    primaryKey: { columns: ['id'], name: 'pk_authors' },
  });
}

export function downgrade(op: Operations): void {
  op.dropTable('authors');
}
