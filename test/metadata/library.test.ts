import './kit';
import { buildEntities } from '../../src/metadata/build';
import { renames, toSchema } from '../../src/metadata/to-schema';
import * as legacy from './library';
import * as standard from './library.tc39';

describe('the library', () => {
  const registry = buildEntities(legacy.LIBRARY);
  const schema = toSchema(registry);
  const books = registry.get(legacy.Book);

  test('is the same schema under both decorator modes', () => {
    expect(toSchema(buildEntities(standard.LIBRARY))).toEqual(schema);
  });

  test('does not depend on the order of the classes', () => {
    expect(toSchema(buildEntities([...legacy.LIBRARY].reverse()))).toEqual(schema);
  });

  test('becomes this schema', () => {
    expect(schema).toMatchSnapshot();
  });

  test('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });

  test('is frozen', () => {
    for (const value of [
      registry,
      registry.entities,
      books,
      books.columns,
      books.columns[0],
      books.table.columns,
      schema,
    ]) {
      expect(Object.isFrozen(value)).toBe(true);
    }
  });

  test('keeps the order of the properties, join columns in the place of their relation', () => {
    expect(books.table.columns.map((column) => column.name)).toEqual([
      'id',
      'title',
      'isbn',
      'pages',
      'price',
      'status',
      'author_id',
      'editor_id',
      'size_width',
      'size_height',
      'cover_id',
      'created_at',
      'updated_at',
      'deleted_at',
      'version',
      'shout',
    ]);
  });

  test('completes both sides of each relation', () => {
    const shape = registry.entities.flatMap((entity) =>
      entity.relations.map((r) => [
        `${entity.name}.${r.property}`,
        r.kind,
        r.owning,
        r.inverse,
        r.joinColumns.map((c) => `${c.column} -> ${c.referenced}`).join(),
        r.joinTable?.joinColumns.map((c) => `${c.column} -> ${c.referenced}`).join(),
      ]),
    );
    expect(shape).toEqual([
      ['Author.books', 'one-to-many', false, 'author', 'author_id -> id', undefined],
      ['Tag.books', 'many-to-many', false, 'tags', '', 'tag_label -> label'],
      ['Book.author', 'many-to-one', true, 'books', 'author_id -> id', undefined],
      ['Book.editor', 'many-to-one', true, undefined, 'editor_id -> id', undefined],
      ['Book.tags', 'many-to-many', true, 'books', '', 'book_id -> id'],
      ['Book.cover', 'one-to-one', true, 'book', 'cover_id -> id', undefined],
      ['Cover.book', 'one-to-one', false, 'cover', 'cover_id -> id', undefined],
    ]);
  });

  test('tells of renames', () => {
    expect(renames(registry)).toEqual([
      { kind: 'table', table: 'volumes', to: 'books' },
      { kind: 'column', table: 'books', name: 'page_count', to: 'pages' },
    ]);
  });

  test('keeps what only the entity side needs', () => {
    expect(books.relationIds).toEqual([{ path: ['authorId'], property: 'authorId', relation: 'author' }]);
    expect(books.embeddeds).toEqual([{ path: ['size'], target: legacy.Dimensions }]);
    expect(books.listeners).toEqual([{ event: 'beforeInsert', method: 'stamp' }]);
    expect(books.columns.find((c) => c.name === 'size_height')?.path).toEqual(['size', 'height']);
    expect(books.columns.find((c) => c.property === 'author')?.role).toBe('relation');
  });
});
