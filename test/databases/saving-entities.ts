/** Entities of the tests of saving: every kind of relation, circles, composite keys, versions, soft deletion. */

import {
  Column,
  CreateDateColumn,
  DeleteDateColumn,
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
  UpdateDateColumn,
  VersionColumn,
} from 'limbeck';

@Entity('people')
export class Person {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @Column('integer', { nullable: true }) bossId!: number | null;
  @ManyToOne(
    () => Person,
    (person) => person.reports,
    { nullable: true, cascade: ['insert'] },
  )
  @JoinColumn({ name: 'boss_id' })
  boss!: One<Person> | null;
  @OneToMany(
    () => Person,
    (person) => person.boss,
    { cascade: ['insert', 'update'] },
  )
  reports!: Many<Person>;
  @OneToOne(
    () => Passport,
    (passport) => passport.person,
    { cascade: ['insert', 'update', 'remove'], nullable: true },
  )
  passport!: One<Passport> | null;
}

@Entity('passports')
export class Passport {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) number!: string;
  @OneToOne(
    () => Person,
    (person) => person.passport,
    { nullable: true },
  )
  @JoinColumn()
  person!: One<Person> | null;
}

@Entity('orders')
export class Order {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column('varchar', { length: 50 }) customer!: string;
  @VersionColumn() version!: number;
  @CreateDateColumn() createdAt!: Date;
  @UpdateDateColumn() updatedAt!: Date;
  @OneToMany(
    () => Line,
    (line) => line.order,
    { cascade: true },
  )
  lines!: Many<Line>;
  @ManyToMany(
    () => Label,
    (label) => label.orders,
    { cascade: ['insert'] },
  )
  @JoinTable()
  labels!: Many<Label>;
}

@Entity('order_lines')
export class Line {
  @PrimaryColumn('uuid') orderId!: string;
  @PrimaryColumn('integer') place!: number;
  @Column('varchar', { length: 20 }) article!: string;
  @Column('decimal', { precision: 10, scale: 2, default: 1 }) price!: string;
  @ManyToOne(
    () => Order,
    (order) => order.lines,
    { orphanedRowAction: 'delete', onDelete: 'CASCADE' },
  )
  @JoinColumn({ name: 'order_id' })
  order!: One<Order>;
}

@Entity('labels')
export class Label {
  @PrimaryColumn('varchar', { length: 20 }) name!: string;
  @Column('integer', { default: 0 }) weight!: number;
  @ManyToMany(
    () => Order,
    (order) => order.labels,
  )
  orders!: Many<Order>;
}

@Entity('folders')
export class Folder {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) name!: string;
  @DeleteDateColumn() deletedAt!: Date | null;
  @VersionColumn() version!: number;
  @OneToMany(
    () => File,
    (file) => file.folder,
    { cascade: ['insert', 'soft-remove', 'recover'], orphanedRowAction: 'soft-delete' },
  )
  files!: Many<File>;
}

@Entity('files')
export class File {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) name!: string;
  @DeleteDateColumn() deletedAt!: Date | null;
  @ManyToOne(
    () => Folder,
    (folder) => folder.files,
  )
  folder!: One<Folder>;
}

@Entity('teams')
export class Team {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) name!: string;
  @ManyToOne(() => Player, { nullable: true, cascade: ['insert', 'remove'] }) captain!: One<Player> | null;
  @OneToMany(
    () => Player,
    (player) => player.team,
    { cascade: ['insert', 'remove'] },
  )
  players!: Many<Player>;
}

@Entity('players')
export class Player {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) name!: string;
  @ManyToOne(
    () => Team,
    (team) => team.players,
    { cascade: ['insert'] },
  )
  team!: One<Team>;
}

@Entity('hens')
export class Hen {
  @PrimaryGeneratedColumn() id!: number;
  @ManyToOne(() => Egg, { cascade: ['insert'] }) hatchedFrom!: One<Egg>;
}

@Entity('eggs')
export class Egg {
  @PrimaryGeneratedColumn() id!: number;
  @ManyToOne(() => Hen, { cascade: ['insert'] }) laidBy!: One<Hen>;
}

export const entities = [Person, Passport, Order, Line, Label, Folder, File, Team, Player, Hen, Egg];

/** Where keys may be checked when the transaction ends. */
@Entity('lefts')
export class Left {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @ManyToOne(() => Right, { cascade: ['insert'], deferrable: 'INITIALLY DEFERRED' }) right!: One<Right>;
}

@Entity('rights')
export class Right {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @ManyToOne(() => Left, { cascade: ['insert'], deferrable: 'INITIALLY DEFERRED' }) left!: One<Left>;
}
