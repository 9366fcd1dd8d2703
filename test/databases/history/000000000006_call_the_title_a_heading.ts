/** call the title a heading
 *
 * Revision ID: 000000000006
 * Revises: 000000000005
 * Create Date: 2026-11-22 18:25:16 UTC
 */
import type { Operations } from 'limbeck';
export const revision = '000000000006';
export const downRevision: string | string[] | null = '000000000005';
export const branchLabels: string[] = [];
export const dependsOn: string[] = [];

export function upgrade(op: Operations): void {
  op.renameColumn('books', 'title', 'heading');
  op.alterColumn('books', 'heading', { length: 300 });
}

export function downgrade(op: Operations): void {
  op.alterColumn('books', 'heading', { length: 200 });
  op.renameColumn('books', 'heading', 'title');
}
