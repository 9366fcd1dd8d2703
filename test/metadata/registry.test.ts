import { sql } from '../../src/ast/sql';
import {
  Column,
  Entity,
  EventSubscriber,
  PrimaryGeneratedColumn,
  VirtualColumn,
} from '../../src/decorators/index';
import { buildEntities } from '../../src/metadata/build';
import { isEntityClass, isSubscriberClass } from '../../src/metadata/collect';
import { renames, toSchema } from '../../src/metadata/to-schema';
import { EMPTY_SCHEMA } from '../../src/schema/model';
import { thrownBy } from './kit';

@Entity({ orderBy: { name: 'DESC' }, withoutRowid: true, mysql: { engine: 'InnoDB' } })
class Shelf {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') name!: string;
  @VirtualColumn('integer', {
    query: (alias) => sql`SELECT count(*) FROM x WHERE y = ${sql.id(alias, 'id')}`,
  })
  count!: number;
}

describe('a registry', () => {
  const registry = buildEntities([Shelf, Shelf]);

  test('holds each class once and finds it', () => {
    expect(registry.entities).toHaveLength(1);
    expect(registry.get(Shelf).name).toBe('Shelf');
  });

  test('of nothing is an empty schema', () => {
    expect(toSchema(buildEntities([]))).toEqual(EMPTY_SCHEMA);
    expect(renames(buildEntities([]))).toEqual([]);
  });

  test('keeps order, options and virtual columns', () => {
    const shelf = registry.get(Shelf);
    expect(shelf.orderBy).toEqual({ name: 'DESC' });
    expect(shelf.table.options).toEqual({ 'sqlite.withoutRowid': true, 'mysql.engine': 'InnoDB' });
    expect(shelf.virtualColumns[0]?.query('s')).toBe('SELECT count(*) FROM x WHERE y = s.id');
    expect(shelf.table.columns.map((c) => c.name)).toEqual(['id', 'name']);
  });

  test.each<[string, unknown, RegExp, RegExp]>([
    [
      'another class',
      class Shelve {},
      /^'Shelve' is no entity of this configuration \(Shelf\)\.$/,
      /Did you mean 'Shelf'\? Else add the class/,
    ],
    [
      'another class of the name',
      { Shelf: class {} }.Shelf,
      /^'Shelf' is no entity/,
      /its file was loaded twice/,
    ],
    ['no class', 'books', /^'books' is no entity/, /^Add the class or its file/],
  ])('does not know %s', (_name, target, message, hint) => {
    const error = thrownBy(() => registry.get(target as typeof Shelf));
    expect(error.code).toBe('ENTITY_UNKNOWN');
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });
});

describe('what a file exports', () => {
  @EventSubscriber()
  class Audit {}
  class Child extends Shelf {}

  test.each<[unknown, boolean, boolean]>([
    [Shelf, true, false],
    [Audit, false, true],
    [Child, false, false],
    [() => 1, false, false],
    [null, false, false],
    [{}, false, false],
  ])('%p', (value, entity, subscriber) => {
    expect(isEntityClass(value)).toBe(entity);
    expect(isSubscriberClass(value)).toBe(subscriber);
  });
});
