/**
 * Standard decorators: columns against their properties.
 * Every must-not-compile line stands right below its `@ts-expect-error`; everything else must compile.
 */

import {
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Embedded,
  Entity,
  Generated,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
  VersionColumn,
  VirtualColumn,
} from '../../src/decorators/index';
import type { One } from '../../src/metadata/relation-types';

class Money {
  constructor(readonly cents: number) {}
}
const money = { to: (value: Money) => value.cents, from: (cents: number) => new Money(cents) };
const untyped = { to: (value: any): any => value, from: (value: any): any => value };

enum Status {
  Draft = 'draft',
  Published = 'published',
}
enum Level {
  Low = 1,
  High = 2,
}
type UserId = string & { readonly brand: 'UserId' };

export class Address {
  @Column('text') street!: string;
}
export class Other {
  id!: number;
}

export class Compiles {
  @PrimaryGeneratedColumn() id!: number;
  @PrimaryGeneratedColumn('uuid') uuid!: string;
  @PrimaryGeneratedColumn('increment', { type: 'bigint' }) big!: bigint;
  @PrimaryGeneratedColumn({ type: 'bigint', as: 'string' }) bigText!: string;
  @PrimaryColumn('varchar', { length: 13 }) isbn!: string;
  @Column('integer') a!: number;
  @Column('integer', { nullable: true }) b!: number | null;
  @Column({ type: 'varchar', length: 200 }) c!: string;
  @Column({ length: 20 }) d!: string;
  @Column({ precision: 10, scale: 2 }) e!: string;
  @Column('decimal', { precision: 10, scale: 2, as: 'number' }) f!: number;
  @Column({ enum: ['a', 'b'] }) g!: 'a' | 'b';
  @Column('enum', { enum: Status, default: Status.Draft }) h!: Status;
  @Column('bigint') i!: bigint;
  @Column('bigint', { as: 'number' }) j!: number;
  @Column('timestamp') k!: Date;
  @Column('timestamptz', { precision: 6 }) l!: string;
  @Column('date') m!: string;
  @Column('json') n!: { theme: string; nested: { a: number } };
  @Column('jsonb', { nullable: true }) o!: string[] | null;
  @Column('blob') p!: Buffer;
  @Column('bytea') q!: Uint8Array;
  @Column('simple-array') r!: string[];
  @Column('integer', { array: true }) s!: number[];
  @Column('integer', { transformer: money }) t!: Money;
  @Column('integer', { transformer: money, nullable: true }) u!: Money | null;
  @Column('text', { transformer: untyped }) v!: Map<string, string>;
  @Column({ postgres: 'tsvector', default: 'text' }) w!: string;
  @Column({ postgres: 'inet', default: 'text' }, { nullable: true }) x!: string | null;
  @Column('text') y: any;
  @Column('text') z!: unknown;
  // Narrower than the column is fine: the application knows more than the database.
  @Column('varchar') kind!: 'x' | 'y';
  @Column('uuid') owner!: UserId;
  @Column('smallint') level!: Level;
  @Column('text') optional?: string;
  @Column('text', { nullable: true }) both?: string | null;
  @Column('text', { nullable: 1 > 2 }) unknown!: string;
  @Column('boolean', { default: false }) readonly flag!: boolean;
  @Column('varchar', { length: '150' }) text!: string;
  @Column('text') protected guarded!: string;
  @Column('text') private hidden!: string;
  @Column('uuid')
  @Generated('uuid')
  token!: string;
  @CreateDateColumn() createdAt!: Date;
  @UpdateDateColumn({ type: 'timestamptz', precision: 6 }) updatedAt!: string;
  @DeleteDateColumn() deletedAt!: Date | null;
  @VersionColumn() version!: number;
  @VirtualColumn('integer', { query: (alias) => `SELECT count(*) FROM x WHERE y = ${alias}.id` })
  count!: number;
  @Embedded(() => Address, { prefix: 'home_' }) home!: Address;
  @Column(() => Address) work!: Address;
  use(): string {
    return this.hidden;
  }
}

export class DoesNotCompile {
  // @ts-expect-error a number on a string
  @Column('integer') a!: string;
  // @ts-expect-error a string on a number
  @Column('varchar') b!: number;
  // @ts-expect-error nullable on a property that cannot be null
  @Column('text', { nullable: true }) c!: string;
  // @ts-expect-error not null on a property that may be null
  @Column('text') d!: string | null;
  // @ts-expect-error optional is not null
  @Column('text', { nullable: true }) e?: string;
  // @ts-expect-error no such type
  @Column('varchra') f!: string;
  // @ts-expect-error no such type among the options
  @Column({ type: 'strnig' }) g!: string;
  // @ts-expect-error bigint is no number
  @Column('bigint') h!: number;
  // @ts-expect-error as a number it is no bigint
  @Column('bigint', { as: 'number' }) i!: bigint;
  // @ts-expect-error decimal is an exact string
  @Column('decimal', { precision: 10, scale: 2 }) j!: number;
  // @ts-expect-error date is a string
  @Column('date') k!: Date;
  // @ts-expect-error more than milliseconds do not fit into a Date
  @Column('timestamp', { precision: 6 }) l!: Date;
  // @ts-expect-error not one of the enum's values
  @Column({ enum: ['a', 'b'] }) m!: 'a' | 'c';
  // @ts-expect-error a numeric enum has no values to store
  @Column('enum', { enum: Level }) n!: Level;
  // @ts-expect-error an array of numbers
  @Column('integer', { array: true }) o!: number;
  // @ts-expect-error strings only
  @Column('simple-array') p!: number[];
  // @ts-expect-error the transformer makes Money
  @Column('integer', { transformer: money }) q!: number;
  // @ts-expect-error Money may be null
  @Column('integer', { transformer: money }) r!: Money | null;
  // @ts-expect-error no such option
  @Column('text', { nulable: true }) s!: string;
  // @ts-expect-error eager is no option of a column
  @Column({ type: 'text', eager: true }) t!: string;
  // @ts-expect-error a length of no number
  @Column('varchar', { length: 'long' }) u!: string;
  // @ts-expect-error wider than the column: a number would be refused on write
  @Column('text') v!: string | number;
  // @ts-expect-error a relation is no column
  @Column('json') w!: One<Other>;
  // @ts-expect-error length says varchar
  @Column({ length: 20 }) x!: number;
  // @ts-expect-error precision says decimal
  @Column({ precision: 10 }) y!: Date;
  // @ts-expect-error no such database
  @Column({ oracle: 'CLOB' }) z!: string;
}

export class KeysDoNotCompile {
  // @ts-expect-error a uuid is a string
  @PrimaryGeneratedColumn('uuid') a!: number;
  // @ts-expect-error increment is a number
  @PrimaryGeneratedColumn() b!: string;
  // @ts-expect-error no such strategy
  @PrimaryGeneratedColumn('sequence') c!: number;
  // @ts-expect-error a key is never null
  @PrimaryColumn('integer', { nullable: true }) d!: number | null;
  // @ts-expect-error a key is never null
  @PrimaryColumn('integer') e!: number | null;
  // @ts-expect-error a Date
  @CreateDateColumn() f!: string;
  // @ts-expect-error always nullable
  @DeleteDateColumn() g!: Date;
  // @ts-expect-error never null
  @UpdateDateColumn() h!: Date | null;
  // @ts-expect-error a number
  @VersionColumn() i!: string;
  // @ts-expect-error a uuid is a string
  @Generated('uuid') j!: number;
  // @ts-expect-error another class
  @Embedded(() => Address) k!: Money;
  // @ts-expect-error a number
  @VirtualColumn('integer', { query: () => '1' }) l!: string;
  // @ts-expect-error an expression makes no key
  @PrimaryColumn('integer', { asExpression: '1' }) m!: number;
}

// @ts-expect-error new E() must work without arguments
@Entity()
export class NeedsArguments {
  constructor(readonly id: number) {}
}

@Entity({ name: 'shapes', comment: 'bases may be abstract', sqlite: { strict: true } })
export abstract class Shape {
  constructor(readonly label?: string) {}
}

// @ts-expect-error no such option
@Entity({ tableName: 'x' })
export class Misnamed {}

export class StandardOnly {
  // @ts-expect-error no type and nothing that tells it
  @Column() a!: string;
  // @ts-expect-error a default does not tell the type
  @Column({ default: 3 }) b!: number;
  // @ts-expect-error a transformer does not tell the column's type
  @Column({ transformer: money }) c!: Money;
  // @ts-expect-error no type
  @PrimaryColumn() d!: string;
  // @ts-expect-error private properties are checked here
  @Column('integer') private e!: string;
  @Column('text') accessible!: string;
  use(): string {
    return this.e;
  }
}
