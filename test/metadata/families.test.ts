/** Classes with a table each, and views: what becomes of them in the schema, and the mistakes one can make. */

import type { Many, One } from 'limbeck';
import {
  ChildEntity,
  Column,
  Entity,
  Index,
  ManyToMany,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  sql,
  TableInheritance,
  VersionColumn,
  ViewColumn,
  ViewEntity,
} from 'limbeck';
import { buildEntities } from '../../src/metadata/build';
import type { ViewNames } from '../../src/metadata/options';
import { renames } from '../../src/metadata/to-schema';
import { mistakesOf, schemaOf } from './kit';

@Entity('animals')
@TableInheritance({ pattern: 'CTI', column: { name: 'kind', type: 'varchar', length: 10 } })
@Index(['name'])
class Animal {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20, unique: true, renamedFrom: 'title' }) name!: string;
}
@ChildEntity('dog', { name: 'dogs', comment: 'They bark.' })
class Dog extends Animal {
  @Column('integer') @Index() barks!: number;
}
@ChildEntity()
class Puppy extends Dog {
  @ManyToOne(() => Dog) mother!: One<Dog>;
}

describe('a table for each class', () => {
  const { tables } = schemaOf([Puppy, Dog, Animal]);

  test('has the columns that the class adds and the key, which refers to the parent’s row', () => {
    expect(
      tables.map(({ name, columns, foreignKeys, indexes, uniques, primaryKey }) => ({
        name,
        columns: columns.map((column) => column.name),
        keys: [primaryKey, ...uniques, ...indexes].map((key) => key?.name),
        foreignKeys: foreignKeys.map((key) => `${key.name} ${key.refTable} ${key.onDelete ?? ''}`.trim()),
      })),
    ).toEqual([
      {
        name: 'animals',
        columns: ['id', 'name', 'kind'],
        keys: ['pk_animals', 'uq_animals_name', 'ix_animals_name'],
        foreignKeys: [],
      },
      {
        name: 'dogs',
        columns: ['id', 'barks'],
        keys: ['pk_dogs', 'ix_dogs_barks'],
        foreignKeys: ['fk_dogs_id_animals animals CASCADE'],
      },
      {
        name: 'puppy',
        columns: ['id', 'mother_id'],
        keys: ['pk_puppy', 'ix_puppy_mother_id'],
        foreignKeys: ['fk_puppy_id_dogs dogs CASCADE', 'fk_puppy_mother_id_dogs dogs'],
      },
    ]);
    expect(tables[1]?.comment).toBe('They bark.');
    expect(tables[1]?.columns[0]).toEqual({ name: 'id', type: { kind: 'integer' }, nullable: false });
  });

  test('is told of renames of its own columns alone', () => {
    expect(renames(buildEntities([Puppy, Dog, Animal]))).toEqual([
      { kind: 'column', table: 'animals', name: 'title', to: 'name' },
    ]);
  });

  test('knows the tables that a row of a class stands in', () => {
    const parts = buildEntities([Puppy, Dog, Animal]).get(Puppy).parts;
    expect(parts?.map(({ tableName, columns }) => [tableName, columns])).toEqual([
      ['animals', ['id', 'name', 'kind']],
      ['dogs', ['id', 'barks']],
      ['puppy', ['id', 'mother_id']],
    ]);
  });

  test('mistakes are told with their cures', () => {
    @ChildEntity()
    @Index(['name', 'meows'])
    class Cat extends Animal {
      @Column('integer') meows!: number;
      @Column('text') declare name: string;
      @VersionColumn() version!: number;
    }
    @Entity()
    @TableInheritance({ pattern: 'XTI' as never })
    class Odd {
      @PrimaryGeneratedColumn() id!: number;
    }
    @Entity()
    @TableInheritance({ column: { name: 'kind', type: 'integer' } })
    class Numbered {
      @PrimaryGeneratedColumn() id!: number;
    }
    @ChildEntity('one', { name: 'own' })
    class One extends Numbered {}
    expect(mistakesOf([Animal, Cat, Odd, Numbered, One])).toEqual([
      "One: @ChildEntity has options of a table, but shares that of its parent. Leave them out, or give it one of its own: @TableInheritance({ pattern: 'CTI' }).",
      "Odd: there is no pattern 'XTI' of inheritance. Say 'STI' for one table, or 'CTI' for one for each class.",
      "One: its discriminator column 'kind' holds numbers, its value is 'one'. Give it a whole number: @ChildEntity(1).",
      'Cat.name: the property is declared again, and Animal has its column in its own table. Leave it out here: it is inherited.',
      "Cat: its index 'ix_cat_name_meows' names 'name', which stands in the table of a class above. A key lies in one table: declare it there, or leave that property out.",
      'Cat.version: the version of a row is kept in a table that only some of its family have. Put @VersionColumn on Animal.',
    ]);
  });
});

@Entity('books')
class Book {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') fullTitle!: string;
}

const throwNo = (): string => {
  throw new Error('no');
};

describe('a view', () => {
  test('is a view of the schema and no table', () => {
    @ViewEntity({
      schema: 'stats',
      materialized: true,
      expression: ({ table, column }) =>
        sql`SELECT id, ${sql.raw(column(Book, 'fullTitle'))} FROM ${sql.raw(table(Book))} WHERE 1 = ${1};`,
    })
    class BookList {
      @PrimaryColumn('integer') id!: number;
      @ViewColumn() fullTitle!: string;
      @ViewColumn() pages!: number;
    }
    const { tables, views } = schemaOf([Book, BookList]);
    expect(tables.map(({ name }) => name)).toEqual(['books']);
    expect(views).toEqual([
      { name: 'stats.book_list', materialized: true, query: 'SELECT id, full_title FROM books WHERE 1 = 1' },
    ]);
    const meta = buildEntities([Book, BookList]).get(BookList);
    expect(meta.columns.map(({ name, type }) => [name, type.kind])).toEqual([
      ['id', 'integer'],
      ['full_title', 'text'],
      ['pages', 'double'],
    ]);
  });

  test('mistakes are told with their cures', () => {
    class Stranger {}
    @ViewEntity({ expression: '' })
    class Empty {
      @ViewColumn() a!: string;
    }
    @ViewEntity({
      expression: ({ column }: ViewNames) => column(Book, 'titel'),
      dependsOn: [Stranger],
      wrong: 1,
    } as never)
    class Typo {
      @ViewColumn() a!: string;
      @ManyToMany(() => Book) books!: Many<Book>;
    }
    @ViewEntity({ expression: throwNo })
    @Entity()
    class Throws {
      @PrimaryGeneratedColumn() id!: number;
    }
    @Entity()
    class Refers {
      @PrimaryGeneratedColumn() id!: number;
      @ManyToOne(() => Keyed) keyed!: One<Keyed>;
    }
    @ViewEntity({ expression: 'SELECT 1 AS id' })
    class Keyed {
      @PrimaryColumn('integer') id!: number;
    }
    expect(mistakesOf([Book, Empty, Typo, Throws, Keyed, Refers])).toEqual([
      "Typo: @ViewEntity has no option 'wrong'. Leave it out; there are name, schema, expression, materialized, dependsOn, orderBy.",
      'Throws: the class carries @ViewEntity and is a table as well. Keep one of the two.',
      'Typo.books: no side of the relation carries @JoinTable. Add @JoinTable() to the side that holds the key.',
      "Empty: @ViewEntity has no expression. Give it the query: @ViewEntity({ expression: 'SELECT …' }).",
      'Typo.books: a view has no join table. Show the key of the other side, as a @ManyToOne.',
      'Typo: it depends on Stranger, which is no entity of this configuration. Add Stranger to `entities`.',
      'Typo: its expression names Book.titel, which has no column. There are id, fullTitle.',
      'Throws: the function of its expression throws (no). It is given the names of entities: ({ table, column }) => `SELECT …`.',
      "Refers: foreign key 'fk_refers_keyed_id_keyed' refers to the view Keyed. Say createForeignKeyConstraints: false on the relation.",
    ]);
  });
});
