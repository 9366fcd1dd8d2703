/** Schemas to draw, in few words. */

import { type Column, type ColumnType, EMPTY_SCHEMA, type Schema, type Table } from '../../src/schema/model';

export function column(
  name: string,
  type: ColumnType['kind'] | ColumnType = 'integer',
  more: Partial<Column> = {},
): Column {
  return {
    name,
    type: (typeof type === 'string' ? { kind: type } : type) as ColumnType,
    nullable: false,
    ...more,
  };
}

/** A table whose key is its first column; `links` are foreign keys by column, to the `id` of a table. */
export function table(
  name: string,
  columns: readonly Column[],
  links: Readonly<Record<string, string>> = {},
  more: Partial<Table> = {},
): Table {
  return {
    name,
    columns,
    primaryKey: { name: `pk_${name}`, columns: [(columns[0] as Column).name] },
    uniques: [],
    checks: [],
    indexes: [],
    exclusions: [],
    foreignKeys: Object.entries(links).map(([from, refTable]) => ({
      name: `fk_${name}_${from}`,
      columns: [from],
      refTable,
      refColumns: ['id'],
    })),
    ...more,
  };
}

export function schema(tables: readonly Table[], more: Partial<Schema> = {}): Schema {
  return { ...EMPTY_SCHEMA, tables, ...more };
}

export const LIBRARY = schema(
  [
    table('authors', [column('id'), column('name', { kind: 'varchar', length: 200 })]),
    table(
      'books',
      [
        column('id'),
        column('title', { kind: 'varchar', length: 200 }, { comment: 'as on the cover' }),
        column('mood', { kind: 'enum', name: 'mood' }, { nullable: true }),
        column('author_id'),
        column('sequel_of', 'integer', { nullable: true }),
      ],
      { author_id: 'authors', sequel_of: 'books' },
      { uniques: [{ name: 'uq_books_sequel_of', columns: ['sequel_of'] }] },
    ),
    table(
      'book_tags',
      [column('book_id'), column('tag_id')],
      { book_id: 'books', tag_id: 'tags' },
      {
        primaryKey: { name: 'pk_book_tags', columns: ['book_id', 'tag_id'] },
      },
    ),
  ],
  {
    enums: [{ name: 'mood', values: ['happy', 'sad'] }],
    views: [{ name: 'best_books', query: 'SELECT * FROM books' }],
  },
);
