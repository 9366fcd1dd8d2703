import { apply } from '../../src/schema/apply';
import { diff } from '../../src/schema/diff';
import { EMPTY_SCHEMA, type Schema } from '../../src/schema/model';
import { sameSchema } from '../../src/schema/normalize';
import type { Operation } from '../../src/schema/operations';
import { creationOrder } from '../../src/schema/order';
import { column, key, pk, schema, table } from './schemas';

/** An operation in one line: kind, table, name. */
function line(op: Operation): string {
  switch (op.kind) {
    case 'createTable':
      return `createTable ${op.table.name}`;
    case 'addColumn':
      return `addColumn ${op.table}.${op.column.name}`;
    case 'dropColumn':
    case 'alterColumn':
      return `${op.kind} ${op.table}.${op.name}`;
    case 'createIndex':
      return `createIndex ${op.table} ${op.index.name}`;
    case 'createUnique':
      return `createUnique ${op.table} ${op.unique.name}`;
    case 'createCheck':
      return `createCheck ${op.table} ${op.check.name}`;
    case 'createPrimaryKey':
      return `createPrimaryKey ${op.table} ${op.primaryKey.name}`;
    case 'createForeignKey':
      return `createForeignKey ${op.table} ${op.foreignKey.name}`;
    case 'createView':
    case 'replaceView':
      return `${op.kind} ${op.view.name}`;
    case 'createTrigger':
      return `createTrigger ${op.trigger.table} ${op.trigger.name}`;
    default:
      return [op.kind, 'table' in op ? op.table : '', 'name' in op ? op.name : ''].filter(Boolean).join(' ');
  }
}

function expectDiff(a: Schema, b: Schema, lines: readonly string[]): void {
  const operations = diff(a, b);
  expect(operations.map(line)).toEqual(lines);
  expect(sameSchema(apply(a, operations), b)).toBe(true);
}

const withKeyTo = (name: string, ...targets: string[]): ReturnType<typeof table> =>
  table(name, ['id', ...targets.map((t) => `${t}_id`)], {
    ...pk('id'),
    foreignKeys: targets.map((t) => key(`${t}_id`, t, 'id')),
  });

describe('new and dropped tables', () => {
  test('parents are made before children and dropped after them, whatever their names', () => {
    const family = schema([
      withKeyTo('a', 'b'),
      withKeyTo('b', 'c'),
      withKeyTo('c'),
      withKeyTo('d', 'a', 'd'),
    ]);
    expectDiff(EMPTY_SCHEMA, family, ['createTable c', 'createTable b', 'createTable a', 'createTable d']);
    expectDiff(family, EMPTY_SCHEMA, ['dropTable d', 'dropTable a', 'dropTable b', 'dropTable c']);
  });

  test('keys of a circle come when all its tables are there, and go before the first is dropped', () => {
    const circle = schema([withKeyTo('a', 'b'), withKeyTo('b', 'a'), withKeyTo('c', 'a', 'c')]);
    expectDiff(EMPTY_SCHEMA, circle, [
      'createTable a',
      'createTable b',
      'createTable c',
      'createForeignKey a fk_b_id',
      'createForeignKey b fk_a_id',
    ]);
    expectDiff(circle, EMPTY_SCHEMA, [
      'dropConstraint a fk_b_id',
      'dropConstraint b fk_a_id',
      'dropTable c',
      'dropTable b',
      'dropTable a',
    ]);
  });

  test('a key to itself stays in its table', () => {
    expectDiff(EMPTY_SCHEMA, schema([withKeyTo('a', 'a')]), ['createTable a']);
    expect(creationOrder([withKeyTo('a', 'a')]).detached).toEqual([]);
    const { detached } = creationOrder([withKeyTo('a', 'a', 'b'), withKeyTo('b', 'a', 'b')]);
    expect(detached.map((each) => `${each.table} ${each.foreignKey.name}`)).toEqual([
      'a fk_b_id',
      'b fk_a_id',
    ]);
  });

  test('a key goes before the table it refers to', () => {
    const a = schema([withKeyTo('children', 'parents'), withKeyTo('parents')]);
    expectDiff(a, schema([table('children', ['id', 'parents_id'], pk('id'))]), [
      'dropConstraint children fk_parents_id',
      'dropTable parents',
    ]);
  });

  test('a dropped table goes before the key of another that its own key held on to', () => {
    const a = schema([withKeyTo('children', 'parents'), withKeyTo('parents')]);
    expectDiff(a, schema([table('parents', ['id'])]), ['dropTable children', 'dropConstraint parents pk']);
  });

  test('a new table refers to what is there at once, whatever else changes there', () => {
    const a = schema([withKeyTo('authors')]);
    const b = schema([withKeyTo('books', 'authors'), table('authors', ['id', 'name'], pk('id'))]);
    expectDiff(a, b, ['createTable books', 'addColumn authors.name']);
    expect(diff(a, b)[0]).toMatchObject({ table: { foreignKeys: [{ name: 'fk_authors_id' }] } });
  });

  test.each<[why: string, before: ReturnType<typeof table>, change: string]>([
    ['is added', table('authors', ['other']), 'addColumn authors.id'],
    [
      'changes its type',
      table('authors', [column('id', 'text'), 'other'], pk('id')),
      'alterColumn authors.id',
    ],
    ['becomes a key', table('authors', ['id', 'other']), 'createPrimaryKey authors pk'],
    [
      'becomes a key of another name',
      table('authors', ['id', 'other'], { primaryKey: { name: 'old', columns: ['id'] } }),
      'createPrimaryKey authors pk',
    ],
  ])('a new table waits with its key where the column it refers to %s', (_, before, change) => {
    const b = schema([withKeyTo('books', 'authors'), table('authors', ['id', 'other'], pk('id'))]);
    const lines = diff(schema([before]), b).map(line);
    expect(lines).toContain(change);
    expect(lines.at(-1)).toBe('createForeignKey books fk_authors_id');
    expect(sameSchema(apply(schema([before]), diff(schema([before]), b)), b)).toBe(true);
  });

  test('a table whose columns only stand in another order has not changed', () => {
    const turned = table('authors', ['name', 'id'], pk('id'));
    const a = schema([turned]);
    const b = schema([table('authors', ['id', 'name'], pk('id')), withKeyTo('books', 'authors')]);
    expectDiff(a, b, ['createTable books']);
  });
});

describe('changes within a table', () => {
  test('everything at once stands in an order in which it can run', () => {
    const a = schema(
      [
        table(
          't',
          [
            'id',
            'old',
            column('kept', 'text'),
            column('gone', { generated: { sql: 'old + 1', stored: false } }),
          ],
          {
            ...pk('id'),
            uniques: [{ name: 'u_old', columns: ['old'] }],
            checks: [{ name: 'c_old', expression: 'old > 0' }],
            foreignKeys: [key('old', 'p', 'id')],
            indexes: [{ name: 'i_old', columns: [{ column: 'old' }], unique: false }],
          },
        ),
        withKeyTo('p'),
      ],
      {
        enums: [
          { name: 'e', values: ['a', 'b'] },
          { name: 'gone', values: ['x'] },
        ],
      },
    );
    const b = schema(
      [
        table(
          't',
          [
            'id',
            column('twice', { generated: { sql: 'fresh * 2', stored: false } }),
            'fresh',
            column('kept', { type: { kind: 'enum', name: 'e' } }),
          ],
          {
            primaryKey: { name: 'pk', columns: ['id', 'fresh'] },
            uniques: [{ name: 'u_new', columns: ['fresh'] }],
            checks: [{ name: 'c_new', expression: 'fresh > 0' }],
            foreignKeys: [key('fresh', 'p', 'id')],
            indexes: [{ name: 'i_new', columns: [{ column: 'fresh' }], unique: false }],
            comment: 'new',
          },
        ),
        withKeyTo('p'),
      ],
      {
        enums: [
          { name: 'e', values: ['a', 'c'] },
          { name: 'made', values: ['x'] },
        ],
      },
    );
    expectDiff(a, b, [
      'alterEnum e',
      'createEnum made',
      'dropConstraint t fk_old',
      'dropIndex t i_old',
      'dropConstraint t c_old',
      'dropConstraint t u_old',
      'dropConstraint t pk',
      'addColumn t.fresh',
      'addColumn t.twice',
      'alterColumn t.kept',
      'dropColumn t.gone',
      'dropColumn t.old',
      'setTableComment t',
      'createPrimaryKey t pk',
      'createUnique t u_new',
      'createCheck t c_new',
      'createIndex t i_new',
      'createForeignKey t fk_fresh',
      'alterEnum e',
      'dropEnum gone',
    ]);
  });

  test('columns generated from each other come one after the other and go the other way', () => {
    const generated = (name: string, sql: string): ReturnType<typeof column> =>
      column(name, { generated: { sql, stored: false } });
    const a = schema([table('t', ['id'])]);
    const b = schema([table('t', [generated('x', '"y" + 1'), generated('y', '"z" + 1'), 'z', 'id'])]);
    expectDiff(a, b, ['addColumn t.z', 'addColumn t.y', 'addColumn t.x']);
    expectDiff(b, a, ['dropColumn t.x', 'dropColumn t.y', 'dropColumn t.z']);
  });

  test('the name of an index may move to another table', () => {
    const index = { name: 'ix', columns: [{ column: 'id' }], unique: false };
    const a = schema([table('a', ['id']), table('b', ['id'], { indexes: [index] })]);
    const b = schema([table('a', ['id'], { indexes: [index] }), table('b', ['id'])]);
    expectDiff(a, b, ['dropIndex b ix', 'createIndex a ix']);
  });

  test('the name of a constraint may move to another kind', () => {
    const a = schema([
      table('t', ['id', 'x'], { ...pk('id'), checks: [{ name: 'n', expression: 'x > 0' }] }),
    ]);
    const b = schema([
      table('t', ['id', 'x'], { ...pk('id'), foreignKeys: [key('x', 't', 'id', { name: 'n' })] }),
    ]);
    expectDiff(a, b, ['dropConstraint t n', 'createForeignKey t n']);
    expectDiff(b, a, ['dropConstraint t n', 'createCheck t n']);
  });

  test('a column that keeps its name is altered only where it differs', () => {
    const a = schema([
      table('t', [column('c', { nullable: false, default: { kind: 'literal', value: 1 }, comment: 'x' })]),
    ]);
    const b = schema([table('t', [column('c', { default: { kind: 'literal', value: '1' } })])]);
    expect(diff(a, b)).toEqual([
      {
        kind: 'alterColumn',
        table: 't',
        name: 'c',
        change: { nullable: true, default: { kind: 'literal', value: '1' }, comment: null },
      },
    ]);
  });
});

describe('views, sequences and triggers', () => {
  test('views and triggers go before tables change and come when they have changed', () => {
    const a = schema([table('t', ['x'])], {
      views: [
        { name: 'gone', query: 'a' },
        { name: 'kept', query: 'b' },
      ],
      triggers: [{ name: 'tr', table: 't', sql: { sqlite: 'a' } }],
    });
    const b = schema([table('t', ['x', 'y'])], {
      views: [
        { name: 'kept', query: 'c' },
        { name: 'made', query: 'd' },
      ],
      triggers: [{ name: 'tr', table: 't', sql: { sqlite: 'b' } }],
    });
    expectDiff(a, b, [
      'dropTrigger t tr',
      'dropView gone',
      'addColumn t.y',
      'replaceView kept',
      'createView made',
      'createTrigger t tr',
    ]);
  });

  test('a table that becomes a view of the same name, and the way back; its trigger is made again', () => {
    const triggers = [{ name: 'tr', table: 'x', sql: { sqlite: 'a' } }];
    const asTable = schema([table('x', ['a'])], { triggers });
    const asView = schema([], { views: [{ name: 'x', query: 'SELECT 1' }], triggers });
    expectDiff(asTable, asView, ['dropTable x', 'createView x', 'createTrigger x tr']);
    expectDiff(asView, asTable, ['dropView x', 'createTable x', 'createTrigger x tr']);
  });

  test('sequences', () => {
    const a = schema([], { sequences: [{ name: 'a' }, { name: 'b', start: 1 }] });
    const b = schema([], { sequences: [{ name: 'b', start: 2 }, { name: 'c' }] });
    expect(diff(a, b).map(({ kind }) => kind)).toEqual(['dropSequence', 'alterSequence', 'createSequence']);
    expect(sameSchema(apply(a, diff(a, b)), b)).toBe(true);
  });
});
