/** count what was written
 *
 * Revision ID: 00000000000f
 * Revises: 00000000000e
 * Create Date: 2026-11-22 18:25:16 UTC
 */
import { type Operations, sql } from 'limbeck';
export const revision = '00000000000f';
export const downRevision: string | string[] | null = '00000000000e';
export const branchLabels: string[] = [];
export const dependsOn: string[] = [];

export async function upgrade(op: Operations): Promise<void> {
  op.addColumn('authors', 'written', { type: 'bigint', default: 0 });
  const rows = await op.query<{ author_id: number; n: number }>(
    sql`SELECT author_id, count(*) AS n FROM publications GROUP BY author_id ORDER BY author_id`,
  );
  for (const { author_id, n } of rows) {
    await op.execute(sql`UPDATE authors SET written = ${Number(n)} WHERE id = ${author_id}`);
  }
  op.createTable('reviews', {
    columns: {
      publication_id: { type: 'integer' },
      reader: { type: 'uuid' },
      stars: { type: 'smallint', nullable: true },
      said: { type: 'json', nullable: true },
      on_day: { type: 'date', default: '2026-11-22' },
    },
    primaryKey: { columns: ['publication_id', 'reader'], name: 'pk_reviews' },
    checks: [{ expression: 'stars BETWEEN 1 AND 5', name: 'ck_reviews_stars' }],
    foreignKeys: [
      {
        columns: ['publication_id'],
        refTable: 'publications',
        refColumns: ['id'],
        name: 'fk_reviews_publication_id_publications',
        onDelete: 'CASCADE',
        onUpdate: 'CASCADE',
      },
    ],
    comment: 'what readers say',
  });
  op.bulkInsert('reviews', [
    {
      publication_id: 3,
      reader: '0b9c1d5e-8f0a-4b0e-9a55-0242ac120002',
      stars: 5,
      said: { good: ['very', 1] },
    },
  ]);
}

export function downgrade(op: Operations): void {
  op.dropTable('reviews');
  op.dropColumn('authors', 'written');
}
