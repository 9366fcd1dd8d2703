import { columnsIn, indexColumns, renameColumnIn, usesOf } from '../../src/schema/column-uses';
import type { Table } from '../../src/schema/model';
import { column, key, pk, table } from './schemas';

const BOOKS: Table = table(
  'books',
  ['id', 'parent', 'title', 'price', column('slug', { generated: { sql: 'lower(title)', stored: true } })],
  {
    ...pk('id'),
    uniques: [{ name: 'uq', columns: ['title', 'price'] }],
    checks: [
      { name: 'ck_price', expression: "price > 0 AND 'title' <> ''" },
      { name: 'ck_both', expression: '"title" IS NOT NULL OR [price] = 0' },
    ],
    foreignKeys: [
      key('parent', 'books', 'id'),
      { name: 'fk2', columns: ['title'], refTable: 'others', refColumns: ['title'] },
    ],
    exclusions: [{ name: 'ex', elements: 'title WITH =', where: 'price > 1' }],
    indexes: [
      { name: 'ix', columns: [{ column: 'title', order: 'desc' }], unique: false },
      { name: 'ix_expression', columns: [{ expression: 'lower(title)' }], unique: true, where: 'price > 2' },
      { name: 'ix_include', columns: [{ column: 'price' }], unique: false, include: ['title'] },
    ],
  },
);

test.each<[name: string, uses: string[]]>([
  ['id', ['primaryKey pk alone']],
  ['parent', ['foreignKey fk_parent alone']],
  [
    'price',
    [
      'unique uq',
      'check ck_price alone',
      'check ck_both',
      'exclusion ex',
      'index ix_expression',
      'index ix_include',
    ],
  ],
  [
    'title',
    [
      'unique uq',
      'foreignKey fk2 alone',
      'check ck_both',
      'exclusion ex',
      'index ix alone',
      'index ix_expression',
      'index ix_include',
      'generated slug',
    ],
  ],
  ['slug', []],
  ['nothing', []],
])('what uses %s', (name, uses) => {
  expect(usesOf(BOOKS, name).map((use) => `${use.kind} ${use.name}${use.alone ? ' alone' : ''}`)).toEqual(
    uses,
  );
});

test('the columns of an index and of an expression, each once', () => {
  expect(BOOKS.indexes.map((index) => indexColumns(index, BOOKS))).toEqual([
    ['title'],
    ['title', 'price'],
    ['price', 'title'],
  ]);
  expect(columnsIn('"price" + price + Title + pages', BOOKS)).toEqual(['title', 'price']);
});

test('a rename reaches everything that names the column, and nothing else', () => {
  expect(renameColumnIn(BOOKS, 'title', 'the name')).toEqual({
    ...BOOKS,
    columns: ['id', 'parent', 'the name', 'price']
      .map((name) => column(name))
      .concat(column('slug', { generated: { sql: 'lower("the name")', stored: true } })),
    uniques: [{ name: 'uq', columns: ['the name', 'price'] }],
    checks: [
      { name: 'ck_price', expression: "price > 0 AND 'title' <> ''" },
      { name: 'ck_both', expression: '"the name" IS NOT NULL OR [price] = 0' },
    ],
    foreignKeys: [
      key('parent', 'books', 'id'),
      { name: 'fk2', columns: ['the name'], refTable: 'others', refColumns: ['title'] },
    ],
    exclusions: [{ name: 'ex', elements: '"the name" WITH =', where: 'price > 1' }],
    indexes: [
      { name: 'ix', columns: [{ column: 'the name', order: 'desc' }], unique: false },
      {
        name: 'ix_expression',
        columns: [{ expression: 'lower("the name")' }],
        unique: true,
        where: 'price > 2',
      },
      { name: 'ix_include', columns: [{ column: 'price' }], unique: false, include: ['the name'] },
    ],
  });
  expect(renameColumnIn(BOOKS, 'id', 'key').foreignKeys[0]?.refColumns).toEqual(['key']);
  expect(renameColumnIn(BOOKS, 'price', 'cost').exclusions[0]?.where).toBe('cost > 1');
});
