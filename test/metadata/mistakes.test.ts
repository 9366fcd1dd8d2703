import { MetadataError } from '../../src/base/errors';
import {
  Check,
  Column,
  DeleteDateColumn,
  Embedded,
  Entity,
  Exclusion,
  ForeignKey,
  Generated,
  Index,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  RelationId,
  Unique,
  VersionColumn,
} from '../../src/decorators/index';
import { buildEntities } from '../../src/metadata/build';
import type { EntityClass } from '../../src/metadata/entity';
import { mistakesOf, thrownBy } from './kit';

@Entity('others')
class Other {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') name!: string;
}
class Unlisted {
  id!: number;
}

/** What the compiler refuses has to be refused at run time too: not everybody compiles with types. */
const untyped = (decorator: unknown): PropertyDecorator => decorator as PropertyDecorator;
const toOne = ManyToOne as unknown as (...given: unknown[]) => PropertyDecorator;
const toMany = OneToMany as unknown as (...given: unknown[]) => PropertyDecorator;
const manyToMany = ManyToMany as unknown as (...given: unknown[]) => PropertyDecorator;
const oneToOne = OneToOne as unknown as (...given: unknown[]) => PropertyDecorator;

/** A class with a key, finished by a function that decorates it. */
function entity(decorate: (target: new () => object, prototype: object) => void, name = 'Bad'): EntityClass {
  const target = { [name]: class {} }[name] as new () => object;
  PrimaryGeneratedColumn()(target.prototype as { id: number }, 'id');
  decorate(target, target.prototype as object);
  Entity()(target);
  return target;
}

function property(name: string, ...decorators: readonly unknown[]): EntityClass {
  return entity((_target, prototype) => {
    for (const decorator of [...decorators].reverse()) untyped(decorator)(prototype, name);
  });
}

function onClass(...decorators: readonly unknown[]): EntityClass {
  return entity((target) => {
    for (const decorator of decorators) (decorator as ClassDecorator)(target);
  });
}

const text = Column('text');

/** What a thunk does when files that import each other run it too early. */
function deadZone(): unknown {
  throw new ReferenceError("Cannot access 'Other' before initialization");
}

describe('a relation', () => {
  test.each<[string, readonly EntityClass[], string]>([
    [
      'to no entity',
      [
        property(
          'a',
          toOne(() => Unlisted),
        ),
      ],
      'Bad.a: its target Unlisted is no entity of this configuration. Add Unlisted or its file to `entities`, and see that it carries @Entity().',
    ],
    [
      'to undefined',
      [
        property(
          'a',
          toOne(() => undefined),
        ),
      ],
      'Bad.a: its target is undefined. Two files import each other: give the property the type One<T> or Many<T>, imported with `import type`',
    ],
    [
      'to a class that does not exist yet',
      [property('a', toOne(deadZone))],
      'Bad.a: its target does not exist yet (Cannot access ',
    ],
    [
      'without a thunk',
      [property('a', toOne('Other'))],
      'Bad.a: its target is no function. Write () => Author.',
    ],
    [
      'to no class',
      [
        property(
          'a',
          toOne(() => 3),
        ),
      ],
      'Bad.a: its target is no class',
    ],
    [
      'whose inverse does not exist',
      [
        property(
          'a',
          toOne(
            () => Other,
            (o: any) => o.bads,
          ),
        ),
      ],
      'Bad.a: its inverse side is Other.bads, which does not exist. There is none, or add @OneToMany(() => Bad) bads to Other.',
    ],
    [
      'whose inverse is no relation',
      [
        property(
          'a',
          toOne(() => Other, 'name'),
        ),
      ],
      'Bad.a: its inverse side is Other.name, which is no relation',
    ],
    [
      'whose inverse names nothing',
      [
        property(
          'a',
          toOne(
            () => Other,
            () => 3,
          ),
        ),
      ],
      'Bad.a: its inverse side names no property',
    ],
    [
      'one-to-many without inverse',
      [
        property(
          'a',
          toMany(() => Other),
        ),
      ],
      'Bad.a: a @OneToMany names no inverse side',
    ],
    [
      'that is eager',
      [
        property(
          'a',
          toOne(() => Other, { eager: true }),
        ),
      ],
      "Bad.a: there is no option 'eager': nothing loads by itself. Ask for it: find({ relations: { a: true } }).",
    ],
    [
      'that is lazy',
      [
        property(
          'a',
          toOne(() => Other, undefined, { lazy: true }),
        ),
      ],
      "Bad.a: there is no option 'lazy': nothing loads by itself.",
    ],
    [
      'with an unknown option',
      [
        property(
          'a',
          toOne(() => Other, { onDelte: 'CASCADE' }),
        ),
      ],
      "Bad.a: @ManyToOne has no option 'onDelte'. Did you mean 'onDelete'.",
    ],
    [
      'with an unknown action',
      [
        property(
          'a',
          toOne(() => Other, { onDelete: 'DROP' }),
        ),
      ],
      "Bad.a: onDelete 'DROP' is no action. Give one of CASCADE",
    ],
    [
      'with an unknown cascade',
      [
        property(
          'a',
          toOne(() => Other, { cascade: ['delete'] }),
        ),
      ],
      "Bad.a: 'delete' is no cascade",
    ],
    [
      'set to a null that it may not have',
      [
        property(
          'a',
          toOne(() => Other, { onDelete: 'SET NULL' }),
        ),
      ],
      "Bad.a: onDelete 'SET NULL' on a relation that may not be null. Add nullable: true",
    ],
    [
      'that is a column too',
      [
        property(
          'a',
          toOne(() => Other),
          text,
        ),
      ],
      'Bad.a: the property is a relation and carries @Column. Leave @Column out',
    ],
    [
      'one-to-one without @JoinColumn',
      [
        property(
          'a',
          oneToOne(() => Other),
        ),
      ],
      'Bad.a: no side of the relation carries @JoinColumn. Add @JoinColumn() to the side that holds the key.',
    ],
    [
      'many-to-many without @JoinTable',
      [
        property(
          'a',
          manyToMany(() => Other),
        ),
      ],
      'Bad.a: no side of the relation carries @JoinTable',
    ],
    [
      'one-to-many with @JoinColumn',
      [
        property(
          'a',
          toMany(() => Other),
          JoinColumn(),
        ),
      ],
      'Bad.a: @JoinColumn stands on a @OneToMany. Put it on the @ManyToOne of the other side.',
    ],
    [
      'to a column that does not exist',
      [
        property(
          'a',
          toOne(() => Other),
          JoinColumn({ referencedColumnName: 'nam' }),
        ),
      ],
      "Bad.a: there is no column Other.nam to refer to. Did you mean 'name'.",
    ],
    [
      'to a column that is not unique',
      [
        property(
          'a',
          toOne(() => Other),
          JoinColumn({ referencedColumnName: 'name' }),
        ),
      ],
      "Bad: foreign key 'fk_bad_a_name_others' refers to others (name), which no key makes unique.",
    ],
    [
      'with more join columns than the key has',
      [
        property(
          'a',
          toOne(() => Other),
          JoinColumn({ name: 'x' }, { name: 'y' }),
        ),
      ],
      "Bad.a: it has 2 join columns for the 1 columns of Other's key (id).",
    ],
    [
      'with a mistyped option of @JoinColumn',
      [
        property(
          'a',
          toOne(() => Other),
          JoinColumn({ nme: 'x' } as object),
        ),
      ],
      "Bad.a: @JoinColumn has no option 'nme'. Did you mean 'name'.",
    ],
  ])('%s', (_name, classes, expected) => {
    expect(mistakesOf([...classes, Other])).toContainEqual(expect.stringContaining(expected));
  });

  test('whose key stands on both sides', () => {
    class A {}
    class B {}
    for (const [target, other, name] of [
      [A, () => B, 'b'],
      [B, () => A, 'a'],
    ] as const) {
      PrimaryGeneratedColumn()(target.prototype as { id: number }, 'id');
      JoinColumn()(target.prototype, name as never);
      oneToOne(other, name === 'a' ? 'b' : 'a')(target.prototype, name);
      Entity()(target);
    }
    expect(mistakesOf([A, B])).toEqual([
      'A.b: @JoinColumn stands on both sides (A.b and B.a). Leave it on the side that holds the key.',
      'B.a: @JoinColumn stands on both sides (A.b and B.a). Leave it on the side that holds the key.',
    ]);
  });

  test('with an initial value', () => {
    @Entity()
    class Shelf {
      @PrimaryGeneratedColumn() id!: number;
      @untyped(JoinTable()) @untyped(manyToMany(() => Other)) books: Other[] = [];
    }
    expect(mistakesOf([Shelf, Other])).toEqual([
      'Shelf.books: the relation has an initial value. Write books!: with its type and no value, so that a relation that was not loaded stays unset.',
    ]);
  });

  test('to another copy of an entity', () => {
    const Twin = { Other: class {} }.Other;
    expect(
      mistakesOf([
        property(
          'a',
          toOne(() => Twin),
        ),
        Other,
      ])[0],
    ).toContain('The file was loaded twice');
  });

  test('beside a column of another type', () => {
    @Entity()
    class Pet {
      @PrimaryGeneratedColumn() id!: number;
      @Column('text', { nullable: true }) otherId!: string | null;
      @untyped(toOne(() => Other)) other!: Other;
    }
    expect(mistakesOf([Pet, Other])).toEqual([
      'Pet.other: its column is Pet.otherId of type text, but it refers to one of type integer. Give both columns the same type.',
      'Pet.other: its column Pet.otherId is nullable, the relation is not. Say nullable: true on both or on neither.',
    ]);
  });
});

describe('an entity', () => {
  test('with a property that is called __proto__', () => {
    @Entity()
    class Odd {
      @PrimaryGeneratedColumn() id!: number;
      @Column('json') ['__proto__']!: object;
    }
    expect(mistakesOf([Odd])).toContainEqual(
      expect.stringContaining('objects know their prototype by that name'),
    );
  });

  test('without a primary key', () => {
    class NoKey {
      a!: string;
    }
    text(NoKey.prototype, 'a');
    Entity()(NoKey);
    expect(mistakesOf([NoKey])).toEqual([
      'NoKey: the entity has no primary key. Add @PrimaryGeneratedColumn() or @PrimaryColumn(…).',
    ]);
  });

  test('without @Entity', () => {
    expect(mistakesOf([Unlisted])).toEqual([
      'Unlisted: the class is among the entities but carries no @Entity(). Add @Entity(), or leave it out of `entities`.',
    ]);
  });

  test('that cannot be made without arguments', () => {
    @Entity()
    class Strict {
      @PrimaryGeneratedColumn() id!: number;
      constructor(options?: { a: string }) {
        if (options === undefined) throw new TypeError('options are missing');
      }
    }
    expect(mistakesOf([Strict])[0]).toContain(
      'Strict: new Strict() throws (options are missing). Rows become entities by new without arguments',
    );
  });

  test('whose table is that of another', () => {
    @Entity('others')
    class Second {
      @PrimaryGeneratedColumn() id!: number;
    }
    expect(mistakesOf([Other, Second])).toContainEqual(
      "Second: its table 'others' is that of Other as well. Give one of the two another name: @Entity('…').",
    );
  });

  test('whose table is that of a join table', () => {
    @Entity('bad_others')
    class Joined {
      @PrimaryGeneratedColumn() id!: number;
    }
    const bad = property(
      'others',
      manyToMany(() => Other),
      JoinTable(),
    );
    expect(mistakesOf([bad, Other, Joined])).toContainEqual(
      expect.stringContaining("Joined: its table 'bad_others' is that of a many-to-many relation as well"),
    );
  });

  test.each<[string, EntityClass, string]>([
    [
      'a mistyped option',
      entityWithOptions({ nme: 'x' }),
      "Bad: @Entity has no option 'nme'. Did you mean 'name'.",
    ],
    [
      'an order by nothing',
      entityWithOptions({ orderBy: { title: 'ASC' } }),
      "Bad: orderBy names 'title', which is no column",
    ],
    [
      'two decorators of a column',
      property('a', text, Column('integer')),
      'Bad.a: the property is declared twice as @Column',
    ],
    [
      'two columns of one name',
      property('a', Column('text', { name: 'id' })),
      "Bad.a: its column 'id' is that of Bad.id as well",
    ],
    [
      '@JoinColumn on no relation',
      property('a', text, untyped(JoinColumn())),
      'Bad.a: @JoinColumn stands on no relation',
    ],
    ['@JoinTable on nothing', property('a', untyped(JoinTable())), 'Bad.a: @JoinTable stands on no relation'],
    [
      '@Generated on nothing',
      property('a', untyped(Generated('uuid'))),
      'Bad.a: @Generated stands on no column. Add @Column(), or leave it out.',
    ],
    [
      'a uuid in a number',
      property('a', Column('integer'), untyped(Generated('uuid'))),
      "Bad.a: 'uuid' makes no values of type integer",
    ],
    [
      'a counter that is no key',
      property('a', Column('integer'), Generated('increment')),
      "Bad.a: 'increment' is for the primary key",
    ],
    [
      'a generated value with a default',
      property('a', Column('uuid', { default: 'x' }), Generated('uuid')),
      'Bad.a: a generated value has a default as well',
    ],
    [
      'a generated number in a composite key',
      property('a', PrimaryColumn('integer')),
      'Bad.id: a generated number is one of several columns of the primary key',
    ],
    [
      'an embedded class without columns',
      property(
        'a',
        Embedded(() => Unlisted),
      ),
      'Bad.a: the class Unlisted has no columns to embed. Give Unlisted @Embeddable() and its properties @Column.',
    ],
    [
      '@RelationId of nothing',
      property(
        'a',
        RelationId<any>((bad) => bad.b),
      ),
      "Bad.a: @RelationId names 'b', which is no relation",
    ],
    [
      'two versions',
      property('a', VersionColumn(), VersionColumn()),
      'Bad.a: the property is declared twice',
    ],
  ])('with %s', (_name, target, expected) => {
    expect(mistakesOf([target, Other])).toContainEqual(expect.stringContaining(expected));
  });

  test('with two dates of deletion', () => {
    @Entity()
    class Twice {
      @PrimaryGeneratedColumn() id!: number;
      @DeleteDateColumn() a!: Date | null;
      @DeleteDateColumn() b!: Date | null;
    }
    expect(mistakesOf([Twice])).toEqual(['Twice.b: the entity has a second deleteDate column. Keep one.']);
  });

  test('whose enum shares its name but not its values', () => {
    @Entity()
    class Enums {
      @PrimaryGeneratedColumn() id!: number;
      @Column({ enum: ['a'], enumName: 'e' }) a!: 'a';
      @Column({ enum: ['b'], enumName: 'e' }) b!: 'b';
    }
    expect(mistakesOf([Enums])[0]).toContain("Enums.b: its enum 'e' has other values than that of Enums.a");
  });
});

function entityWithOptions(options: object): EntityClass {
  class Bad {}
  PrimaryGeneratedColumn()(Bad.prototype as { id: number }, 'id');
  Entity(options)(Bad);
  return Bad;
}

describe('a key', () => {
  test.each<[string, EntityClass, string]>([
    [
      'an index on nothing',
      onClass(Index(['titel'])),
      "Bad: @Index names 'titel', which is no property with a column. There are id.",
    ],
    [
      'an index on the other side',
      property(
        'a',
        toMany(() => Other),
        Index(),
      ),
      "Bad.a: @Index names 'a', which is no property with a column",
    ],
    [
      'an index without fields',
      onClass(Index('ix')),
      "Bad: @Index names no properties. Name them: @Index(['title', 'author']).",
    ],
    [
      'an index of something else',
      onClass(Index([3 as never])),
      'Bad: @Index holds something that is no field',
    ],
    [
      'a mistyped option',
      onClass(Index(['id'], { uniqe: true } as object)),
      "Bad: @Index has no option 'uniqe'. Did you mean 'unique'.",
    ],
    [
      'a unique on nothing',
      onClass(Unique(['idd'])),
      "Bad: @Unique names 'idd', which is no property with a column. Did you mean 'id'.",
    ],
    [
      'two indexes of one name',
      onClass(Index('ix', ['id']), Index('ix', ['id'], { unique: true })),
      "Bad: index 'ix' exists already, and is another one",
    ],
    [
      'a constraint and an index of one name',
      onClass(Unique('same', ['id']), Index('same', ['id'])),
      "Bad: the constraint or index 'same' stands twice in the table",
    ],
    ['a check without expression', onClass(Check('  ')), 'Bad: @Check has no expression'],
    ['an exclusion without elements', onClass(Exclusion('')), 'Bad: @Exclusion has no elements'],
    [
      'a foreign key to no entity',
      onClass(ForeignKey(() => Unlisted, ['id'], ['id'])),
      'Bad: @ForeignKey leads to Unlisted, which is no entity',
    ],
    [
      'a foreign key to nothing',
      property(
        'a',
        Column('integer'),
        ForeignKey(() => Other, 'idd' as never),
      ),
      "Bad.a: @ForeignKey names Other.idd, which has no column. Did you mean 'id'.",
    ],
    [
      'a foreign key of two lengths',
      onClass(ForeignKey(() => Other, ['id'], ['id', 'name'])),
      'Bad: @ForeignKey has 1 columns here and 2 on Other',
    ],
  ])('%s', (_name, target, expected) => {
    expect(mistakesOf([target, Other])).toContainEqual(expect.stringContaining(expected));
  });

  test('of one name in two tables', () => {
    const [a, b] = ['A', 'B'].map((name) => entity((target) => Index('ix_same', ['id'])(target), name));
    expect(mistakesOf([a as EntityClass, b as EntityClass])).toEqual([
      "B: the constraint or index 'ix_same' stands in table 'a' as well. Give one of the two a name of its own.",
    ]);
  });
});

describe('all mistakes', () => {
  // Both classes are called Bad, which is a mistake of its own.
  test('of all entities are one error', () => {
    const first = property('a', untyped(Column('varchra' as never)));
    const second = property(
      'b',
      toOne(() => Unlisted),
      untyped(JoinColumn({ nme: 'x' } as object)),
    );
    const error = thrownBy(() => buildEntities([first, second, Unlisted, Other]));
    expect(error).toBeInstanceOf(MetadataError);
    expect(error.code).toBe('METADATA_INVALID');
    expect(error.message.split('\n')[0]).toBe('5 mistakes in the entities:');
    expect(error.context.problems).toHaveLength(5);
    expect(error.context.problems).toContainEqual({
      entity: 'Unlisted',
      problem: 'the class is among the entities but carries no @Entity()',
      cure: 'Add @Entity(), or leave it out of `entities`',
    });
  });

  test('are counted in the singular too', () => {
    expect(thrownBy(() => buildEntities([Unlisted])).message).toMatch(
      /^One mistake in the entities:\n {2}- Unlisted: /,
    );
  });
});
