import { EMPTY_SCHEMA, type Schema } from '../../../src/schema/model.js';
import { bench, closeBenches } from './schema-support.js';

afterEach(closeBenches);

test('makes and reads back', async () => {
  const db = await bench();
  const schema: Schema = {
    ...EMPTY_SCHEMA,
    enums: [{ name: 'mood', values: ['sad', 'ok'] }],
    tables: [
      {
        name: 'books',
        columns: [
          { name: 'id', type: { kind: 'integer' }, nullable: false, autoIncrement: 'increment' },
          {
            name: 'title',
            type: { kind: 'varchar', length: 20 },
            nullable: false,
            default: { kind: 'literal', value: "it's" },
            comment: 'c',
          },
          {
            name: 'mood',
            type: { kind: 'enum', name: 'mood' },
            nullable: true,
            default: { kind: 'literal', value: 'ok' },
          },
          {
            name: 'n',
            type: { kind: 'decimal', precision: 10, scale: 2 },
            nullable: true,
            default: { kind: 'literal', value: -1.5 },
          },
          {
            name: 'g',
            type: { kind: 'text' },
            nullable: true,
            generated: { sql: "lower(title) || 'x'", stored: true },
          },
        ],
        primaryKey: { name: 'pk_books', columns: ['id'] },
        uniques: [{ name: 'uq', columns: ['title'], nullsNotDistinct: true }],
        checks: [{ name: 'ck', expression: "title IN ('a', 'b') OR n > 0" }],
        foreignKeys: [],
        indexes: [
          {
            name: 'ix',
            columns: [{ expression: 'lower(title)' }, { column: 'n', order: 'desc' }],
            unique: false,
            where: "title <> ''",
          },
        ],
        exclusions: [],
        comment: 'tab',
      },
    ],
    views: [{ name: 'v', query: 'SELECT title FROM books WHERE n > 1' }],
  };
  const plan = await db.create(schema);
  console.log(plan.steps.map((s: any) => s.sql ?? s.countSql).join(';\n'));
  console.log(JSON.stringify(await db.introspect(), null, 1));
  expect(await db.differences(schema)).toEqual([]);
});
