/** Entities with every type of column and every kind of relation, for tests of conditions. */

import {
  Column,
  DeleteDateColumn,
  Embeddable,
  Embedded,
  Entity,
  JoinColumn,
  JoinTable,
  type Many,
  ManyToMany,
  ManyToOne,
  type One,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
} from 'limbeck';

@Entity('owners')
export class Owner {
  @PrimaryColumn('bigint') id!: bigint;
  @Column('varchar', { length: 20, nullable: true }) name!: string | null;
  @Column('integer', { nullable: true }) age!: number | null;
  @OneToMany(
    () => Thing,
    (thing) => thing.owner,
  )
  things!: Many<Thing>;
}

@Entity('slots')
export class Slot {
  @PrimaryColumn('integer') line!: number;
  @PrimaryColumn('varchar', { length: 10 }) place!: string;
  @Column('varchar', { length: 20, nullable: true }) label!: string | null;
  @OneToMany(
    () => Thing,
    (thing) => thing.slot,
  )
  things!: Many<Thing>;
}

@Entity('tags')
export class Tag {
  @PrimaryColumn('varchar', { length: 10 }) name!: string;
  @Column('double', { nullable: true }) weight!: number | null;
  @ManyToMany(
    () => Thing,
    (thing) => thing.tags,
  )
  things!: Many<Thing>;
}

@Embeddable()
export class Maker {
  @Column('varchar', { length: 20, nullable: true }) city!: string | null;
  @Column('integer', { nullable: true }) zip!: number | null;
}

@Entity('things')
export class Thing {
  @PrimaryColumn('integer') id!: number;
  @Column('smallint', { nullable: true }) small!: number | null;
  @Column('integer', { nullable: true }) int!: number | null;
  @Column('bigint', { nullable: true }) big!: bigint | null;
  @Column('real', { nullable: true }) real!: number | null;
  @Column('double', { nullable: true }) double!: number | null;
  @Column('decimal', { precision: 15, scale: 4, nullable: true }) dec!: string | null;
  @Column('boolean', { nullable: true }) flag!: boolean | null;
  @Column('varchar', { length: 20, nullable: true }) short!: string | null;
  @Column('text', { nullable: true }) long!: string | null;
  @Column('date', { nullable: true }) day!: string | null;
  @Column('time', { nullable: true }) clock!: string | null;
  @Column('timestamp', { nullable: true }) at!: Date | null;
  @Column('timestamptz', { precision: 6, nullable: true }) micro!: string | null;
  @Column('json', { nullable: true }) json!: unknown;
  @Column('uuid', { nullable: true }) uuid!: string | null;
  @Column('blob', { nullable: true }) bytes!: Buffer | null;
  @Column('enum', { enum: ['b', 'a', 'c'], nullable: true }) mood!: 'a' | 'b' | 'c' | null;
  @Column('simple-array', { nullable: true }) list!: string[] | null;
  @Embedded(() => Maker) maker!: Maker;
  @ManyToOne(
    () => Owner,
    (owner) => owner.things,
    { nullable: true },
  )
  owner!: One<Owner> | null;
  @ManyToOne(
    () => Slot,
    (slot) => slot.things,
    { nullable: true },
  )
  @JoinColumn([
    { name: 'slot_line', referencedColumnName: 'line' },
    { name: 'slot_place', referencedColumnName: 'place' },
  ])
  slot!: One<Slot> | null;
  @ManyToOne(
    () => Thing,
    (thing) => thing.children,
    { nullable: true },
  )
  parent!: One<Thing> | null;
  @OneToMany(
    () => Thing,
    (thing) => thing.parent,
  )
  children!: Many<Thing>;
  @ManyToMany(
    () => Tag,
    (tag) => tag.things,
  )
  @JoinTable()
  tags!: Many<Tag>;
  @OneToMany(
    () => Note,
    (note) => note.thing,
  )
  notes!: Many<Note>;
  @OneToOne(
    () => Badge,
    (badge) => badge.thing,
    { nullable: true },
  )
  badge!: One<Badge> | null;
}

@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20, nullable: true }) text!: string | null;
  @Column('integer', { nullable: true }) stars!: number | null;
  @DeleteDateColumn() deletedAt!: Date | null;
  @ManyToOne(
    () => Thing,
    (thing) => thing.notes,
    { nullable: true },
  )
  thing!: One<Thing> | null;
}

@Entity('badges')
export class Badge {
  @PrimaryColumn('integer') id!: number;
  @Column('integer', { nullable: true }) level!: number | null;
  @OneToOne(
    () => Thing,
    (thing) => thing.badge,
  )
  @JoinColumn()
  thing!: One<Thing>;
}

export const entities = [Owner, Slot, Tag, Thing, Note, Badge];
