/**
 * Standard decorators: keys, checks, classes and listeners.
 * Every must-not-compile line stands right below its `@ts-expect-error`; everything else must compile.
 */

import { sql } from '../../src/ast/sql';
import {
  AfterLoad,
  BeforeInsert,
  Check,
  ChildEntity,
  Column,
  Embeddable,
  Entity,
  EventSubscriber,
  Exclusion,
  ForeignKey,
  Index,
  TableInheritance,
  Unique,
} from '../../src/decorators/index';

@Entity('countries')
export class Country {
  @Column('char', { length: 2 }) code!: string;
}

@Entity('people', { comment: 'who', withoutRowid: true })
@TableInheritance({ column: { name: 'kind', type: 'varchar' } })
@Index(['name', 'born'], { unique: true, where: 'name IS NOT NULL' })
@Index('ix_lower', [sql`lower(name)`, { property: 'born', order: 'desc' }])
@Index((person) => [person.name])
@Unique('uq_name', ['name'])
@Unique((person) => [person.name, person.born])
@Check('name_is_long', sql`length(name) > ${3}`)
@Check('length(name) > 3')
@ForeignKey(() => Country, ['country'], ['code'])
@Exclusion('USING gist (room WITH =)')
export class Person {
  @Index() @Unique() @Check("name <> ''") @Column('text') name!: string;
  @Index('by_birth', { order: 'DESC' }) @Column('date') born!: string;
  @ForeignKey(() => Country, 'code', { onDelete: 'RESTRICT' })
  @Column('char', { length: 2 })
  country!: string;
  @ForeignKey(
    () => Country,
    (country) => country.code,
  )
  @Column('char', { length: 2 })
  birthplace!: string;
  @BeforeInsert() trim(): void {}
  @AfterLoad() async compute(): Promise<void> {}
}

@ChildEntity('employee')
export class Employee extends Person {}

@Embeddable()
export class Address {}

@EventSubscriber()
export class Audit {
  constructor(readonly log: string) {}
}

export class DoesNotCompile {
  // @ts-expect-error listeners are methods
  @BeforeInsert() a!: string;
  // @ts-expect-error @Entity is for classes
  @Entity() b!: string;
  // @ts-expect-error no such property of the other entity
  @ForeignKey(() => Country, 'cod') c!: string;
  // @ts-expect-error no such option
  @Index({ uniqe: true }) d!: string;
  // @ts-expect-error no such direction
  @Index({ order: 'down' }) e!: string;
  // @ts-expect-error an expression is text or sql``
  @Check(3) f!: string;
  // @ts-expect-error columns are for properties
  @Column('text') g(): void {}
  // @ts-expect-error no such moment
  @Unique({ deferrable: 'LATER' }) h!: string;
}

// @ts-expect-error @Column is for properties
@Column('text')
export class NoColumn {}

// @ts-expect-error new E() must work without arguments
@ChildEntity('x')
export class Child extends Person {
  constructor(readonly id: number) {
    super();
  }
}

// @ts-expect-error the other entity has no such property
@ForeignKey(() => Country, ['country'], ['iso'])
export class Traveller {}
