import { sql } from '../../src/ast/sql';
import { MetadataError } from '../../src/base/errors';
import {
  BeforeInsert,
  ChildEntity,
  Column,
  Entity,
  Index,
  PrimaryGeneratedColumn,
  TableInheritance,
} from '../../src/decorators/index';
import { buildEntities } from '../../src/metadata/build';
import { ownDeclarations } from '../../src/metadata/store';
import { mistakesOf, tableOf, thrownBy } from '../metadata/kit';

type Loose = (...given: unknown[]) => any;
const column = Column as unknown as Loose;
const beforeInsert = BeforeInsert as unknown as Loose;

describe('standard decorators', () => {
  test('write on the class itself; a subclass inherits', () => {
    class Base {
      @PrimaryGeneratedColumn() id!: number;
      @Column('text') a!: string;
    }
    @Entity()
    @Index(['a'])
    @Index([sql`lower(b)`])
    class Child extends Base {
      @Column('text', { nullable: true }) b!: string | null;
    }
    expect(ownDeclarations(Base)).toHaveLength(2);
    expect(tableOf(Child).columns.map((c) => [c.name, c.nullable])).toEqual([
      ['id', false],
      ['a', false],
      ['b', true],
    ]);
    expect(tableOf(Child).indexes).toHaveLength(2);
  });

  test('see private and protected properties, and leave #private fields alone', () => {
    @Entity()
    class Account {
      @PrimaryGeneratedColumn() readonly id!: number;
      @Column('text') private secret!: string;
      @Column('text') protected shared!: string;
      #hidden = 1;
      read(): unknown {
        return [this.secret, this.shared, this.#hidden];
      }
    }
    expect(tableOf(Account).columns.map((c) => c.name)).toEqual(['id', 'secret', 'shared']);
  });

  test('share one table between a family', () => {
    @Entity()
    @TableInheritance()
    class Root {
      @PrimaryGeneratedColumn() id!: number;
    }
    @ChildEntity('leaf')
    class Leaf extends Root {
      @Column('text') a!: string;
    }
    expect(buildEntities([Root, Leaf]).get(Leaf).discriminator).toEqual({
      column: 'type',
      value: 'leaf',
      values: ['leaf'],
    });
  });

  test('tell of places where they cannot work', () => {
    @Entity()
    class Misplaced {
      @PrimaryGeneratedColumn() id!: number;
      @column('text') static count: number;
      @column('text') #hidden = 'x';
      @column('text') get read(): string {
        return this.#hidden;
      }
      @column('text') method(): void {}
      @beforeInsert() field!: string;
    }
    expect(mistakesOf([Misplaced]).sort()).toEqual([
      'Misplaced.#hidden: the property under @Column is a #private field, which no one outside the class can set. Put it on an instance property with a name.',
      'Misplaced.count: the property under @Column is static. Put it on an instance property with a name.',
      'Misplaced.field: @BeforeInsert does not stand on a method. Put it on an instance method.',
      'Misplaced.method: @Column stands on a method. Put it on an instance property with a name.',
      'Misplaced.read: the property under @Column is a getter. Put it on an instance property with a name.',
    ]);
  });

  test('need the metadata object of the transpiler', () => {
    const error = thrownBy(() => column('text')(undefined, { kind: 'field', name: 'title' }));
    expect(error).toBeInstanceOf(MetadataError);
    expect(error.code).toBe('METADATA_MISSING');
    expect(error.message).toBe("@Column on 'title' was given no metadata object by the transpiler.");
    expect(error.hint).toContain("Import 'limbeck' before the class is evaluated");
  });

  test('an untyped column is a mistake at run time too', () => {
    @Entity()
    class Untyped {
      @PrimaryGeneratedColumn() id!: number;
      @column() title!: string;
    }
    expect(mistakesOf([Untyped])).toEqual([
      "Untyped.title: nothing says which type the column has (the transpiler emits no decorator metadata). State it: @Column('varchar', { length: 255 }), @Column('integer'), ….",
    ]);
  });
});
