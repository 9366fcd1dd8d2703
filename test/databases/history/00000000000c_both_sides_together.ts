/** both sides together
 *
 * Revision ID: 00000000000c
 * Revises: 00000000000a, 00000000000b
 * Create Date: 2026-11-22 18:25:16 UTC
 */
import type { Operations } from 'limbeck';
export const revision = '00000000000c';
export const downRevision: string | string[] | null = ['00000000000a', '00000000000b'];
export const branchLabels: string[] = [];
export const dependsOn: string[] = [];

export function upgrade(op: Operations): void {
  void op;
}

export function downgrade(op: Operations): void {
  void op;
}
