/**
 * Families of classes and views: what their decorators and repositories let through.
 * Every must-not-compile line stands right below its `@ts-expect-error`; everything else must compile.
 */

import { expectTypeOf } from 'expect-type';
import {
  ChildEntity,
  Column,
  type DataSource,
  Entity,
  ManyToOne,
  type One,
  PrimaryGeneratedColumn,
  sql,
  TableInheritance,
  ViewColumn,
  ViewEntity,
} from 'limbeck';

@Entity()
@TableInheritance({ pattern: 'CTI', column: { name: 'kind', type: 'varchar', length: 20 }, value: 'animal' })
export abstract class Animal {
  @PrimaryGeneratedColumn() id!: number;
}

@ChildEntity('dog', { name: 'dogs', comment: 'They bark.' })
export class Dog extends Animal {
  @Column('integer') barks!: number;
  @Column('enum', { enum: ['a', 'b'], array: true }) letters!: ('a' | 'b')[];
}

@ChildEntity({ name: 'cats' })
export class Cat extends Animal {}

// @ts-expect-error there is no such pattern
@TableInheritance({ pattern: 'XTI' })
export class Odd {}

// @ts-expect-error a child has no columns to say so much of
@ChildEntity('x', { withoutRowid: true })
export class Strange extends Animal {}

@ViewEntity({ expression: 'SELECT 1', materialized: true, dependsOn: [Dog, 'cats'] })
export class Plain {
  @ViewColumn() one!: number;
  @ViewColumn('decimal', { as: 'number' }) two!: number | null;
  @ViewColumn({ name: 'x', transformer: { to: (v: unknown) => v, from: String } }) three!: string;
  // @ts-expect-error an integer is no string
  @ViewColumn('integer') four!: string;
  // @ts-expect-error a view has no defaults
  @ViewColumn({ default: 1 }) five!: number;
}

@ViewEntity('named', {
  expression: ({ table, column }) => sql`SELECT ${column(Dog, 'barks')} FROM ${table(Dog)}`,
})
export class Named {}

// @ts-expect-error a view is a query
@ViewEntity({ name: 'nothing' })
export class Nothing {}

export async function reading(source: DataSource) {
  const animals = await source.getRepository(Animal).find();
  expectTypeOf(animals[0]).toHaveProperty('id');
  const dogs = await source.getRepository(Dog).findBy({ barks: 1, id: 2 });
  expectTypeOf(dogs[0]).toHaveProperty('barks');
  // @ts-expect-error the root does not know what its children have
  await source.getRepository(Animal).findBy({ barks: 1 });
  await source.getRepository(Animal).save(new Dog());
  expectTypeOf(source.manager.refreshMaterializedView(Plain, { concurrently: true })).resolves.toBeVoid();
}

@ChildEntity('lynx')
export class Lynx extends Cat {
  @Column('integer') ears!: number;
  @ManyToOne(() => Keeper) keeper!: One<Keeper>;
}

@Entity()
export class Keeper {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') name!: string;
  @ManyToOne(() => Animal) first!: One<Animal | Lynx>;
}

/** Whoever names the classes that rows may be of, may ask for what they add, and learns what came of it. */
export async function readingSeveral(source: DataSource) {
  const animals = source.getRepository<Animal | Dog | Lynx>(Animal);
  const found = await animals.find({
    where: [{ barks: 3 }, { keeper: { name: 'a' } }],
    relations: { keeper: true },
    order: { ears: 'asc', id: 'desc' },
  });
  for (const each of found) {
    expectTypeOf(each.id).toEqualTypeOf<number>();
    // @ts-expect-error not every one is a dog
    each.barks;
    if ('barks' in each) expectTypeOf(each.barks).toEqualTypeOf<number>();
    if ('keeper' in each) expectTypeOf(each.keeper.name).toEqualTypeOf<string>();
    if (each instanceof Lynx) expectTypeOf(each.ears).toEqualTypeOf<number>();
  }
  const some = await animals.find({ select: { id: true, barks: true } });
  for (const each of some) {
    expectTypeOf(each.id).toEqualTypeOf<number>();
    // @ts-expect-error it was not selected
    each.letters;
  }
  await animals.findBy({ barks: 3 });
  // @ts-expect-error none of them has it
  await animals.find({ where: { tails: 3 } });
  // @ts-expect-error nor such a relation
  await animals.find({ relations: { keepers: true } });
  // @ts-expect-error nor has a keeper a tail
  await animals.find({ relations: { keeper: { relations: { tail: true } } } });
  // @ts-expect-error a number is no text
  await animals.find({ where: { barks: 'x' } });
}
