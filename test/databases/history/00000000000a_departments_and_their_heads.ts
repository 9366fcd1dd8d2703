/** departments and their heads
 *
 * Revision ID: 00000000000a
 * Revises: 000000000006
 * Create Date: 2026-11-22 18:25:16 UTC
 */
import type { Operations } from 'limbeck';
export const revision = '00000000000a';
export const downRevision: string | string[] | null = '000000000006';
export const branchLabels: string[] = [];
export const dependsOn: string[] = [];

export async function upgrade(op: Operations): Promise<void> {
  op.createTable('departments', {
    columns: {
      id: { type: 'integer' },
      name: { type: 'varchar', length: 40, comment: "what it's called" },
      head_id: { type: 'integer', nullable: true },
    },
    primaryKey: { columns: ['id'], name: 'pk_departments' },
    uniques: [{ columns: ['name'], name: 'uq_departments_name' }],
  });
  op.createTable('employees', {
    columns: {
      department_id: { type: 'integer' },
      number: { type: 'integer' },
      name: { type: 'text' },
      boss_department_id: { type: 'integer', nullable: true },
      boss_number: { type: 'integer', nullable: true },
    },
    primaryKey: { columns: ['department_id', 'number'], name: 'pk_employees' },
    foreignKeys: [
      {
        columns: ['department_id'],
        refTable: 'departments',
        refColumns: ['id'],
        name: 'fk_employees_department_id_departments',
        onDelete: 'CASCADE',
      },
      {
        columns: ['boss_department_id', 'boss_number'],
        refTable: 'employees',
        refColumns: ['department_id', 'number'],
        name: 'fk_employees_boss',
      },
    ],
    indexes: [{ columns: ['boss_department_id', 'boss_number'], name: 'ix_employees_boss' }],
  });
  op.addColumn('departments', 'head_number', { type: 'integer', nullable: true });
  op.createIndex('ix_departments_head', 'departments', ['head_id', 'head_number']);
  op.createForeignKey(
    'fk_departments_head',
    'departments',
    ['head_id', 'head_number'],
    'employees',
    ['department_id', 'number'],
    { onDelete: 'SET NULL' },
  );
  op.bulkInsert('departments', [{ id: 7, name: 'Print' }]);
  op.bulkInsert('employees', [{ department_id: 7, number: 1, name: 'Ada' }]);
  await op.execute('UPDATE departments SET head_id = 7, head_number = 1');
}

export function downgrade(op: Operations): void {
  op.dropConstraint('fk_departments_head', 'departments');
  op.dropTable('employees');
  op.dropTable('departments');
}
